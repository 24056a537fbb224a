// Times in UTC as years, months and days of ECMAScript's calendar: Gregorian at all times, with a
// year 0. Years reach beyond what std::chrono's calendar holds. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>

namespace cairn {

inline constexpr int64_t kMillisecondsOfDay = 86400000;

struct CivilTime {
  int64_t year;
  int month, day;  // from 1
  int weekday;     // 0 is Sunday
  int hour, minute, second, millisecond;
};

// Days from 1970-01-01; `month` is from 1 to 12, and `day` may reach beyond the month's end.
int64_t days_from_civil(int64_t year, int month, int day);

CivilTime civil_time(int64_t milliseconds);

// Appends date.toISOString(): years outside 0 to 9999 have a sign and six digits.
void append_iso_date(int64_t milliseconds, std::string& out);

}  // namespace cairn
