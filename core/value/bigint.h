// Integers of any size: from and to decimal and the payload of kBigInt, and schoolbook arithmetic,
// whose time is the product of the operands' sizes. Plain values; no thread rule of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/value/bytes.h"

namespace cairn {

// The magnitude is little-endian without high zero bytes, and 0 is not negative.
struct BigInt {
  bool negative = false;
  std::vector<uint8_t> magnitude;

  // `decimal`: an optional minus and digits. Throws kInvalidValue.
  static BigInt parse(std::string_view decimal);
  // Digits of a radix from 2 to 36, without a sign; nothing for what has others or none. More than
  // 20,000 throw kTooLarge, since they take quadratic time: in the file there is no such limit.
  static std::optional<BigInt> from_digits(std::string_view digits, unsigned radix);
  std::string to_decimal() const;

  // A sign byte, then the magnitude.
  static BigInt from_payload(Bytes payload);
  std::vector<uint8_t> to_payload() const;

  bool operator==(const BigInt&) const = default;
};

BigInt operator+(const BigInt& a, const BigInt& b);
BigInt operator-(const BigInt& a, const BigInt& b);
BigInt operator*(const BigInt& a, const BigInt& b);
// Truncates toward zero; throws kInvalidValue for a divisor of 0.
BigInt operator/(const BigInt& a, const BigInt& b);

}  // namespace cairn
