// Finds the distinct texts of a column, for columns whose texts repeat. One thread at a time.
#pragma once

#include <vector>

#include "core/value/batch_builder.h"

namespace cairn {

class TextDictionary {
 public:
  // At least 16 bytes behind the arena's last text may be read.
  explicit TextDictionary(const uint8_t* arena) : arena_(arena), table_(256, kEmpty) {}

  // Gives a code to every text and 0 to nulls; false where too few texts repeat.
  bool build(const Slots& values);

  const Slots& distinct() const { return distinct_; }
  const std::vector<uint16_t>& codes() const { return codes_; }

 private:
  static constexpr uint32_t kEmpty = 0xffffffff;

  // What tells a text from others: for texts of at most 16 bytes everything, else a hash.
  struct Print {
    uint64_t low;
    uint64_t high;
    uint64_t size;
  };

  static Print print_of(const uint8_t* text, size_t size);
  static size_t hash_of(const Print& print);
  bool same(uint32_t code, const Print& print, const Item& text) const;
  void grow();

  const uint8_t* arena_;
  std::vector<uint32_t> table_;  // codes, by hash with linear probing
  Slots distinct_;
  std::vector<Print> prints_;
  std::vector<uint16_t> codes_;
};

}  // namespace cairn
