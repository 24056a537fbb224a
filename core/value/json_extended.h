// The values that JSON cannot say: dates, bigints, bytes, special numbers and texts, as objects
// with one field whose name begins with `$`. Pure functions, any thread.
#pragma once

#include <string>

#include "core/value/value.h"

namespace cairn {

// Turns an object that stands for such a value into it; any other is given as it is.
Value from_extended(Object object);

// Whether an object would be taken for such a value, so that it has to be written as {"$object":
// …}.
bool looks_extended(const Object& object);

}  // namespace cairn
