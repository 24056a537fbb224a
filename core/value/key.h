// Keys: a text or a finite number, encoded so that the order of their bytes is the order of keys
// (ENCODING.md, 'Keys'). Pure functions, any thread.
#pragma once

#include <string>

#include "core/value/tags.h"

namespace cairn {

// The first byte of an encoded key.
inline constexpr uint8_t kTextKey = 0x02;
inline constexpr uint8_t kNumberKey = 0x04;

inline bool is_number_key(Bytes key) { return !key.empty() && key[0] == kNumberKey; }
// Throws kCorrupt where the key is none.
double number_of_key(Bytes key);
// Appends a number's key; throws ValueError where it is not finite.
void encode_number_key(double value, ByteBuffer& out);

// Appends the key of a value; throws ValueError where it cannot be one.
void encode_key(const Item& value, ByteBuffer& out);

// Writes an encoded key as a value; throws kCorrupt where it is none.
void put_key(Bytes key, TupleWriter& out);

// An encoded key for messages: "abc" or 12.
std::string describe_key(Bytes key);

}  // namespace cairn
