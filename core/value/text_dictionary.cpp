#include "core/value/text_dictionary.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cairn {

namespace {

// Texts that fit into their print.
constexpr size_t kShort = 7;

uint64_t load64(const uint8_t* from) {
  uint64_t word;
  std::memcpy(&word, from, 8);
  return word;
}

size_t place_of(uint64_t print) {
  uint64_t mixed = print * 0x9e3779b97f4a7c15ull;
  return static_cast<size_t>(mixed >> 40);
}

}  // namespace

// A short text is its own print: its bytes, read in one step since the arena has room behind its
// end, and its size in the highest byte. That of a longer one is a hash with the highest bit set.
[[gnu::always_inline]] inline uint64_t TextDictionary::print_of(const uint8_t* text, size_t size) {
  constexpr uint64_t kLong = 1ull << 63;
  if (size > kShort) return XXH3_64bits(text, size) | kLong;
  return (load64(text) & ((uint64_t{1} << 8 * size) - 1)) | static_cast<uint64_t>(size) << 56;
}

bool TextDictionary::same(uint32_t code, const uint8_t* text, size_t size) const {
  if (size <= kShort) return true;
  return distinct_[code].size() == size &&
         std::memcmp(arena_ + distinct_[code].offset(), text, size) == 0;
}

// The place of a text, or the one where it belongs.
[[gnu::always_inline]] inline TextDictionary::Entry& TextDictionary::find(uint64_t print,
                                                                          const uint8_t* text,
                                                                          size_t size) {
  size_t mask = table_.size() - 1;
  for (size_t at = place_of(print) & mask;; at = (at + 1) & mask) {
    Entry& entry = table_[at];
    if (entry.code == kEmpty || (entry.print == print && same(entry.code, text, size)))
      return entry;
  }
}

void TextDictionary::grow() {
  std::vector<Entry> old(table_.size() * 4);
  old.swap(table_);
  size_t mask = table_.size() - 1;
  for (const Entry& entry : old) {
    if (entry.code == kEmpty) continue;
    size_t at = place_of(entry.print) & mask;
    while (table_[at].code != kEmpty) at = (at + 1) & mask;
    table_[at] = entry;
  }
}

bool TextDictionary::build(Slots values) {
  codes_.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    Slot value = values[i];
    if (value.tag() == kNull) continue;
    const uint8_t* text = arena_ + value.offset();
    uint64_t print = print_of(text, value.size());
    Entry& entry = find(print, text, value.size());
    if (entry.code == kEmpty) [[unlikely]] {
      // Most texts are new: a plain column is smaller and read as fast.
      if (distinct_.size() >= 65535 || distinct_.size() > 48 + i / 3) return false;
      entry = {print, static_cast<uint32_t>(distinct_.size())};
      distinct_.push_back(value);
      codes_[i] = static_cast<uint16_t>(entry.code);
      if (distinct_.size() * 2 > table_.size()) grow();
    } else {
      codes_[i] = static_cast<uint16_t>(entry.code);
    }
  }
  return distinct_.size() <= values.size() / 2;
}

}  // namespace cairn
