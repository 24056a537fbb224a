// A set of row numbers, a bit each. One thread at a time.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace cairn {

// A set of row numbers; numbers that are near each other share memory.
class RowSet {
 public:
  // False where it is there already.
  bool add(int64_t row);
  bool has(int64_t row) const;
  // False where it is not there.
  bool remove(int64_t row);
  uint64_t size() const { return size_; }
  // Visits the numbers in no particular order.
  template <typename Visitor>
  void visit(Visitor visitor) const;

 private:
  using Page = std::array<uint64_t, 512>;
  static constexpr int kPageBits = 15;

  std::unordered_map<int64_t, std::unique_ptr<Page>> pages_;
  int64_t last_ = -1;
  Page* last_page_ = nullptr;
  uint64_t size_ = 0;
  int64_t highest_ = -1;
};

template <typename Visitor>
void RowSet::visit(Visitor visitor) const {
  for (const auto& [number, page] : pages_) {
    for (size_t i = 0; i < page->size(); ++i)
      for (uint64_t word = (*page)[i]; word != 0; word &= word - 1)
        visitor((number << kPageBits) + static_cast<int64_t>(i * 64) +
                static_cast<int64_t>(std::countr_zero(word)));
  }
}

}  // namespace cairn
