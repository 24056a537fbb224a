// Numbers as ECMAScript writes them (Number::toString). Pure functions, any thread.
#pragma once

#include <string>

namespace cairn {

// Appends String(number): the shortest digits that read back the same, with an exponent from 1e21
// up and below 1e-6; "NaN", "Infinity", and "0" for both zeros.
void append_number(double number, std::string& out);

}  // namespace cairn
