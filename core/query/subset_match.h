// Whether and how a changed row affects a subset that is loaded, told from the row before and after
// it alone: what a subset costs per change does not depend on how many rows it has. A page is known
// by its last row only, and, where it has an offset, its first. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/query/evaluator.h"
#include "core/query/order_key.h"
#include "core/query/subset.h"

namespace cairn {

// What a change means for a subset, and what whoever holds its rows does. "Drops" is for the subset
// alone: the row itself goes only where no other subset holds it.
enum class SubsetVerdict : uint8_t {
  kNone,    // Nothing: the row is in it neither before nor after.
  kEnters,  // Adds the row.
  kLeaves,  // Drops the row; no other one takes its place.
  // Replaces the row, which may sort elsewhere in the page now. Where it ties with a cursor now,
  // outside of the limit, the page may have room: see `missing()`.
  kChanges,
  // Adds the row and drops the last one, which is another. Tells the new last row by set_page()
  // before the next change.
  kPushesOut,
  // Drops the row, and reads one after `boundary()`, or after the commit's last change as many as
  // `missing()`. Then set_page().
  kRefill,
  // Cannot be decided: loads this subset again. Then set_page().
  kReload,
};

class SubsetMatcher {
 public:
  // `host`: whether there is one that ranks texts and knows dates; as for HostAnswers. The keys of
  // a subset by keys differ. Throws kMalformed, kCorrupt for a cursor's values.
  SubsetMatcher(Subset subset, bool host);
  SubsetMatcher(const SubsetMatcher&) = delete;
  SubsetMatcher& operator=(const SubsetMatcher&) = delete;

  struct Row {
    Bytes key;  // encoded
    int64_t number = 0;
    Bytes stored;  // empty: there is no such row
  };

  // What is loaded of the subset.
  struct LoadedPage {
    // How many rows, without those that `ties_with_cursor` holds for.
    uint64_t rows = 0;
    // All rows that match were loaded, up to the end of the order. Where the limit is reached it
    // need not be known whether there are others: false then.
    bool holds_all = false;
    // The last of these rows; needed where the limit is reached or the page does not hold all.
    // Without it the next row that enters a full page reloads.
    std::optional<Row> last;
    // The first one, where the subset has an offset; needed after each load, kept without it.
    std::optional<Row> first;
  };

  // Until it is called for the first time, and after kPushesOut and kReload until it is called
  // again, all changes of rows that match before or after are kReload. Throws as `match` does.
  void set_page(const LoadedPage& page, ShapeReader& shapes);

  // The verdict about a row whose stored form changes from `before` to `after`, either empty where
  // there is no such row. A row that got another number meanwhile is deleted and inserted: two
  // changes. Verdicts are taken to be carried out in the order of calls. The shapes are those of
  // one dictionary in all calls. Throws kCorrupt, kMalformed; what JavaScript throws is kReload,
  // and the load tells of it.
  //
  // kReload comes of:
  // - a page of which too little was told (see set_page);
  // - evaluation that throws, or that needs a host for a date;
  // - with a limit, an offset or a cursor: an order by locale where there is a host, if the first
  //   clause in which the row differs from the page's end or start has texts or arrays in both; and
  //   all changes after a cursor without a key that has such a value, where there is a limit;
  // - an offset: a row that matches crosses the page's start, in either direction;
  // - a cursor without a key and with a limit: a row that ties with the cursor moves to after those
  //   that do, into a page without room.
  // Rows before a cursor are never in the subset: their changes are kNone.
  SubsetVerdict match(Bytes key, int64_t number, Bytes before, Bytes after, ShapeReader& shapes);

  // How many rows a page lacks: more with each kRefill, fewer with each row that enters. A commit
  // of several changes is matched first and filled then, once, from the state after it.
  uint64_t missing() const { return holds_all_ ? 0 : room_; }
  // Whether the last row is to be told again, as it left or moved, or as rows entered up to the
  // limit: without it the next row that enters is kReload.
  bool wants_last() const { return known_ && counts_ && room_ == 0 && !last_known_; }
  // Where the page that does not hold all ends: the encoded values of the order, then the key. No
  // row of the page is after it and all others are. Without an order: the row's number, or the
  // place of its key in the list of keys, in eight bytes, the most significant first and its sign
  // bit turned. Valid until the next call.
  std::string_view boundary() const { return end_.view(); }

  // Whether a row that is in the subset equals a cursor that has no key: such rows are outside of
  // the limit.
  bool ties_with_cursor(const Row& row, ShapeReader& shapes);

  const Subset& subset() const { return subset_; }

 private:
  // A place in the order as bytes. What follows a text that only a host can rank is not known.
  struct Position {
    ByteBuffer bytes;
    bool complete = true;
    std::string_view view() const { return as_text(bytes.bytes()); }
  };
  enum class Side : uint8_t { kBefore, kEqual, kAfter, kUnknown };
  enum class Place : uint8_t {
    kOut,      // does not match, or is not between the cursor and the page's end
    kSkipped,  // by the offset
    kTie,      // with the cursor
    kPage,
    kUnknown
  };

  static Side side_of(const Position& position, const Position& mark);
  void begin_order();
  bool needs_position() const { return counts_ || !start_.bytes.empty() || subset_.offset > 0; }
  bool put_value(const Operand& value, const OrderOptions& options, Position& out) const;
  bool locate(const Row& row, Position& out);
  Place judge(const Row& row, ShapeReader& shapes, Position& position);
  Place place_in_order(const Position& position) const;
  Place place_after_cursor(const Position& position) const;
  Place place_after_start(const Position& position) const;
  std::optional<bool> matches(const Row& row);
  Place give_up(Position& position);
  bool find(const Row& row, ShapeReader& shapes, Position& position);
  void forget_last_if_moved();
  SubsetVerdict verdict_of(Place before, Place after);
  SubsetVerdict enter();
  SubsetVerdict leave();
  SubsetVerdict stay(Place before, Place after);
  SubsetVerdict reload();

  const Subset subset_;
  HostAnswers host_;
  RowFields fields_;
  std::optional<Evaluator> where_;
  std::vector<Evaluator> clauses_;
  std::vector<OrderOptions> options_;
  std::unordered_map<std::string_view, uint64_t> keys_;  // where each stands in the list
  const bool counts_;                                    // there is a limit

  bool known_ = false;       // what is loaded
  bool holds_all_ = false;   // all rows after the start
  bool skips_all_ = false;   // no more rows matched than the offset skips
  bool last_known_ = false;  // a row of the page is at its end
  uint64_t room_ = 0;        // how many rows fewer than the limit there are
  Position end_;             // see boundary()
  // A cursor's, or of the first row after those that are skipped: they are before it, and no row of
  // the page is.
  Position start_;
  Position before_;
  Position after_;
};

}  // namespace cairn
