#include "core/query/js_bigint.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/query/digits.h"
#include "core/query/js_text.h"
#include "core/value/bigint.h"
#include "core/value/object.h"

namespace cairn {
namespace {

bool is_negative(Bytes bigint) { return bigint[0] != 0; }
Bytes magnitude_of(Bytes bigint) { return bigint.subspan(1); }

int sign_of(Bytes bigint) {
  if (bigint.size() == 1) return 0;
  return is_negative(bigint) ? -1 : 1;
}

std::strong_ordering compare_magnitudes(Bytes a, Bytes b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return std::lexicographical_compare_three_way(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

// Negative integers stand in the order that their magnitudes do not.
std::strong_ordering with_sign(bool negative, std::strong_ordering order) {
  if (!negative || order == std::strong_ordering::equal) return order;
  return std::is_lt(order) ? std::strong_ordering::greater : std::strong_ordering::less;
}

// A magnitude that is not 0 as top × 2^(bits − 64) and a rest below that.
struct Leading {
  int64_t bits;
  uint64_t top;  // its highest bit is set
  bool rest;
};

Leading leading_bits(Bytes magnitude) {
  size_t size = magnitude.size();
  uint64_t top = 0;
  for (size_t i = 0; i < 8; ++i) top = top << 8 | (i < size ? magnitude[size - 1 - i] : 0);
  int unused = std::countl_zero(top);  // below 8: there are no high zero bytes
  unsigned next = size > 8 ? magnitude[size - 9] : 0;
  top = top << unused | next >> (8 - unused);
  bool rest = (next << unused & 0xff) != 0;
  for (size_t i = 9; i < size && !rest; ++i) rest = magnitude[size - 1 - i] != 0;
  return {static_cast<int64_t>(size) * 8 - unused, top, rest};
}

// Neither is 0. With as many bits before the point both leading bits have the same weight.
std::strong_ordering compare_magnitude_to_number(Bytes magnitude, double number) {
  int exponent;
  double fraction = std::frexp(number, &exponent);  // from 0.5 to below 1
  Leading leading = leading_bits(magnitude);
  if (leading.bits != exponent) return leading.bits <=> exponent;
  auto top = static_cast<uint64_t>(std::ldexp(fraction, 64));
  if (leading.top != top) return leading.top <=> top;
  return leading.rest ? std::strong_ordering::greater : std::strong_ordering::equal;
}

BigInt operand(Bytes payload) {
  if (payload.size() - 1 > kMaxBigIntBytes)
    throw ValueError("a bigint of more than 64 KiB to compute with", Status::kTooLarge);
  return BigInt::from_payload(payload);
}

BigIntPayload result(const BigInt& value) {
  if (value.magnitude.size() > kMaxBigIntBytes)
    throw ValueError("a bigint of more than 64 KiB as a result", Status::kTooLarge);
  return value.to_payload();
}

}  // namespace

std::strong_ordering compare_bigints(Bytes a, Bytes b) {
  int sign = sign_of(a);
  if (sign != sign_of(b)) return sign <=> sign_of(b);
  return with_sign(sign < 0, compare_magnitudes(magnitude_of(a), magnitude_of(b)));
}

std::partial_ordering compare_bigint_to_number(Bytes a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  if (std::isinf(b)) return 0.0 <=> b;
  int sign = sign_of(a), other = (b > 0) - (b < 0);
  if (sign != other || sign == 0) return sign <=> other;
  return with_sign(sign < 0, compare_magnitude_to_number(magnitude_of(a), std::fabs(b)));
}

std::optional<BigIntPayload> bigint_from_text(std::string_view text) {
  text = trim_white_space(text);
  if (text.empty()) return BigInt().to_payload();
  RadixDigits literal = split_radix(text);
  bool negative = literal.radix == 10 && text[0] == '-';
  if (negative || (literal.radix == 10 && text[0] == '+')) literal.digits.remove_prefix(1);
  std::optional<BigInt> value = BigInt::from_digits(literal.digits, literal.radix);
  if (!value) return std::nullopt;
  value->negative = negative;
  return value->to_payload();
}

void append_bigint(Bytes bigint, std::string& out) { out += operand(bigint).to_decimal(); }

BigIntPayload add_bigints(Bytes a, Bytes b) { return result(operand(a) + operand(b)); }
BigIntPayload subtract_bigints(Bytes a, Bytes b) { return result(operand(a) - operand(b)); }
BigIntPayload multiply_bigints(Bytes a, Bytes b) { return result(operand(a) * operand(b)); }
BigIntPayload divide_bigints(Bytes a, Bytes b) { return result(operand(a) / operand(b)); }

}  // namespace cairn
