// Text as WTF-8: UTF-8 in which lone surrogates are allowed and surrogate pairs are not, so that
// any string of JavaScript survives (https://simonsapin.github.io/wtf-8/). Pure functions, any
// thread.
#pragma once

#include <string>

#include "core/value/bytes.h"

namespace cairn {

// Short texts are most texts, so two loads that overlap do instead of a loop.
inline bool is_ascii(const uint8_t* text, size_t size) {
  constexpr uint64_t kHigh = 0x8080808080808080ull;
  if (size < 8) {
    uint8_t high = 0;
    for (size_t i = 0; i < size; ++i) high |= text[i];
    return high < 0x80;
  }
  uint64_t high = 0;
  uint64_t word;
  for (size_t i = 0; i + 8 < size; i += 8) {
    std::memcpy(&word, text + i, 8);
    high |= word;
  }
  std::memcpy(&word, text + size - 8, 8);
  return ((high | word) & kHigh) == 0;
}

inline bool is_ascii(std::string_view text) {
  return is_ascii(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

// How many bytes are not ASCII.
size_t high_bytes(Bytes text);

// Whether the bytes are well-formed WTF-8. With `allow_surrogates` false: well-formed UTF-8.
bool is_wtf8(Bytes text, bool allow_surrogates = true);

// Reads one code point at `at` of well-formed WTF-8 and moves past it.
uint32_t next_code_point(const uint8_t*& at);

// Writes up to four bytes, and gives how many.
size_t write_code_point(uint8_t* to, uint32_t code_point);

void put_code_point(ByteBuffer& out, uint32_t code_point);
void append_code_point(std::string& out, uint32_t code_point);

// Appends well-formed WTF-8 with each surrogate pair as two units of three bytes: the order of
// bytes is then the order of UTF-16 units.
void split_surrogate_pairs(Bytes text, ByteBuffer& out);

// Appends well-formed WTF-8 to such text; halves of a surrogate pair that come together become one.
void append_wtf8(Bytes text, std::string& out);

// Appends well-formed WTF-8 as UTF-16 units, two bytes each, little-endian.
void wtf8_to_utf16(Bytes text, ByteBuffer& out);

// Appends UTF-16 units (two bytes each, little-endian) as WTF-8.
void utf16_to_wtf8(const uint8_t* units, size_t count, ByteBuffer& out);

}  // namespace cairn
