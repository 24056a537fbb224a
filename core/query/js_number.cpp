#include "core/query/js_number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/query/digits.h"
#include "core/query/js_text.h"

namespace cairn {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Digits of 1, 3 or 4 bits, rounded to even: the first 60 bits or more are kept, and of all others
// only whether one is set.
double from_power_of_two(RadixDigits literal) {
  unsigned bits = literal.radix == 16 ? 4 : literal.radix == 8 ? 3 : 1;
  uint64_t kept = 0;
  bool rest = false;
  int dropped = 0;
  for (char c : literal.digits) {
    int digit = radix_digit(c, literal.radix);
    if (digit < 0) return kNaN;
    if (kept >> (64 - bits) == 0) {
      kept = kept << bits | static_cast<uint64_t>(digit);
    } else {
      rest = rest || digit != 0;
      if (dropped < 4096) dropped += static_cast<int>(bits);  // no double is that large
    }
  }
  return std::ldexp(static_cast<double>(kept | (rest ? 1 : 0)), dropped);
}

// The power of ten of a decimal with an exponent, held within what no length of digits makes up
// for.
int64_t power_of_ten(std::string_view power) {
  constexpr int64_t kLimit = int64_t{1} << 60;
  if (power.starts_with('+')) power.remove_prefix(1);
  int64_t exponent = 0;
  auto read = std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (read.ec != std::errc()) return power.starts_with('-') ? -kLimit : kLimit;
  return std::clamp(exponent, -kLimit, kLimit);
}

// Whether a decimal that no double can hold is too large, and not too small: by where its first
// digit other than 0 stands.
bool is_huge(std::string_view decimal) {
  size_t mark = decimal.find_first_of("eE");
  std::string_view digits = decimal.substr(0, mark);
  size_t first = digits.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  size_t point = std::min(digits.find('.'), digits.size());
  int64_t place = static_cast<int64_t>(point) - static_cast<int64_t>(first);
  if (mark != std::string_view::npos) place += power_of_ten(decimal.substr(mark + 1));
  return place > 0;
}

double from_unsigned_decimal(std::string_view decimal) {
  if (decimal == "Infinity") return kInfinity;
  // The standard library would take other names and a second sign.
  if (decimal.empty() || !(is_decimal_digit(decimal[0]) || decimal[0] == '.')) return kNaN;
  const char* end = decimal.data() + decimal.size();
  double number = 0;
  auto read = std::from_chars(decimal.data(), end, number);
  if (read.ptr != end || read.ec == std::errc::invalid_argument) return kNaN;
  if (read.ec == std::errc::result_out_of_range) return is_huge(decimal) ? kInfinity : 0;
  return number;
}

}  // namespace

double number_from_text(std::string_view text) {
  text = trim_white_space(text);
  if (text.empty()) return 0;
  RadixDigits literal = split_radix(text);
  if (literal.radix != 10) return literal.digits.empty() ? kNaN : from_power_of_two(literal);
  bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  double number = from_unsigned_decimal(text);
  return negative ? -number : number;
}

}  // namespace cairn
