#include "core/value/number_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "core/value/tags.h"

namespace cairn {
namespace {

// digits × 10^(point − the number of digits), as ECMAScript lays it out.
void append_digits(std::string_view digits, int point, std::string& out) {
  int count = static_cast<int>(digits.size());
  if (point > 21 || point < -5) {
    out += digits[0];
    if (count > 1) (out += '.') += digits.substr(1);
    ((out += 'e') += point > 0 ? '+' : '-') += std::to_string(std::abs(point - 1));
  } else if (point <= 0) {
    out += "0.";
    out.append(static_cast<size_t>(-point), '0') += digits;
  } else if (point >= count) {
    (out += digits).append(static_cast<size_t>(point - count), '0');
  } else {
    auto whole = static_cast<size_t>(point);
    ((out += digits.substr(0, whole)) += '.') += digits.substr(whole);
  }
}

// The shortest digits come from the standard library in the form d.ddde±xx.
void append_shortest(double positive, std::string& out) {
  char text[32];
  const char* end =
      std::to_chars(text, text + sizeof text, positive, std::chars_format::scientific).ptr;
  std::string_view written(text, static_cast<size_t>(end - text));
  size_t mark = written.find('e');
  const char* exponent_text = text + mark + (text[mark + 1] == '+' ? 2 : 1);
  int exponent = 0;
  std::from_chars(exponent_text, end, exponent);
  size_t count = 1;
  if (mark > 1) {
    text[1] = text[0];  // over the point, so that the digits stand together
    count = mark - 1;
  }
  append_digits({text + (mark > 1 ? 1 : 0), count}, exponent + 1, out);
}

}  // namespace

void append_number(double number, std::string& out) {
  if (is_whole(number, kMaxSafe)) {
    char digits[24];
    out.append(digits,
               std::to_chars(digits, digits + sizeof digits, static_cast<int64_t>(number)).ptr);
    return;
  }
  if (std::isnan(number)) {
    out += "NaN";
    return;
  }
  if (number < 0) out += '-';
  if (std::isinf(number)) {
    out += "Infinity";
  } else {
    append_shortest(std::fabs(number), out);
  }
}

}  // namespace cairn
