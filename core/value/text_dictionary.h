// Finds the distinct texts of a column, for columns whose texts repeat. One thread at a time.
#pragma once

#include <vector>

#include "core/value/batch_builder.h"

namespace cairn {

class TextDictionary {
 public:
  explicit TextDictionary(const uint8_t* arena) : arena_(arena), table_(1024, kEmpty) {}

  // Gives a code to every text and 0 to nulls; false where too few texts repeat.
  bool build(const Slots& values);

  const Slots& distinct() const { return distinct_; }
  const std::vector<uint16_t>& codes() const { return codes_; }

 private:
  static constexpr uint32_t kEmpty = 0xffffffff;

  // Where the text is in the table, or the empty place where it belongs.
  size_t find(const Item& text, uint64_t hash) const;
  void grow();

  const uint8_t* arena_;
  std::vector<uint32_t> table_;  // codes, by hash with linear probing
  Slots distinct_;
  std::vector<uint64_t> hashes_;
  std::vector<uint16_t> codes_;
};

}  // namespace cairn
