// Finds the distinct texts of a column, for columns whose texts repeat. One thread at a time.
#pragma once

#include <vector>

#include "core/value/batch_builder.h"

namespace cairn {

class TextDictionary {
 public:
  // At least 8 bytes behind the arena's last text may be read.
  explicit TextDictionary(const uint8_t* arena) : arena_(arena), table_(256) {}

  // Gives a code to every text and 0 to nulls; false where too few texts repeat.
  bool build(Slots values);

  Slots distinct() const { return distinct_; }
  const std::vector<uint16_t>& codes() const { return codes_; }

 private:
  static constexpr uint32_t kEmpty = 0xffffffff;

  struct Entry {
    uint64_t print;
    uint32_t code = kEmpty;
  };

  static uint64_t print_of(const uint8_t* text, size_t size);
  bool same(uint32_t code, const uint8_t* text, size_t size) const;
  Entry& find(uint64_t print, const uint8_t* text, size_t size);
  void grow();

  const uint8_t* arena_;
  std::vector<Entry> table_;  // by print, with linear probing
  std::vector<Slot> distinct_;
  std::vector<uint16_t> codes_;
};

}  // namespace cairn
