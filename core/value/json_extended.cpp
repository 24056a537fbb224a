#include "core/value/json_extended.h"

#include <chrono>
#include <cstdio>
#include <limits>

#include "core/value/base64.h"
#include "core/value/object.h"
#include "core/value/text.h"

namespace cairn {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;

const std::string& text_of(const Value& value, const char* name) {
  if (auto* text = value.get<std::string>()) return *text;
  throw ValueError(std::string(name) + " needs a text");
}

Value date_from(const Value& value) {
  if (auto* number = value.get<double>()) {
    if (!(std::fabs(*number) <= kMaxDate) || *number != std::trunc(*number))
      throw ValueError("an invalid date");
    return Date{static_cast<int64_t>(*number)};
  }
  const std::string& text = text_of(value, "$date");
  int year, month, day, hour, minute, second, milli = 0, end = 0;
  int read = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour,
                         &minute, &second, &end);
  std::string rest = read == 6 ? text.substr(static_cast<size_t>(end)) : "";
  bool fraction = rest.size() == 5 && std::sscanf(rest.c_str(), ".%3dZ", &milli) == 1;
  std::chrono::year_month_day date{std::chrono::year(year),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))};
  bool valid = read == 6 && (rest == "Z" || (fraction && rest.back() == 'Z')) && date.ok() &&
               hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 &&
               second < 60 && milli >= 0;
  if (!valid) throw ValueError("$date needs a text such as 2026-01-31T12:00:00.000Z, or milliseconds");
  auto days_since = sys_days(date).time_since_epoch().count();
  return Date{((days_since * 24 + hour) * 60 + minute) * 60000ll + second * 1000ll + milli};
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

std::string iso_date(Date date) {
  auto time = std::chrono::sys_time<milliseconds>(milliseconds(date.milliseconds));
  auto day = std::chrono::floor<days>(time);
  std::chrono::year_month_day calendar(day);
  auto rest = static_cast<int>((time - day).count());
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(calendar.year()),
                unsigned(calendar.month()), unsigned(calendar.day()), rest / 3600000,
                rest / 60000 % 60, rest / 1000 % 60, rest % 1000);
  return text;
}

}  // namespace cairn
