// One loaded subset of a replica: which rows its consumer holds because of it, and what a changed
// row means for it. Of a subset without a limit a bit per row is kept, of a page the rows as they
// are stored, so that its last row is known without reading. One thread at a time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/collection/row_set.h"
#include "core/query/subset_match.h"

namespace cairn {

class SubsetView {
 public:
  // A row that was held and is not any more.
  struct Left {
    int64_t number;
    std::string key;  // encoded; empty where it has to be looked up
  };

  // `bytes`: the Subset table that was asked for.
  SubsetView(std::string bytes, const Subset& subset, bool host);

  const std::string& bytes() const { return bytes_; }
  const Subset& subset() const { return matcher_.subset(); }
  // Whether the consumer holds the row because of it; while it loads, also what it held before.
  bool has(int64_t number) const;

  // Loading: begin, each row in the order of the subset, end. What was held before and did not come
  // again is given by end_load().
  void begin_load();
  void load(Bytes key, int64_t number, Bytes stored);
  std::vector<Left> end_load();
  bool is_loading() const { return loading_; }

  // A row as it is now, `stored` empty where it is gone. Rows that fall out of the page for it are
  // added to `left`, this row never. Gives whether the subset holds the row now.
  bool change(Bytes key, int64_t number, Bytes stored, ShapeReader& shapes,
              std::vector<Left>& left);
  // The changes so far could not be followed: it is to be loaded again.
  bool is_stale() const { return stale_; }

 private:
  struct Row {
    std::string key;
    std::string stored;
  };

  SubsetMatcher::Row row_of(int64_t number) const;
  bool follow(SubsetVerdict verdict, Bytes key, int64_t number, Bytes stored, ShapeReader& shapes,
              std::vector<Left>& left);
  bool follow_in_set(SubsetVerdict verdict, int64_t number);
  void push_out(ShapeReader& shapes, std::vector<Left>& left);
  std::vector<int64_t> counted_in_order(ShapeReader& shapes);
  void tell_page(ShapeReader& shapes);

  std::string bytes_;
  SubsetMatcher matcher_;
  const bool pages_;  // has a limit, an offset or a cursor
  RowSet set_;
  std::map<int64_t, Row> rows_;
  RowSet old_set_;  // while loading: what was held before
  std::map<int64_t, Row> old_rows_;
  bool loading_ = false;
  bool stale_ = false;
  bool told_ = false;  // the matcher knows the page
};

}  // namespace cairn
