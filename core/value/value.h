// A value as a C++ object, for JSON, tests and everything that is not on a hot path. Rows are read
// and written in their encoded form instead. Plain values; no thread rule of their own.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/value/bigint.h"
#include "core/value/tags.h"

namespace cairn {

struct Undefined {
  bool operator==(const Undefined&) const = default;
};

// Milliseconds since 1970-01-01T00:00:00Z, within ±8.64e15.
struct Date {
  int64_t milliseconds = 0;
  bool operator==(const Date&) const = default;
};

class Value;
using Array = std::vector<Value>;
using Field = std::pair<std::string, Value>;
using Object = std::vector<Field>;  // in order; names differ

class Value {
 public:
  using Data = std::variant<std::nullptr_t, Undefined, bool, double, BigInt, std::string,
                            std::vector<uint8_t>, Date, Array, Object>;

  Value() : data_(nullptr) {}
  Value(std::nullptr_t) : data_(nullptr) {}
  Value(Undefined value) : data_(value) {}
  Value(bool value) : data_(value) {}
  Value(double value) : data_(value) {}
  Value(int value) : data_(static_cast<double>(value)) {}
  Value(BigInt value) : data_(std::move(value)) {}
  Value(std::string text) : data_(std::move(text)) {}  // WTF-8
  Value(const char* text) : data_(std::string(text)) {}
  Value(std::vector<uint8_t> bytes) : data_(std::move(bytes)) {}
  Value(Date date) : data_(date) {}
  Value(Array items) : data_(std::move(items)) {}
  Value(Object fields) : data_(std::move(fields)) {}

  const Data& data() const { return data_; }
  template <typename T>
  const T* get() const {
    return std::get_if<T>(&data_);
  }
  template <typename T>
  T* get() {
    return std::get_if<T>(&data_);
  }

  // The field of that name of an object, else null.
  const Value* find(std::string_view name) const;

  // Numbers are the same when their bits are, NaN aside: -0 differs from 0.
  bool operator==(const Value& other) const;

 private:
  Data data_;
};

// Appends a portable value. Throws kInvalidValue for what no value can be.
void encode_value(const Value& value, ByteBuffer& out);

// Reads a portable value; throws kMalformed.
Value decode_value(Bytes portable);

}  // namespace cairn
