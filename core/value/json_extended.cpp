#include "core/value/json_extended.h"

#include <chrono>
#include <limits>

#include "core/value/base64.h"
#include "core/value/object.h"
#include "core/value/text.h"

namespace cairn {
namespace {

using std::chrono::sys_days;

const std::string& text_of(const Value& value, const char* name) {
  if (auto* text = value.get<std::string>()) return *text;
  throw ValueError(std::string(name) + " needs a text");
}

// A number of `digits` digits at the start of the text, which is taken off; -1 where there is none.
int take_digits(std::string_view& text, size_t digits) {
  int number = 0;
  if (text.size() < digits) return -1;
  for (char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

// YYYY-MM-DDTHH:MM:SS, then .mmm or nothing, then Z.
Date parse_iso(std::string_view text) {
  constexpr size_t kWidths[] = {4, 2, 2, 2, 2, 2};
  constexpr char kSeparators[] = "--T::";
  int part[6], milli = 0;
  bool valid = true;
  for (size_t i = 0; i < 6; ++i) {
    part[i] = take_digits(text, kWidths[i]);
    valid = valid && part[i] >= 0 && (i == 5 || take(text, kSeparators[i]));
  }
  if (valid && take(text, '.')) milli = take_digits(text, 3);
  std::chrono::year_month_day date{std::chrono::year(part[0]),
                                   std::chrono::month(static_cast<unsigned>(part[1])),
                                   std::chrono::day(static_cast<unsigned>(part[2]))};
  valid = valid && milli >= 0 && text == "Z" && date.ok() && part[3] < 24 && part[4] < 60 &&
          part[5] < 60;
  if (!valid)
    throw ValueError("$date needs a text such as 2026-01-31T12:00:00.000Z, or milliseconds");
  int64_t since = sys_days(date).time_since_epoch().count();
  return Date{((since * 24 + part[3]) * 60 + part[4]) * 60000 + part[5] * 1000 + milli};
}

Value date_from(const Value& value) {
  if (auto* number = value.get<double>()) {
    if (!is_whole(*number, kMaxDate)) throw ValueError("an invalid date");
    return Date{static_cast<int64_t>(*number)};
  }
  return parse_iso(text_of(value, "$date"));
}

Value number_from(const Value& value) {
  const std::string& text = text_of(value, "$number");
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (text == "-0") return -0.0;
  throw ValueError("$number is NaN, Infinity, -Infinity or -0");
}

Value text_from(const Value& value) {
  std::vector<uint8_t> bytes = from_base64(text_of(value, "$text"));
  if (!is_wtf8(bytes)) throw ValueError("$text is not WTF-8");
  return std::string(as_text(bytes));
}

Value object_from(const Value& value) {
  auto* pairs = value.get<Array>();
  if (pairs == nullptr) throw ValueError("$object needs an array of pairs");
  Object object;
  for (const Value& entry : *pairs) {
    auto* pair = entry.get<Array>();
    if (pair == nullptr || pair->size() != 2)
      throw ValueError("$object needs an array of pairs of name and value");
    object.emplace_back(text_of((*pair)[0], "a field name"), (*pair)[1]);
  }
  return object;
}

}  // namespace

bool looks_extended(const Object& object) {
  return object.size() == 1 && object[0].first.starts_with("$");
}

Value from_extended(Object object) {
  if (!looks_extended(object)) return object;
  const std::string& name = object[0].first;
  const Value& value = object[0].second;
  if (name == "$date") return date_from(value);
  if (name == "$bigint") return BigInt::parse(text_of(value, "$bigint"));
  if (name == "$bytes") return from_base64(text_of(value, "$bytes"));
  if (name == "$number") return number_from(value);
  if (name == "$text") return text_from(value);
  if (name == "$object") return object_from(value);
  if (name == "$undefined") return Undefined{};
  return object;
}

}  // namespace cairn
