#include "core/query/conversion.h"

#include "core/query/js_bigint.h"
#include "core/query/js_date.h"
#include "core/query/js_number.h"
#include "core/query/js_text.h"
#include "core/value/text.h"

namespace cairn {
namespace {

using Type = Operand::Type;

constexpr std::string_view kObjectText = "[object Object]";

template <typename T>
int order_of(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

int sign_of(std::partial_ordering order) {
  return std::is_lt(order) ? -1 : std::is_gt(order) ? 1 : 0;
}

// Where BigInt(text) fails, nothing compares.
int relate_to_text(Bytes bigint, Bytes text) {
  std::optional<BigIntPayload> other = bigint_from_text(as_text(text));
  return other ? sign_of(compare_bigints(bigint, *other)) : 0;
}

double operate(Arithmetic operation, double a, double b) {
  switch (operation) {
    case Arithmetic::kAdd:
      return a + b;
    case Arithmetic::kSubtract:
      return a - b;
    case Arithmetic::kMultiply:
      return a * b;
    case Arithmetic::kDivide:
      break;
  }
  return a / b;
}

BigIntPayload operate(Arithmetic operation, Bytes a, Bytes b) {
  switch (operation) {
    case Arithmetic::kAdd:
      return add_bigints(a, b);
    case Arithmetic::kSubtract:
      return subtract_bigints(a, b);
    case Arithmetic::kMultiply:
      return multiply_bigints(a, b);
    case Arithmetic::kDivide:
      break;
  }
  return divide_bigints(a, b);
}

std::optional<double> clip_time(double time) {
  if (std::isnan(time) || std::abs(time) > kMaxDate) return std::nullopt;
  return std::trunc(time) + 0.0;
}

}  // namespace

Bytes Conversion::to_text(const Operand& value) {
  if (value.is(Type::kText)) return value.bytes;
  std::string& text = scratch_.text();
  append_text(value, text);
  return scratch_.keep(text);
}

void Conversion::append_text(const Operand& value, std::string& out) {
  switch (value.type) {
    case Type::kUndefined:
      out += "undefined";
      return;
    case Type::kNull:
      out += "null";
      return;
    case Type::kBool:
      out += value.flag ? "true" : "false";
      return;
    case Type::kNumber:
      return append_number(value.number, out);
    case Type::kBigInt:
      return append_bigint(value.bytes, out);
    case Type::kText:
      return append_wtf8(value.bytes, out);
    case Type::kDate:
      return append_date(value.number, out);
    case Type::kArray:
      return append_array(value.bytes, out);
    case Type::kObject:
      out += kObjectText;
      return;
    case Type::kBytes:
      for (size_t i = 0; i < value.bytes.size(); ++i)
        out += (i == 0 ? "" : ",") + std::to_string(value.bytes[i]);
  }
}

// As Array.prototype.join does: null and undefined are empty.
void Conversion::append_array(Bytes body, std::string& out) {
  TupleReader items = read_array(body);
  for (bool first = true; !items.done(); first = false) {
    if (!first) out += ',';
    Operand item = Operand::of(items.next());
    if (!item.is_unknown()) append_text(item, out);
    scratch_.expect_room(out.size());
  }
}

void Conversion::append_date(double milliseconds, std::string& out) {
  if (!host_.asks()) return append_utc_date(static_cast<int64_t>(milliseconds), out);
  ByteBuffer value;
  TupleWriter(value, 1).put_date(static_cast<int64_t>(milliseconds));
  std::optional<Item> answer = host_.find(fb::QuestionKind::DateText, {}, value.bytes());
  pending_ |= !answer;
  if (answer) append_wtf8(answer->bytes(), out);
}

Operand Conversion::to_primitive(const Operand& value, bool date_is_number) {
  if (value.type < Type::kBytes) return value;
  if (value.is(Type::kDate) && date_is_number) return Operand::of(value.number);
  return Operand::text(to_text(value));
}

double Conversion::to_number(const Operand& value) {
  switch (value.type) {
    case Type::kUndefined:
      return std::numeric_limits<double>::quiet_NaN();
    case Type::kNull:
      return 0;
    case Type::kBool:
      return value.flag;
    case Type::kNumber:
    case Type::kDate:
      return value.number;
    default:
      return number_from_text(as_text(to_text(value)));
  }
}

Operand Conversion::to_numeric(const Operand& value) {
  return value.is(Type::kBigInt) ? value : Operand::of(to_number(value));
}

int Conversion::relate(const Operand& a, const Operand& b) {
  if (a.is(Type::kNumber) && b.is(Type::kNumber)) return order_of(a.number, b.number);
  Operand left = to_primitive(a, true), right = to_primitive(b, true);
  if (left.is(Type::kText) && right.is(Type::kText))
    return sign_of(compare_utf16(as_text(left.bytes), as_text(right.bytes)));
  if (left.is(Type::kBigInt) && right.is(Type::kText))
    return relate_to_text(left.bytes, right.bytes);
  if (left.is(Type::kText) && right.is(Type::kBigInt))
    return -relate_to_text(right.bytes, left.bytes);
  left = to_numeric(left);
  right = to_numeric(right);
  if (left.is(Type::kBigInt) && right.is(Type::kBigInt))
    return sign_of(compare_bigints(left.bytes, right.bytes));
  if (left.is(Type::kBigInt)) return sign_of(compare_bigint_to_number(left.bytes, right.number));
  if (right.is(Type::kBigInt)) return -sign_of(compare_bigint_to_number(right.bytes, left.number));
  return order_of(left.number, right.number);
}

bool Conversion::equal(const Operand& a, const Operand& b) {
  auto is_time = [](const Operand& value) {
    return value.is(Type::kNumber) || value.is(Type::kDate);
  };
  if (is_time(a) && is_time(b)) return a.number == b.number || (a.is_nan() && b.is_nan());
  if (a.type != b.type) return false;
  if (a.is(Type::kBool)) return a.flag == b.flag;
  if (a.is_reference()) return a.bytes.data() == b.bytes.data();
  return same_bytes(a.bytes, b.bytes);
}

Operand Conversion::calculate(Arithmetic operation, const Operand& a, const Operand& b) {
  Operand left = a.is_unknown() ? Operand::of(0.0) : a;
  Operand right = b.is_unknown() ? Operand::of(0.0) : b;
  if (operation == Arithmetic::kAdd) {
    left = to_primitive(left, false);
    right = to_primitive(right, false);
    if (left.is(Type::kText) || right.is(Type::kText)) return join(left, right);
  }
  if (operation == Arithmetic::kDivide && right.is(Type::kNumber) && right.number == 0)
    return Operand::null();
  left = to_numeric(to_primitive(left, true));
  right = to_numeric(to_primitive(right, true));
  if (left.is(Type::kNumber) && right.is(Type::kNumber))
    return Operand::of(operate(operation, left.number, right.number));
  if (left.type != right.type)
    throw ValueError("a bigint cannot be calculated with another type of value");
  std::string& made = scratch_.text();
  made = as_text(operate(operation, left.bytes, right.bytes));
  return Operand::bigint(scratch_.keep(made));
}

Operand Conversion::join(const Operand& a, const Operand& b) {
  Bytes left = to_text(a), right = to_text(b);
  std::string& text = scratch_.text();
  append_wtf8(left, text);
  append_wtf8(right, text);
  return Operand::text(scratch_.keep(text));
}

std::optional<double> Conversion::to_time(const Operand& value) {
  if (value.is(Type::kDate)) return value.number;
  if (value.is(Type::kNumber)) return clip_time(value.number);
  return value.is(Type::kText) ? parse_time(value.bytes) : std::nullopt;
}

std::optional<double> Conversion::parse_time(Bytes text) {
  ParsedDate date = parse_date(as_text(text));
  if (date.kind == ParsedDate::Kind::kInvalid) return std::nullopt;
  bool is_known = date.kind == ParsedDate::Kind::kTime ||
                  (date.kind == ParsedDate::Kind::kLocal && !host_.asks());
  if (is_known) return clip_time(static_cast<double>(date.milliseconds));
  if (!host_.asks()) return std::nullopt;
  ByteBuffer value;
  TupleWriter(value, 1).put_text(text);
  std::optional<Item> answer = host_.find(fb::QuestionKind::ParseDate, {}, value.bytes());
  pending_ |= !answer;
  return answer ? clip_time(answer->number()) : std::nullopt;
}

}  // namespace cairn
