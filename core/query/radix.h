// ECMAScript's integer literals with a radix, as numbers and bigints read them from text: 0x, 0o
// and 0b, without a sign. Pure functions, any thread.
#pragma once

#include <string_view>

namespace cairn {

struct RadixDigits {
  unsigned radix;           // 2, 8, 10 or 16
  std::string_view digits;  // not checked; of radix 10 the whole text, its sign included
};

inline RadixDigits split_radix(std::string_view text) {
  if (text.size() >= 2 && text[0] == '0') {
    char mark = static_cast<char>(text[1] | 0x20);
    if (mark == 'x') return {16, text.substr(2)};
    if (mark == 'o') return {8, text.substr(2)};
    if (mark == 'b') return {2, text.substr(2)};
  }
  return {10, text};
}

// -1 where it is none.
inline int radix_digit(char c, unsigned radix) {
  int digit = -1;
  if (c >= '0' && c <= '9') digit = c - '0';
  if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
  if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
  return digit < static_cast<int>(radix) ? digit : -1;
}

}  // namespace cairn
