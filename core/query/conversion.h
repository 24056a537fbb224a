// JavaScript's conversions between types of values, and the operators that use them: relations, +,
// -, * and equality (ECMA-262, 'Type Conversion' and 'Testing and Comparison Operations'). One
// thread at a time.
#pragma once

#include <optional>

#include "core/query/host_answers.h"
#include "core/query/operand.h"
#include "core/query/scratch.h"

namespace cairn {

enum class Arithmetic : uint8_t { kAdd, kSubtract, kMultiply, kDivide };

class Conversion {
 public:
  explicit Conversion(HostAnswers& host) : host_(host) {}

  // Forgets the texts that were made; `pending` is false again.
  void begin() {
    scratch_.clear();
    pending_ = false;
  }
  // Whether an answer of the host was missing: what was made of it is not to be used.
  bool pending() const { return pending_; }
  Scratch& scratch() { return scratch_; }

  // As String(value). Not for null and undefined at the top.
  Bytes to_text(const Operand& value);
  // As Number(value), which is not for bigints.
  double to_number(const Operand& value);

  // a < b: -1, a > b: 1, neither: 0. Not for null and undefined.
  int relate(const Operand& a, const Operand& b);
  // What `eq` and `in` call equal: dates are their milliseconds, NaN equals itself, bytes are
  // compared, and an array or an object is only itself. Not for null and undefined.
  bool equal(const Operand& a, const Operand& b);

  // Null and undefined count as 0. Throws ValueError for a bigint with another type.
  Operand calculate(Arithmetic operation, const Operand& a, const Operand& b);

  // The time that `new Date(value)` stands for, of a date, a text or a number; nothing where it is
  // none.
  std::optional<double> to_time(const Operand& value);

 private:
  void append_text(const Operand& value, std::string& out);
  void append_array(Bytes body, std::string& out);
  void append_date(double milliseconds, std::string& out);
  std::optional<double> parse_time(Bytes text);
  // An object as the primitive that operators see.
  Operand to_primitive(const Operand& value, bool date_is_number);
  Operand to_numeric(const Operand& value);
  Operand join(const Operand& a, const Operand& b);

  HostAnswers& host_;
  Scratch scratch_;
  bool pending_ = false;
};

}  // namespace cairn
