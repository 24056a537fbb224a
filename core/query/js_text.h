// Strings as ECMAScript measures, orders, cases and trims them, over well-formed WTF-8: whatever
// counts or compares does so by UTF-16 code units. ASCII takes a shorter way everywhere. Pure
// functions, any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

// Append text.toUpperCase() and text.toLowerCase(): Unicode's full mappings, without a locale; a
// sigma that ends a word has its own small form. Lone surrogates stay.
void append_upper(std::string_view text, std::string& out);
void append_lower(std::string_view text, std::string& out);

// text.length.
size_t utf16_length(std::string_view text);

// text.charCodeAt(index); nothing from the end on.
std::optional<char16_t> utf16_unit_at(std::string_view text, size_t index);

// Appends text[index], half a pair as a lone surrogate; false, and nothing, from the end on.
bool append_utf16_unit_at(std::string_view text, size_t index, std::string& out);

// a < b and the like: the order of UTF-16 units, which is not that of bytes above U+D7FF.
std::strong_ordering compare_utf16(std::string_view a, std::string_view b);

// LIKE: `%` is any run, `_` one UTF-16 unit, and every other unit itself; nothing escapes. For
// ILIKE give both in lower case.
bool matches_like(std::string_view text, std::string_view pattern);

// text.trim(): without white space and line terminators at either end.
std::string_view trim_white_space(std::string_view text);

}  // namespace cairn
