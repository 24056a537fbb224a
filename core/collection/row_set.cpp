#include "core/collection/row_set.h"

#include <algorithm>

namespace cairn {

bool RowSet::add(int64_t row) {
  if (last_page_ == nullptr || row >> kPageBits != last_) {
    last_ = row >> kPageBits;
    auto& page = pages_[last_];
    if (page == nullptr) page = std::make_unique<Page>();
    last_page_ = page.get();
  }
  uint64_t& word = (*last_page_)[static_cast<size_t>(row >> 6 & 511)];
  uint64_t bit = 1ull << (row & 63);
  if ((word & bit) != 0) return false;
  word |= bit;
  highest_ = std::max(highest_, row);
  ++size_;
  return true;
}

bool RowSet::has(int64_t row) const {
  if (row > highest_) return false;
  auto page = pages_.find(row >> kPageBits);
  if (page == pages_.end()) return false;
  return ((*page->second)[static_cast<size_t>(row >> 6 & 511)] >> (row & 63) & 1) != 0;
}

bool RowSet::remove(int64_t row) {
  if (!has(row)) return false;
  (*pages_.find(row >> kPageBits)->second)[static_cast<size_t>(row >> 6 & 511)] &=
      ~(1ull << (row & 63));
  --size_;
  return true;
}

}  // namespace cairn
