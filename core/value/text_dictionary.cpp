#include "core/value/text_dictionary.h"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cairn {

namespace {

constexpr size_t kShort = 16;

// The first bytes of a word, by their number.
constexpr uint64_t kFirst[] = {0,
                               0xff,
                               0xffff,
                               0xffffff,
                               0xffffffff,
                               0xffffffffff,
                               0xffffffffffff,
                               0xffffffffffffff,
                               0xffffffffffffffff};

uint64_t load64(const uint8_t* from) {
  uint64_t word;
  std::memcpy(&word, from, 8);
  return word;
}

}  // namespace

// Short texts are read whole, without branches on their size: the arena has room behind its end.
TextDictionary::Print TextDictionary::print_of(const uint8_t* text, size_t size) {
  if (size > kShort) return {XXH3_64bits(text, size), 0, size};
  size_t low = std::min<size_t>(size, 8);
  return {load64(text) & kFirst[low], load64(text + 8) & kFirst[size - low], size};
}

size_t TextDictionary::hash_of(const Print& print) {
  uint64_t mixed =
      (print.low ^ print.high * 0x9e3779b97f4a7c15ull ^ print.size) * 0xd6e8feb86659fd93ull;
  return static_cast<size_t>(mixed ^ mixed >> 32);
}

bool TextDictionary::same(uint32_t code, const Print& print, const Item& text) const {
  const Print& known = prints_[code];
  if (((known.low ^ print.low) | (known.high ^ print.high) | (known.size ^ print.size)) != 0)
    return false;
  return print.size <= kShort || same_bytes(distinct_[code].item(arena_).bytes(), text.bytes());
}

void TextDictionary::grow() {
  table_.assign(table_.size() * 4, kEmpty);
  size_t mask = table_.size() - 1;
  for (uint32_t code = 0; code < prints_.size(); ++code) {
    size_t at = hash_of(prints_[code]) & mask;
    while (table_[at] != kEmpty) at = (at + 1) & mask;
    table_[at] = code;
  }
}

bool TextDictionary::build(const Slots& values) {
  codes_.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    Item text = values[i].item(arena_);
    if (text.tag == kNull) continue;
    Print print = print_of(text.data, text.size);
    size_t mask = table_.size() - 1;
    size_t at = hash_of(print) & mask;
    while (table_[at] != kEmpty && !same(table_[at], print, text)) at = (at + 1) & mask;
    if (table_[at] == kEmpty) {
      // Most texts are new: a plain column is smaller and read as fast.
      if (distinct_.size() >= 65535 || distinct_.size() > 48 + i / 3) return false;
      table_[at] = static_cast<uint32_t>(distinct_.size());
      distinct_.push_back(values[i]);
      prints_.push_back(print);
    }
    codes_[i] = static_cast<uint16_t>(table_[at]);
    if (distinct_.size() * 2 > table_.size()) grow();
  }
  return distinct_.size() <= values.size() / 2;
}

}  // namespace cairn
