// Portable arrays of SQL values (core/value/ENCODING.md), as a host of cairn_sql_executor gets and
// gives them: nulls, numbers, texts and bytes. Written from the document alone, so that it checks
// the engine's own codec. Plain functions, for any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn::testing {

struct Bytes {
  std::string data;
};

using SqlValue = std::variant<std::monostate, double, std::string, Bytes>;

// Reads a portable array. False for anything that is not well formed, or holds other values.
bool decode_sql_values(std::string_view encoded, std::vector<SqlValue>* values);

// Writes a portable array.
std::string encode_sql_values(const std::vector<SqlValue>& values);

// Appends an unsigned LEB128 number.
void append_varint(std::string* out, uint64_t value);

// Whether a text is UTF-8 as Unicode has it: no surrogates, no overlong forms.
bool is_utf8(std::string_view text);

}  // namespace cairn::testing
