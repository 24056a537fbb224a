#include "core/collection/rows_ahead.h"

#include <algorithm>

namespace cairn {
namespace {

// So many rows are read at once, if they are no larger than this.
constexpr int64_t kAhead = 32;
constexpr size_t kMostBytes = 256u << 10;
// Rows that are no farther from each other are near: to read those between costs less than to look
// for a key. They were so many times, before it is worth to read ahead.
constexpr int64_t kNear = 4;
constexpr int kNearEnough = 4;

}  // namespace

const KeptRow* RowsAhead::find(Bytes key) {
  if (near_ < kNearEnough) return nullptr;
  if (at_ == rows_.size()) read();
  auto found = std::find_if(rows_.begin() + static_cast<std::ptrdiff_t>(at_), rows_.end(),
                            [&](const KeptRow& row) { return same_bytes(as_bytes(row.key), key); });
  if (found == rows_.end()) return nullptr;
  at_ = static_cast<size_t>(found - rows_.begin()) + 1;
  last_ = found->number;
  return &*found;
}

void RowsAhead::went_to(int64_t row) {
  rows_.clear();
  at_ = 0;
  near_ = row > last_ && row <= last_ + kNear ? near_ + 1 : 0;
  last_ = row;
}

void RowsAhead::read() {
  rows_.clear();
  at_ = 0;
  Query query(connection_.statement(Sql::kRowsFrom, collection_));
  query.with(last_, kAhead, 0);
  for (size_t bytes = 0; bytes <= kMostBytes && query.step(); bytes += rows_.back().bytes())
    rows_.emplace_back(CandidateRow::of(query));
  if (rows_.empty()) near_ = 0;
}

}  // namespace cairn
