// Python objects into portable values.
#include <cmath>
#include <cstring>

#include "module.h"
#include "values.h"

// Needs what Python.h has declared.
#include <datetime.h>

namespace cairn::python {
namespace {

void put(std::string& out, uint8_t byte) { out.push_back(static_cast<char>(byte)); }

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) put(out, static_cast<uint8_t>(value | 0x80));
  put(out, static_cast<uint8_t>(value));
}

void put_integer(std::string& out, int64_t value, int size) {
  for (int i = 0; i < size; ++i) put(out, static_cast<uint8_t>(value >> (8 * i)));
}

void put_real(std::string& out, double number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof bytes);
}

// A value is a tag and a payload; those of an array stand apart.
class Writer {
 public:
  Writer(std::string& tags, std::string& payloads) : tags_(tags), payloads_(payloads) {}

  void value(PyObject* object, int depth, bool undefined) {
    if (depth > kMaxDepth) raise(PyExc_ValueError, "values nest at most 128 deep");
    if (object == Py_None) return tag(0x00);
    if (object == Py_False) return tag(0x01);
    if (object == Py_True) return tag(0x02);
    if (object == classes().undefined) return missing(undefined);
    if (PyUnicode_Check(object)) return text(object);
    if (PyLong_Check(object)) return integer(object);
    if (PyFloat_Check(object)) return number(PyFloat_AS_DOUBLE(object));
    if (PyDict_Check(object)) return dict(object, depth);
    if (PyList_Check(object) || PyTuple_Check(object)) return list(object, depth);
    other(object);
  }

 private:
  void tag(uint8_t tag) { put(tags_, tag); }

  void sized(uint8_t what, std::string_view body) {
    tag(what);
    put_varint(payloads_, body.size());
    payloads_.append(body);
  }

  void missing(bool allowed) {
    if (!allowed)
      raise(PyExc_ValueError, "UNDEFINED stands only for a top-level field of an update");
    tag(0x03);
  }

  void text(PyObject* object) {
    std::string copy;
    std::string_view wtf8 = wtf8_of(object, copy);
    if (!PyUnicode_IS_ASCII(object)) return sized(0x13, wtf8);
    if (wtf8.size() >= 96) return sized(0x12, wtf8);
    tag(static_cast<uint8_t>(0x80 + wtf8.size()));
    payloads_.append(wtf8);
  }

  void number(double value) {
    if (std::trunc(value) == value && std::fabs(value) <= kMaxInteger &&
        !(value == 0 && std::signbit(value)))
      return small(static_cast<int64_t>(value));
    tag(0x0b);
    put_real(payloads_, value);
  }

  void small(int64_t value) {
    if (value >= 0 && value < 32) return tag(static_cast<uint8_t>(0x20 + value));
    tag(0x09);
    put_integer(payloads_, value, 8);
  }

  // An int within 2^53 is a number; any other, and every cairn.BigInt, is a bigint.
  void integer(PyObject* object) {
    int overflow = 0;
    long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (value == -1 && PyErr_Occurred() != nullptr) throw Raised{};
    constexpr auto kMax = static_cast<long long>(kMaxInteger);
    bool fits = overflow == 0 && value >= -kMax && value <= kMax;
    int is_big = PyObject_IsInstance(object, classes().big_int);
    check(is_big);
    if (fits && is_big == 0) return small(value);
    big_int(object);
  }

  void big_int(PyObject* object) {
    Ref magnitude(PyNumber_Absolute(object));
    Ref zero(PyLong_FromLong(0));
    int negative = PyObject_RichCompareBool(object, zero.get(), Py_LT);
    check(negative);
    Ref bits(PyObject_CallMethod(magnitude.get(), "bit_length", nullptr));
    size_t size = (PyLong_AsSize_t(bits.get()) + 7) / 8;
    Ref bytes(PyObject_CallMethod(magnitude.get(), "to_bytes", "ns", static_cast<Py_ssize_t>(size),
                                  "little"));
    std::string body(1, static_cast<char>(negative));
    body.append(PyBytes_AS_STRING(bytes.get()), size);
    sized(0x10, body);
  }

  void list(PyObject* object, int depth) {
    std::string tags, payloads, body;
    Writer items(tags, payloads);
    Py_ssize_t count = PySequence_Fast_GET_SIZE(object);
    for (Py_ssize_t i = 0; i < count && i < PySequence_Fast_GET_SIZE(object); ++i)
      items.value(PySequence_Fast_GET_ITEM(object, i), depth + 1, false);
    put_varint(body, tags.size());
    body += tags;
    body += payloads;
    sized(0x14, body);
  }

  void dict(PyObject* object, int depth) {
    std::string names, tags, payloads, body, copy;
    Writer values(tags, payloads);
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(object, &at, &key, &value)) {
      if (!PyUnicode_Check(key))
        raise(PyExc_TypeError, "the fields of an object have names of str");
      std::string_view name = wtf8_of(key, copy);
      put_varint(names, name.size());
      names.append(name);
      // Undefined is for the top-level fields of an update, which are a dict of their own.
      values.value(value, depth + 1, undefined_inside_);
    }
    put_varint(body, 0);
    put_varint(body, tags.size());
    body += names;
    body += tags;
    body += payloads;
    sized(0x15, body);
  }

  void date(int64_t milliseconds) {
    constexpr auto kMax = static_cast<int64_t>(kMaxDate);
    if (milliseconds < -kMax || milliseconds > kMax)
      raise(PyExc_ValueError, "a date is within 8.64e15 milliseconds of 1970");
    tag(0x0d);
    put_integer(payloads_, milliseconds, 8);
  }

  void other(PyObject* object) {
    if (PyDateTime_Check(object)) return datetime(object);
    if (PyObject_TypeCheck(object, reinterpret_cast<PyTypeObject*>(classes().timestamp))) {
      Ref milliseconds(PyObject_GetAttrString(object, "milliseconds"));
      long long value = PyLong_AsLongLong(milliseconds.get());
      if (value == -1 && PyErr_Occurred() != nullptr) throw Raised{};
      return date(value);
    }
    if (!PyObject_CheckBuffer(object)) {
      PyErr_Format(
          PyExc_TypeError,
          "a %.100s cannot be kept: use None, bool, int, float, str, bytes, datetime, list "
          "or dict",
          Py_TYPE(object)->tp_name);
      throw Raised{};
    }
    Ref bytes(PyBytes_FromObject(object));
    sized(0x11,
          {PyBytes_AS_STRING(bytes.get()), static_cast<size_t>(PyBytes_GET_SIZE(bytes.get()))});
  }

  // Whole milliseconds, as those of JavaScript: what is below is cut off, towards the past.
  void datetime(PyObject* object) {
    if (PyDateTime_DATE_GET_TZINFO(object) == Py_None)
      raise(
          PyExc_ValueError,
          "a datetime needs a time zone, such as datetime.now(timezone.utc): without one it is no "
          "moment");
    Ref utc(PyObject_CallMethod(object, "astimezone", "O", PyDateTime_TimeZone_UTC));
    PyObject* at = utc.get();
    int64_t seconds =
        days_of(PyDateTime_GET_YEAR(at), PyDateTime_GET_MONTH(at), PyDateTime_GET_DAY(at)) * 86400 +
        PyDateTime_DATE_GET_HOUR(at) * 3600 + PyDateTime_DATE_GET_MINUTE(at) * 60 +
        PyDateTime_DATE_GET_SECOND(at);
    date(seconds * 1000 + PyDateTime_DATE_GET_MICROSECOND(at) / 1000);
  }

  // Days since 1970-01-01; the algorithm is Howard Hinnant's days_from_civil
  // (https://howardhinnant.github.io/date_algorithms.html).
  static int64_t days_of(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
  }

  std::string& tags_;
  std::string& payloads_;

 public:
  bool undefined_inside_ = false;
};

}  // namespace

void write_value(PyObject* value, std::string& out, int depth, bool undefined) {
  // <datetime.h> has its functions in a variable of each file.
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  std::string tag, payload;
  Writer writer(tag, payload);
  writer.undefined_inside_ = undefined;
  writer.value(value, depth, false);
  out += tag;
  out += payload;
}

std::string_view wtf8_of(PyObject* text, std::string& copy) {
  Py_ssize_t size = 0;
  if (const char* utf8 = PyUnicode_AsUTF8AndSize(text, &size))
    return {utf8, static_cast<size_t>(size)};
  // It has lone surrogates: two that make a pair have to become one character.
  PyErr_Clear();
  Ref utf16(PyUnicode_AsEncodedString(text, "utf-16-le", "surrogatepass"));
  int order = -1;
  Ref paired(PyUnicode_DecodeUTF16(PyBytes_AS_STRING(utf16.get()), PyBytes_GET_SIZE(utf16.get()),
                                   "surrogatepass", &order));
  Ref wtf8(PyUnicode_AsEncodedString(paired.get(), "utf-8", "surrogatepass"));
  copy.assign(PyBytes_AS_STRING(wtf8.get()), static_cast<size_t>(PyBytes_GET_SIZE(wtf8.get())));
  return copy;
}

}  // namespace cairn::python
