// Keys: a text or a finite number, encoded so that the order of their bytes is the order of keys
// (ENCODING.md, 'Keys'). Pure functions, any thread.
#pragma once

#include <string>

#include "core/value/tags.h"

namespace cairn {

// Appends the key of a value; throws ValueError where it cannot be one.
void encode_key(const Item& value, ByteBuffer& out);

// Writes an encoded key as a value; throws kCorrupt where it is none.
void put_key(Bytes key, TupleWriter& out);

// An encoded key for messages: "abc" or 12.
std::string describe_key(Bytes key);

}  // namespace cairn
