// A value while an expression is evaluated: what JavaScript would hold there. Texts and bytes are
// borrowed, from the row, from a constant or from the evaluation's scratch memory.
#pragma once

#include "core/value/tags.h"

namespace cairn {

struct Operand {
  enum class Type : uint8_t {
    kUndefined,
    kNull,
    kBool,
    kNumber,
    kBigInt,
    kText,
    kBytes,
    kDate,
    kArray,
    kObject
  };

  Type type = Type::kUndefined;
  bool flag = false;  // of a boolean
  double number = 0;  // a number, or a date's milliseconds
  Bytes bytes;        // a text, bytes, a bigint's payload, or the body of an array or object

  static Operand undefined() { return {}; }
  static Operand null() { return {Type::kNull, false, 0, {}}; }
  static Operand of(bool value) { return {Type::kBool, value, 0, {}}; }
  static Operand of(double value) { return {Type::kNumber, false, value, {}}; }
  static Operand text(Bytes text) { return {Type::kText, false, 0, text}; }
  static Operand bigint(Bytes payload) { return {Type::kBigInt, false, 0, payload}; }
  static Operand object(Bytes body) { return {Type::kObject, false, 0, body}; }
  static Operand of(const Item& item);

  bool is(Type wanted) const { return type == wanted; }
  // Null and undefined: what a comparison with them gives is not known.
  bool is_unknown() const { return type <= Type::kNull; }
  bool is_true() const { return type == Type::kBool && flag; }
  bool is_false() const { return type == Type::kBool && !flag; }
  bool is_nan() const { return type == Type::kNumber && number != number; }
  bool is_reference() const { return type >= Type::kArray; }
};

inline Operand Operand::of(const Item& item) {
  if (is_text(item.tag)) return text(item.bytes());
  if (is_number(item.tag)) return of(item.number());
  if (is_date(item.tag)) return {Type::kDate, false, static_cast<double>(item.integer()), {}};
  switch (item.tag) {
    case kNull:
      return null();
    case kFalse:
    case kTrue:
      return of(item.tag == kTrue);
    case kBigInt:
      return bigint(item.bytes());
    case kBytes:
      return {Type::kBytes, false, 0, item.bytes()};
    case kArray:
      return {Type::kArray, false, 0, item.bytes()};
    case kObject:
      return object(item.bytes());
    default:
      return undefined();
  }
}

// Writes a value; what nests keeps the form that it has. Undefined is written as such.
void put_operand(const Operand& value, TupleWriter& out);

}  // namespace cairn
