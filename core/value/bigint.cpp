#include "core/value/bigint.h"

#include <algorithm>
#include <bit>

#include "core/value/object.h"

namespace cairn {
namespace {

constexpr size_t kMaxDigits = 20000;

// A magnitude in steps that a machine computes with: little-endian, no high zeros.
using Limbs = std::vector<uint32_t>;

void trim(Limbs& limbs) {
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
}

Limbs to_limbs(const std::vector<uint8_t>& magnitude) {
  Limbs limbs((magnitude.size() + 3) / 4);
  for (size_t i = 0; i < magnitude.size(); ++i)
    limbs[i / 4] |= static_cast<uint32_t>(magnitude[i]) << (8 * (i % 4));
  trim(limbs);
  return limbs;
}

BigInt from_limbs(const Limbs& limbs, bool negative) {
  BigInt value;
  value.magnitude.reserve(limbs.size() * 4);
  for (uint32_t limb : limbs)
    for (unsigned shift = 0; shift < 32; shift += 8)
      value.magnitude.push_back(static_cast<uint8_t>(limb >> shift));
  while (!value.magnitude.empty() && value.magnitude.back() == 0) value.magnitude.pop_back();
  value.negative = negative && !value.magnitude.empty();
  return value;
}

bool is_less(const Limbs& a, const Limbs& b) {
  if (a.size() != b.size()) return a.size() < b.size();
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

Limbs sum(const Limbs& a, const Limbs& b) {
  const Limbs& longer = a.size() < b.size() ? b : a;
  const Limbs& shorter = a.size() < b.size() ? a : b;
  Limbs result(longer.size() + 1);
  uint64_t carry = 0;
  for (size_t i = 0; i < longer.size(); ++i, carry >>= 32) {
    carry += uint64_t{longer[i]} + (i < shorter.size() ? shorter[i] : 0);
    result[i] = static_cast<uint32_t>(carry);
  }
  result.back() = static_cast<uint32_t>(carry);
  return result;
}

// `a` is not less than `b`.
Limbs difference(const Limbs& a, const Limbs& b) {
  Limbs result(a.size());
  int64_t borrow = 0;
  for (size_t i = 0; i < a.size(); ++i, borrow >>= 32) {
    borrow += int64_t{a[i]} - (i < b.size() ? b[i] : 0);
    result[i] = static_cast<uint32_t>(borrow);
  }
  return result;
}

Limbs product(const Limbs& a, const Limbs& b) {
  Limbs result(a.size() + b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < b.size(); ++j, carry >>= 32) {
      carry += uint64_t{a[i]} * b[j] + result[i + j];
      result[i + j] = static_cast<uint32_t>(carry);
    }
    result[i + b.size()] = static_cast<uint32_t>(carry);
  }
  return result;
}

// limbs = limbs × factor + addend.
void multiply_add(Limbs& limbs, uint32_t factor, uint32_t addend) {
  uint64_t carry = addend;
  for (uint32_t& limb : limbs) {
    carry += uint64_t{limb} * factor;
    limb = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
  if (carry != 0) limbs.push_back(static_cast<uint32_t>(carry));
}

// Leaves the quotient, gives the rest.
uint32_t divide_small(Limbs& limbs, uint32_t divisor) {
  uint64_t rest = 0;
  for (size_t i = limbs.size(); i-- > 0;) {
    uint64_t value = rest << 32 | limbs[i];
    limbs[i] = static_cast<uint32_t>(value / divisor);
    rest = value % divisor;
  }
  trim(limbs);
  return static_cast<uint32_t>(rest);
}

// limbs << shift, with one limb more; `shift` is below 32.
Limbs shifted_left(const Limbs& limbs, unsigned shift) {
  Limbs result(limbs.size() + 1);
  for (size_t i = 0; i < limbs.size(); ++i) {
    uint64_t value = uint64_t{limbs[i]} << shift;
    result[i] |= static_cast<uint32_t>(value);
    result[i + 1] = static_cast<uint32_t>(value >> 32);
  }
  return result;
}

// rest[at…] −= divisor × digit; whether that went below zero. As many limbs as `divisor` has, and
// one more, are touched.
bool subtract_multiple(Limbs& rest, size_t at, const Limbs& divisor, uint64_t digit) {
  uint64_t carry = 0;
  int64_t borrow = 0;
  for (size_t i = 0; i <= divisor.size(); ++i, borrow >>= 32, carry >>= 32) {
    carry += i < divisor.size() ? divisor[i] * digit : 0;
    borrow += int64_t{rest[at + i]} - static_cast<uint32_t>(carry);
    rest[at + i] = static_cast<uint32_t>(borrow);
  }
  return borrow < 0;
}

void add_back(Limbs& rest, size_t at, const Limbs& divisor) {
  uint64_t carry = 0;
  for (size_t i = 0; i <= divisor.size(); ++i, carry >>= 32) {
    carry += uint64_t{rest[at + i]} + (i < divisor.size() ? divisor[i] : 0);
    rest[at + i] = static_cast<uint32_t>(carry);
  }
}

// One digit of a quotient from the rest's top three limbs and the divisor's top two: right, or one
// too large (Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D).
uint64_t estimate_digit(const Limbs& rest, size_t top, const Limbs& divisor) {
  uint64_t first = divisor.back(), second = divisor[divisor.size() - 2];
  uint64_t value = uint64_t{rest[top]} << 32 | rest[top - 1];
  uint64_t digit = value / first, left = value % first;
  while (digit >> 32 != 0 || digit * second > (left << 32 | rest[top - 2])) {
    --digit;
    left += first;
    if (left >> 32 != 0) break;
  }
  return digit;
}

Limbs quotient(Limbs a, const Limbs& b) {
  if (is_less(a, b)) return {};
  if (b.size() == 1) {
    divide_small(a, b[0]);
    return a;
  }
  // The divisor's highest bit is set, so that its top limbs tell enough.
  auto shift = static_cast<unsigned>(std::countl_zero(b.back()));
  Limbs divisor = shifted_left(b, shift), rest = shifted_left(a, shift);
  divisor.pop_back();
  Limbs result(a.size() - b.size() + 1);
  for (size_t i = result.size(); i-- > 0;) {
    uint64_t digit = estimate_digit(rest, i + b.size(), divisor);
    if (subtract_multiple(rest, i, divisor, digit)) {
      add_back(rest, i, divisor);
      --digit;
    }
    result[i] = static_cast<uint32_t>(digit);
  }
  return result;
}

// `flip`: with the sign of `b` turned, which makes a sum a difference.
BigInt add(const BigInt& a, const BigInt& b, bool flip) {
  Limbs left = to_limbs(a.magnitude), right = to_limbs(b.magnitude);
  bool negative = b.negative != flip;
  if (a.negative == negative) return from_limbs(sum(left, right), negative);
  if (is_less(left, right)) return from_limbs(difference(right, left), negative);
  return from_limbs(difference(left, right), a.negative);
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 36;
}

}  // namespace

BigInt BigInt::parse(std::string_view decimal) {
  bool negative = decimal.starts_with('-');
  std::optional<BigInt> value = from_digits(decimal.substr(negative ? 1 : 0), 10);
  if (!value) throw ValueError("a bigint that is no decimal integer");
  value->negative = negative && !value->magnitude.empty();
  return *std::move(value);
}

std::optional<BigInt> BigInt::from_digits(std::string_view digits, unsigned radix) {
  auto is_digit = [&](char c) { return digit_value(c) < static_cast<int>(radix); };
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.size() > kMaxDigits)
    throw ValueError("a bigint of more than 20,000 digits", Status::kTooLarge);
  Limbs limbs;
  // As many digits at once as fit a limb.
  for (size_t i = 0; i < digits.size();) {
    uint32_t factor = 1, addend = 0;
    for (; i < digits.size() && uint64_t{factor} * radix <= UINT32_MAX; ++i) {
      factor *= radix;
      addend = addend * radix + static_cast<uint32_t>(digit_value(digits[i]));
    }
    multiply_add(limbs, factor, addend);
  }
  return from_limbs(limbs, false);
}

std::string BigInt::to_decimal() const {
  Limbs rest = to_limbs(magnitude);
  if (rest.empty()) return "0";
  std::string reversed;
  while (!rest.empty()) {
    uint32_t part = divide_small(rest, 1000000000);
    for (int i = 0; i < 9 && (part != 0 || !rest.empty()); ++i, part /= 10)
      reversed += static_cast<char>('0' + part % 10);
  }
  if (negative) reversed += '-';
  return {reversed.rbegin(), reversed.rend()};
}

BigInt BigInt::from_payload(Bytes payload) {
  BigInt value;
  value.negative = payload[0] != 0;
  value.magnitude.assign(payload.begin() + 1, payload.end());
  return value;
}

std::vector<uint8_t> BigInt::to_payload() const {
  std::vector<uint8_t> payload(magnitude.size() + 1);
  std::copy(magnitude.begin(), magnitude.end(), payload.begin() + 1);
  while (payload.size() > 1 && payload.back() == 0) payload.pop_back();
  payload[0] = negative && payload.size() > 1 ? 1 : 0;
  return payload;
}

BigInt operator+(const BigInt& a, const BigInt& b) { return add(a, b, false); }
BigInt operator-(const BigInt& a, const BigInt& b) { return add(a, b, true); }

BigInt operator*(const BigInt& a, const BigInt& b) {
  return from_limbs(product(to_limbs(a.magnitude), to_limbs(b.magnitude)),
                    a.negative != b.negative);
}

BigInt operator/(const BigInt& a, const BigInt& b) {
  Limbs divisor = to_limbs(b.magnitude);
  if (divisor.empty()) throw ValueError("division by zero");
  return from_limbs(quotient(to_limbs(a.magnitude), divisor), a.negative != b.negative);
}

}  // namespace cairn
