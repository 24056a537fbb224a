#include "core/query/js_date.h"

#include <algorithm>

#include "core/query/digits.h"
#include "core/value/tags.h"

namespace cairn {
namespace {

constexpr ParsedDate kInvalid{ParsedDate::Kind::kInvalid};
constexpr ParsedDate kFreeForm{ParsedDate::Kind::kFreeForm};

// Takes off the text what it was asked for, if it stands there.
class DateScanner {
 public:
  explicit DateScanner(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }

  bool skip(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  // A letter in either case.
  bool skip_letter(char small) { return skip(small) || skip(static_cast<char>(small - 0x20)); }

  // A sign's factor; 0 where there is none.
  int sign() { return skip('+') ? 1 : skip('-') ? -1 : 0; }

  // A number of so many digits and no more, in a range; -1, and nothing taken, for anything else.
  int number(size_t digits, int least, int most) {
    if (digits_ahead() != digits) return -1;
    int value = 0;
    for (char c : text_.substr(0, digits)) value = value * 10 + (c - '0');
    if (value < least || value > most) return -1;
    text_.remove_prefix(digits);
    return value;
  }

  // A second's fraction in milliseconds; -1 where there is none, or one that is not 0 and must be.
  // As in V8, nine digits count at most, and zeros before them are none of those, though they move
  // the point: with more digits than nine a fraction may come out too large.
  int fraction(bool must_be_zero) {
    size_t count = digits_ahead();
    if (count == 0) return -1;
    std::string_view digits = text_.substr(0, count);
    text_.remove_prefix(count);
    std::string_view read =
        digits.substr(std::min(digits.find_first_not_of('0'), count)).substr(0, 9);
    if (must_be_zero && !read.empty()) return -1;
    int value = 0;
    for (char c : read) value = value * 10 + (c - '0');
    size_t places = std::min<size_t>(count, 9);
    for (; places < 3; ++places) value *= 10;
    for (; places > 3; --places) value /= 10;
    return value;
  }

 private:
  size_t digits_ahead() const {
    auto end = std::find_if_not(text_.begin(), text_.end(), is_decimal_digit);
    return static_cast<size_t>(end - text_.begin());
  }

  std::string_view text_;
};

struct Day {
  int year, month = 1, day = 1;
};

// YYYY, ±YYYYYY, and what may follow of -MM-DD. Days to 31 are taken in any month and count on.
bool read_day(DateScanner& in, Day& day) {
  int sign = in.sign();
  int year = in.number(sign == 0 ? 4 : 6, 0, 999999);
  if (year < 0 || (sign < 0 && year == 0)) return false;
  day.year = sign < 0 ? -year : year;
  if (!in.skip('-')) return true;
  day.month = in.number(2, 1, 12);
  if (day.month < 0) return false;
  if (!in.skip('-')) return true;
  day.day = in.number(2, 1, 31);
  return day.day > 0;
}

// HH:mm, HH:mm:ss or HH:mm:ss.sss in milliseconds; -1 for anything else. 24 o'clock has no minutes.
int64_t read_time(DateScanner& in) {
  int hour = in.number(2, 0, 24);
  if (hour < 0 || !in.skip(':')) return -1;
  int most = hour == 24 ? 0 : 59;
  int minute = in.number(2, 0, most), second = 0, millisecond = 0;
  if (minute < 0) return -1;
  if (in.skip(':')) {
    second = in.number(2, 0, most);
    if (second < 0) return -1;
    if (in.skip('.')) millisecond = in.fraction(hour == 24);
    if (millisecond < 0) return -1;
  }
  return ((int64_t{hour} * 60 + minute) * 60 + second) * 1000 + millisecond;
}

struct Offset {
  bool valid, given;
  int minutes;
};

// Z, ±HH:mm or ±HHmm, or nothing.
Offset read_offset(DateScanner& in) {
  if (in.skip_letter('z')) return {true, true, 0};
  int sign = in.sign();
  if (sign == 0) return {true, false, 0};
  int both = in.number(4, 0, 2359);
  int hour = both >= 0 ? both / 100 : in.number(2, 0, 23);
  if (both < 0 && (hour < 0 || !in.skip(':'))) return {false, true, 0};
  int minute = both >= 0 ? both % 100 : in.number(2, 0, 59);
  return {minute >= 0 && minute < 60, true, sign * (hour * 60 + minute)};
}

ParsedDate in_range(int64_t milliseconds) {
  constexpr auto kLimit = static_cast<int64_t>(kMaxDate);
  if (milliseconds < -kLimit || milliseconds > kLimit) return kInvalid;
  return {ParsedDate::Kind::kTime, milliseconds};
}

void append_two_digits(int number, std::string& out) {
  out += static_cast<char>('0' + number / 10);
  out += static_cast<char>('0' + number % 10);
}

}  // namespace

ParsedDate parse_date(std::string_view text) {
  // In V8 a NUL ends the text.
  DateScanner in(text.substr(0, text.find('\0')));
  Day day;
  if (!read_day(in, day)) return kFreeForm;
  int64_t start = days_from_civil(day.year, day.month, day.day) * kMillisecondsOfDay;
  if (in.done()) return in_range(start);
  // What has a T after its date is in this format or in none.
  if (!in.skip_letter('t')) return kFreeForm;
  int64_t time = read_time(in);
  if (time < 0) return kInvalid;
  Offset offset = read_offset(in);
  if (!offset.valid || !in.done()) return kInvalid;
  if (!offset.given) return {ParsedDate::Kind::kLocal, start + time};
  return in_range(start + time - int64_t{offset.minutes} * 60000);
}

void append_utc_date(int64_t milliseconds, std::string& out) {
  static constexpr char kWeekdays[] = "SunMonTueWedThuFriSat";
  static constexpr char kMonths[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  CivilTime time = civil_time(milliseconds);
  out.append(kWeekdays + 3 * time.weekday, 3) += ' ';
  out.append(kMonths + 3 * (time.month - 1), 3) += ' ';
  append_two_digits(time.day, out);
  out += time.year < 0 ? " -" : " ";
  std::string year = std::to_string(time.year < 0 ? -time.year : time.year);
  if (year.size() < 4) out.append(4 - year.size(), '0');
  (out += year) += ' ';
  append_two_digits(time.hour, out);
  append_two_digits(time.minute, out += ':');
  append_two_digits(time.second, out += ':');
  out += " GMT+0000 (Coordinated Universal Time)";
}

}  // namespace cairn
