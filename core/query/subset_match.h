// Whether and how a changed row affects a subset that a consumer has loaded, pages included: so
// that a replica applies changes row by row and need not load again. Knows where the loaded page
// ends, but not its rows: the cost does not depend on their number. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/query/evaluator.h"
#include "core/query/order_key.h"
#include "core/query/subset.h"

namespace cairn {

enum class SubsetEffect : uint8_t {
  kNone,       // the page is as it was
  kEnters,     // put the row in its place
  kPushesOut,  // put the row in its place, and drop the last row of the page
  kLeaves,     // drop the row
  kRefills,    // drop the row, and read one row after the page's end
  kChanges,    // the row stays; it may have another place
  kReloads     // it cannot be told here: load this subset again
};

// A row as the engine has it. `row` is a stored row, empty where there is none.
struct SubsetRow {
  int64_t number = 0;
  Bytes key;
  Bytes row;
};

class SubsetMatcher {
 public:
  // `host`: whether a host ranks texts. Where it would have to be asked, the subset reloads.
  SubsetMatcher(std::shared_ptr<const Subset> subset, bool host);
  SubsetMatcher(const SubsetMatcher&) = delete;
  SubsetMatcher& operator=(const SubsetMatcher&) = delete;

  // What is loaded: all rows that match, as long as they are fewer than the limit; or a full page,
  // of which this row is the last. Tell it after each load, when a page becomes full, and when its
  // last row was dropped or read. Throws what evaluating throws.
  void set_all() { end_.reset(); }
  void set_last(const SubsetRow& last, ShapeReader& shapes);

  // The effect of a change. `before` and `after` are the same row; it has one number, unless it was
  // deleted and inserted again: that is two changes. Reloads where a value cannot be evaluated or
  // ordered without a host, and where rows come or go before the end of a subset with an offset, of
  // a page after a cursor without a key, or of keys with a limit.
  SubsetEffect match(const SubsetRow& before, const SubsetRow& after, ShapeReader& shapes);

 private:
  // Where a row stands: nothing where it does not match. Empty where that cannot be told.
  struct Place {
    bool known = true;
    std::optional<std::string> position;
  };

  Place place_of(const SubsetRow& row, ShapeReader& shapes);
  bool encode(const SubsetRow& row, std::string& position);
  bool is_after_start(const std::string& position) const;
  bool is_inside(const Place& place) const;
  // Whether a row that comes or goes may move others over a border that is not known here.
  bool shifts() const;

  std::shared_ptr<const Subset> subset_;
  HostAnswers host_;
  RowFields fields_;
  std::optional<Evaluator> where_;
  std::vector<Evaluator> clauses_;
  std::vector<OrderOptions> options_;
  std::set<std::string> keys_;
  std::optional<std::string> start_;  // the cursor's place
  std::optional<std::string> end_;    // of a full page: the place of its last row
};

}  // namespace cairn
