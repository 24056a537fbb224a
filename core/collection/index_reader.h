// Reads the entries of one index, range by range, or their rows, in their order or from the end.
// One thread at a time.
#pragma once

#include <functional>
#include <vector>

#include "core/collection/candidates.h"
#include "core/query/planner.h"
#include "core/storage/connection.h"

namespace cairn {

class IndexReader {
 public:
  // `values`: how many expressions the index is over.
  IndexReader(Connection& connection, int64_t collection, int64_t index, size_t values)
      : connection_(connection), collection_(collection), index_(index), values_(values) {}

  // How many entries there are in the ranges, up to `most`.
  uint64_t count(const std::vector<KeyRange>& ranges, uint64_t most);
  // The numbers of the rows in the ranges, one range after another.
  std::vector<int64_t> numbers(const std::vector<KeyRange>& ranges);

  // Called with each row; false ends the reading.
  using Visitor = std::function<bool(const CandidateRow& row)>;

  // Visits the rows of the ranges one after another, each in the order of its entries.
  void visit(const std::vector<KeyRange>& ranges, const Visitor& visitor);
  // The same with the values of each range from its end. Entries with the same values stay in the
  // order of their keys.
  void visit_descending(const std::vector<KeyRange>& ranges, const Visitor& visitor);

  uint64_t entries_read() const { return entries_read_; }

 private:
  Query query(Sql sql) { return Query(connection_.statement(sql, index_, collection_)); }
  int64_t chunk_after(int64_t last) const;
  // Reads a range by one of the statements for it, until `take(query)` is false; gives whether it
  // never was.
  template <typename Take>
  bool read_range(Sql sql, const KeyRange& range, Take take);
  bool visit_range(const KeyRange& range, const Visitor& visitor);
  bool visit_descending(const KeyRange& range, const Visitor& visitor);

  Connection& connection_;
  int64_t collection_;
  int64_t index_;
  size_t values_;
  uint64_t entries_read_ = 0;
};

}  // namespace cairn
