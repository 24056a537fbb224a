// Reads the entries of one index, range by range, in their order or from the end. One thread at a
// time.
#pragma once

#include <functional>
#include <vector>

#include "core/query/planner.h"
#include "core/storage/connection.h"

namespace cairn {

class IndexReader {
 public:
  // `values`: how many expressions the index is over.
  IndexReader(Connection& connection, int64_t index, size_t values)
      : connection_(connection), index_(index), values_(values) {}

  // Called with the number of each row; false ends the reading.
  using Visitor = std::function<bool(int64_t row)>;

  // How many entries there are in the ranges, up to `most`.
  uint64_t count(const std::vector<KeyRange>& ranges, uint64_t most);
  // Visits the ranges one after another, each in the order of its entries.
  void visit(const std::vector<KeyRange>& ranges, const Visitor& visitor);
  // The same with the values of each range from its end. Entries with the same values stay in the
  // order of their keys.
  void visit_descending(const std::vector<KeyRange>& ranges, const Visitor& visitor);

  uint64_t entries_read() const { return entries_read_; }

 private:
  int64_t chunk_after(int64_t last) const;
  bool visit_range(const KeyRange& range, const Visitor& visitor);
  bool visit_descending(const KeyRange& range, const Visitor& visitor);

  Connection& connection_;
  int64_t index_;
  size_t values_;
  uint64_t entries_read_ = 0;
};

}  // namespace cairn
