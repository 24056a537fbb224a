// Python objects as portable values (core/value/ENCODING.md) and back. None, bool, str, bytes, list
// and dict are what they look like. A number is an int where it is an integer within 2^53, else a
// float; a bigint is a cairn.BigInt. A date is a datetime in UTC, or a cairn.Timestamp where that
// has no such year. With the GIL only.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ref.h"

namespace cairn::python {

using ByteSpan = std::span<const uint8_t>;

inline constexpr int kMaxDepth = 128;
inline constexpr double kMaxInteger = 9007199254740992.0;  // 2^53
inline constexpr double kMaxDate = 8.64e15;                // milliseconds

bool set_up_dates();

// Appends a value. `undefined` may stand for a field, in an update.
void write_value(PyObject* value, std::string& out, int depth = 0, bool undefined = false);
// Throws where there are bytes left.
Ref read_value(ByteSpan bytes);

// What a number, a date or a text of a column is in Python.
Ref number_of(double number);
Ref date_of(double milliseconds);
Ref text_of(const uint8_t* wtf8, size_t size);
Ref bytes_of(std::string_view bytes);
// The text's WTF-8: the str's own, or what `copy` keeps.
std::string_view wtf8_of(PyObject* text, std::string& copy);

}  // namespace cairn::python
