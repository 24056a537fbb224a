// Portable values into Python objects.
#include <cmath>
#include <cstring>
#include <vector>

#include "module.h"
#include "values.h"

// Needs what Python.h has declared.
#include <datetime.h>

namespace cairn::python {
namespace {

[[noreturn]] void malformed() { throw std::invalid_argument("these bytes are no portable value"); }

class Reader {
 public:
  explicit Reader(ByteSpan bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  Ref value(int depth) { return payload(byte(), depth); }
  bool is_at_end() const { return at_ == end_; }

 private:
  const uint8_t* take(size_t size) {
    if (size > static_cast<size_t>(end_ - at_)) malformed();
    const uint8_t* start = at_;
    at_ += size;
    return start;
  }
  uint8_t byte() { return *take(1); }

  size_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      uint8_t next = byte();
      value |= uint64_t{next & 0x7fu} << shift;
      if (next < 0x80) return value;
    }
    malformed();
  }

  int64_t integer(size_t size) {
    uint64_t bits = 0;
    const uint8_t* from = take(size);
    for (size_t i = 0; i < size; ++i) bits |= uint64_t{from[i]} << (8 * i);
    unsigned unused = 64 - 8 * static_cast<unsigned>(size);
    return static_cast<int64_t>(bits << unused) >> unused;
  }

  template <class Number>
  double real() {
    Number number;
    std::memcpy(&number, take(sizeof number), sizeof number);
    return number;
  }

  Ref text(size_t size) { return text_of(take(size), size); }

  Ref big_int() {
    size_t size = varint();
    if (size == 0) malformed();
    bool negative = byte() != 0;
    const auto* magnitude = reinterpret_cast<const char*>(take(size - 1));
    Ref number(PyObject_CallMethod(reinterpret_cast<PyObject*>(&PyLong_Type), "from_bytes", "y#s",
                                   magnitude, static_cast<Py_ssize_t>(size - 1), "little"));
    if (negative) number = Ref(PyNumber_Negative(number.get()));
    return Ref(PyObject_CallOneArg(classes().big_int, number.get()));
  }

  Ref array(int depth) {
    Reader body(take_sized());
    size_t count = body.varint();
    const uint8_t* tags = body.take(count);
    Ref list(PyList_New(static_cast<Py_ssize_t>(count)));
    for (size_t i = 0; i < count; ++i)
      PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i),
                      body.payload(tags[i], depth + 1).release());
    if (!body.is_at_end()) malformed();
    return list;
  }

  Ref object(int depth) {
    Reader body(take_sized());
    if (body.varint() != 0) malformed();
    size_t count = body.varint();
    std::vector<Ref> names;
    for (size_t i = 0; i < count; ++i) names.push_back(body.text(body.varint()));
    const uint8_t* tags = body.take(count);
    Ref dict(PyDict_New());
    for (size_t i = 0; i < count; ++i)
      check(PyDict_SetItem(dict.get(), names[i].get(), body.payload(tags[i], depth + 1).get()));
    if (!body.is_at_end()) malformed();
    return dict;
  }

  ByteSpan take_sized() {
    size_t size = varint();
    return {take(size), size};
  }

  Ref payload(uint8_t tag, int depth) {
    static constexpr size_t kSizes[] = {1, 2, 3, 4, 6, 8};
    if (depth > kMaxDepth) malformed();
    if (tag >= 0x80 && tag <= 0xdf) return text(tag - 0x80u);
    if (tag >= 0x20 && tag <= 0x3f) return Ref(PyLong_FromLong(tag - 0x20));
    if (tag >= 0x04 && tag <= 0x09)
      return number_of(static_cast<double>(integer(kSizes[tag - 0x04])));
    switch (tag) {
      case 0x00:
        return Ref::borrowed(Py_None);
      case 0x01:
      case 0x02:
        return Ref::borrowed(tag == 0x02 ? Py_True : Py_False);
      case 0x03:
        return Ref::borrowed(classes().undefined);
      case 0x0a:
        return number_of(real<float>());
      case 0x0b:
        return number_of(real<double>());
      case 0x0c:
      case 0x0d:
        return date_of(static_cast<double>(integer(tag == 0x0c ? 6 : 8)));
      case 0x10:
        return big_int();
      case 0x11: {
        ByteSpan bytes = take_sized();
        return bytes_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      }
      case 0x12:
      case 0x13:
        return text(varint());
      case 0x14:
        return array(depth);
      case 0x15:
        return object(depth);
      default:
        malformed();
    }
  }

  const uint8_t* at_;
  const uint8_t* end_;
};

struct Day {
  int year;
  int month;
  int day;
};

// Days since 1970-01-01 in the proleptic Gregorian calendar; the algorithm is Howard Hinnant's
// civil_from_days (https://howardhinnant.github.io/date_algorithms.html).
Day day_of(int64_t days) {
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  auto of_era = static_cast<int>(days - era * 146097);
  int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int of_year = of_era - (365 * year + year / 4 - year / 100);
  int month = (5 * of_year + 2) / 153;
  int day = of_year - (153 * month + 2) / 5 + 1;
  month += month < 10 ? 3 : -9;
  return {static_cast<int>(year + era * 400) + (month <= 2), month, day};
}

constexpr int64_t kDayMs = 86400000;
constexpr double kFirstMs = -62135596800000.0;  // 0001-01-01
constexpr double kLastMs = 253402300799999.0;   // 9999-12-31

}  // namespace

bool set_up_dates() {
  PyDateTime_IMPORT;
  return PyDateTimeAPI != nullptr;
}

Ref read_value(ByteSpan bytes) {
  Reader reader(bytes);
  Ref value = reader.value(0);
  if (!reader.is_at_end()) malformed();
  return value;
}

Ref number_of(double number) {
  bool is_integer = std::trunc(number) == number && std::fabs(number) <= kMaxInteger;
  if (is_integer && !(number == 0 && std::signbit(number)))
    return Ref(PyLong_FromLongLong(static_cast<long long>(number)));
  return Ref(PyFloat_FromDouble(number));
}

Ref date_of(double number) {
  if (!(std::fabs(number) <= kMaxDate)) malformed();
  if (!(number >= kFirstMs && number <= kLastMs))
    return Ref(PyObject_CallFunction(classes().timestamp, "L", static_cast<long long>(number)));
  auto milliseconds = static_cast<int64_t>(number);
  int64_t days = milliseconds / kDayMs - (milliseconds % kDayMs < 0);
  auto of_day = static_cast<int>(milliseconds - days * kDayMs);
  Day day = day_of(days);
  return Ref(PyDateTimeAPI->DateTime_FromDateAndTime(
      day.year, day.month, day.day, of_day / 3600000, of_day / 60000 % 60, of_day / 1000 % 60,
      of_day % 1000 * 1000, PyDateTime_TimeZone_UTC, PyDateTimeAPI->DateTimeType));
}

Ref text_of(const uint8_t* wtf8, size_t size) {
  return Ref(PyUnicode_DecodeUTF8(reinterpret_cast<const char*>(wtf8),
                                  static_cast<Py_ssize_t>(size), "surrogatepass"));
}

Ref bytes_of(std::string_view bytes) {
  return Ref(PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size())));
}

}  // namespace cairn::python
