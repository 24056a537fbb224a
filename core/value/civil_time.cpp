#include "core/value/civil_time.h"

#include <string_view>

namespace cairn {
namespace {

// Years are counted from the 1st of March here, so that the leap day is a year's last, and from far
// enough before year 0 that nothing is negative: the calendar repeats every 400 years.
constexpr int64_t kCycleYears = 400, kCycleDays = 146097;
constexpr int64_t kCyclesBefore = 10000;
constexpr int64_t kDaysToEpoch = 719468;  // from 0000-03-01 to 1970-01-01

struct Split {
  int64_t quotient, rest;
};

Split floor_divide(int64_t value, int64_t divisor) {
  int64_t rest = value % divisor;
  if (rest < 0) rest += divisor;
  return {(value - rest) / divisor, rest};
}

// Appends a non-negative number in at least `width` digits.
void append_padded(int64_t number, size_t width, std::string& out) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

void append_iso_year(int64_t year, std::string& out) {
  if (year >= 0 && year <= 9999) return append_padded(year, 4, out);
  out += year < 0 ? '-' : '+';
  append_padded(year < 0 ? -year : year, 6, out);
}

}  // namespace

int64_t days_from_civil(int64_t year, int month, int day) {
  int64_t from_march = (month + 9) % 12;
  int64_t y = year + kCyclesBefore * kCycleYears - (month <= 2 ? 1 : 0);
  int64_t of_years = 365 * y + y / 4 - y / 100 + y / 400;
  int64_t of_months = (153 * from_march + 2) / 5;  // 31, 30, 31, 30, 31, and again
  return of_years + of_months + day - 1 - kDaysToEpoch - kCyclesBefore * kCycleDays;
}

CivilTime civil_time(int64_t milliseconds) {
  Split day = floor_divide(milliseconds, kMillisecondsOfDay);
  Split cycle = floor_divide(day.quotient + kDaysToEpoch, kCycleDays);
  // Taking the leap days out makes every year 365 days long.
  int64_t in_cycle = cycle.rest;
  int64_t year =
      (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / (kCycleDays - 1)) / 365;
  int64_t in_year = in_cycle - (365 * year + year / 4 - year / 100);
  int64_t from_march = (5 * in_year + 2) / 153;
  CivilTime time;
  time.month = static_cast<int>(from_march < 10 ? from_march + 3 : from_march - 9);
  time.day = static_cast<int>(in_year - (153 * from_march + 2) / 5 + 1);
  time.year = cycle.quotient * kCycleYears + year + (time.month <= 2 ? 1 : 0);
  time.weekday = static_cast<int>(floor_divide(day.quotient + 4, 7).rest);  // a Thursday began it
  auto rest = static_cast<int>(day.rest);
  time.hour = rest / 3600000;
  time.minute = rest / 60000 % 60;
  time.second = rest / 1000 % 60;
  time.millisecond = rest % 1000;
  return time;
}

void append_iso_date(int64_t milliseconds, std::string& out) {
  CivilTime time = civil_time(milliseconds);
  append_iso_year(time.year, out);
  append_padded(time.month, 2, out += '-');
  append_padded(time.day, 2, out += '-');
  append_padded(time.hour, 2, out += 'T');
  append_padded(time.minute, 2, out += ':');
  append_padded(time.second, 2, out += ':');
  append_padded(time.millisecond, 3, out += '.');
  out += 'Z';
}

}  // namespace cairn
