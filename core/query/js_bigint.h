// Bigints as ECMAScript compares, computes and converts them, over the payloads of kBigInt: a sign
// byte, then the magnitude, little-endian without high zeros. Results have that form too. Payloads
// are taken to be well-formed. Pure functions, any thread.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/value/bytes.h"

namespace cairn {

// What arithmetic takes and gives, and what is written in decimal: more throws ValueError
// (kTooLarge), since time grows with the square of it. Comparisons take any size.
inline constexpr size_t kMaxBigIntBytes = 64u << 10;

using BigIntPayload = std::vector<uint8_t>;

std::strong_ordering compare_bigints(Bytes a, Bytes b);

// By mathematical value; NaN is unordered.
std::partial_ordering compare_bigint_to_number(Bytes a, double b);

// BigInt(text) of WTF-8: decimal with a sign, or 0x, 0o, 0b; white space around it is dropped,
// empty text is 0, and what is no integer gives nothing. More than 20,000 digits throw kTooLarge.
std::optional<BigIntPayload> bigint_from_text(std::string_view text);

// Appends String(bigint).
void append_bigint(Bytes bigint, std::string& out);

BigIntPayload add_bigints(Bytes a, Bytes b);
BigIntPayload subtract_bigints(Bytes a, Bytes b);
BigIntPayload multiply_bigints(Bytes a, Bytes b);
// Truncates toward zero; throws ValueError for a divisor of 0.
BigIntPayload divide_bigints(Bytes a, Bytes b);

}  // namespace cairn
