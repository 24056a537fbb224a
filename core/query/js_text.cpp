#include "core/query/js_text.h"

#include <algorithm>
#include <bit>

#include "core/query/case_mapping.h"
#include "core/value/text.h"

namespace cairn {
namespace {

constexpr uint32_t kSigma = 0x3a3, kSmallSigma = 0x3c3, kSmallFinalSigma = 0x3c2;

// Whether a byte goes on with a code point.
bool goes_on(char byte) { return (static_cast<uint8_t>(byte) & 0xc0) == 0x80; }

char ascii_upper(char c) { return static_cast<char>(c - (c >= 'a' && c <= 'z' ? 0x20 : 0)); }
char ascii_lower(char c) { return static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 0x20 : 0)); }

template <typename Change>
void append_changed(std::string_view ascii, std::string& out, Change change) {
  size_t start = out.size();
  out.resize(start + ascii.size());
  std::transform(ascii.begin(), ascii.end(), out.begin() + static_cast<ptrdiff_t>(start), change);
}

void append_mapping(const CaseMapping& mapping, std::string& out) {
  append_code_point(out, mapping[0]);
  if (mapping[1] != 0) append_code_point(out, mapping[1]);
  if (mapping[2] != 0) append_code_point(out, mapping[2]);
}

// The code point that begins at `at`, whose end it gives too.
uint32_t code_point_at(std::string_view text, size_t at, size_t& end) {
  const uint8_t* start = reinterpret_cast<const uint8_t*>(text.data()) + at;
  const uint8_t* next = start;
  uint32_t code_point = next_code_point(next);
  end = at + static_cast<size_t>(next - start);
  return code_point;
}

bool cased_before(std::string_view text, size_t at) {
  while (at > 0) {
    do --at;
    while (goes_on(text[at]));
    size_t end;
    uint32_t code_point = code_point_at(text, at, end);
    if (!is_case_ignorable(code_point)) return is_cased(code_point);
  }
  return false;
}

bool cased_after(std::string_view text, size_t at) {
  while (at < text.size()) {
    uint32_t code_point = code_point_at(text, at, at);
    if (!is_case_ignorable(code_point)) return is_cased(code_point);
  }
  return false;
}

// A sigma from `start` to `end` is final where a letter is before it and none after.
uint32_t small_sigma(std::string_view text, size_t start, size_t end) {
  return cased_before(text, start) && !cased_after(text, end) ? kSmallFinalSigma : kSmallSigma;
}

char16_t high_half(uint32_t pair) { return static_cast<char16_t>(0xd7c0 + (pair >> 10)); }
char16_t low_half(uint32_t pair) { return static_cast<char16_t>(0xdc00 + (pair & 0x3ff)); }

// Bytes of white space that the text begins with, 0 where it begins with something else.
// ECMAScript's WhiteSpace and LineTerminator.
size_t leading_space(std::string_view text) {
  static constexpr std::string_view kWide[] = {"\u00a0", "\u1680", "\u2000", "\u2001", "\u2002",
                                               "\u2003", "\u2004", "\u2005", "\u2006", "\u2007",
                                               "\u2008", "\u2009", "\u200a", "\u2028", "\u2029",
                                               "\u202f", "\u205f", "\u3000", "\ufeff"};
  if (text.empty()) return 0;
  auto first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) return first == ' ' || (first >= '\t' && first <= '\r') ? 1 : 0;
  for (std::string_view space : kWide)
    if (text.starts_with(space)) return space.size();
  return 0;
}

// The last code point's bytes.
std::string_view last_character(std::string_view text) {
  size_t start = text.size();
  while (start > 0 && goes_on(text[--start])) continue;
  return text.substr(start);
}

// Where two texts differ first, or the end of the shorter.
size_t common_prefix(std::string_view a, std::string_view b) {
  size_t size = std::min(a.size(), b.size()), i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t left, right;
    std::memcpy(&left, a.data() + i, 8);
    std::memcpy(&right, b.data() + i, 8);
    if (left != right) break;
  }
  while (i < size && a[i] == b[i]) ++i;
  return i;
}

// A pair against a text that starts with a code point of three bytes, ED or above: the pair's
// halves stand against that one's unit, and where this is the same half, against the unit after it.
// They are never equal.
std::strong_ordering compare_pair(std::string_view pair, std::string_view other) {
  size_t end;
  uint32_t code_point = code_point_at(pair, 0, end);
  uint32_t unit = code_point_at(other, 0, end);
  if (unit != high_half(code_point)) return high_half(code_point) <=> unit;
  if (end == other.size()) return std::strong_ordering::greater;
  uint32_t after = code_point_at(other, end, end);
  if (after > 0xffff) after = high_half(after);
  return low_half(code_point) <=> after;
}

}  // namespace

void append_upper(std::string_view text, std::string& out) {
  if (is_ascii(text)) return append_changed(text, out, ascii_upper);
  out.reserve(out.size() + text.size());
  for (size_t at = 0; at < text.size();) {
    uint32_t code_point = code_point_at(text, at, at);
    if (code_point < 0x80) {
      out += ascii_upper(static_cast<char>(code_point));
    } else {
      append_mapping(upper_mapping(code_point), out);
    }
  }
}

void append_lower(std::string_view text, std::string& out) {
  if (is_ascii(text)) return append_changed(text, out, ascii_lower);
  out.reserve(out.size() + text.size());
  for (size_t at = 0; at < text.size();) {
    size_t start = at;
    uint32_t code_point = code_point_at(text, start, at);
    if (code_point < 0x80) {
      out += ascii_lower(static_cast<char>(code_point));
    } else if (code_point == kSigma) {
      append_code_point(out, small_sigma(text, start, at));
    } else {
      append_mapping(lower_mapping(code_point), out);
    }
  }
}

size_t utf16_length(std::string_view text) {
  if (is_ascii(text)) return text.size();
  size_t units = 0;
  for (char byte : text)
    units += (goes_on(byte) ? 0u : 1u) + (static_cast<uint8_t>(byte) >= 0xf0 ? 1u : 0u);
  return units;
}

std::optional<char16_t> utf16_unit_at(std::string_view text, size_t index) {
  if (index >= text.size()) return std::nullopt;
  if (is_ascii(text.substr(0, index + 1))) return static_cast<char16_t>(text[index]);
  size_t at = 0;
  for (size_t unit = 0; at < text.size(); ++unit) {
    uint32_t code_point = code_point_at(text, at, at);
    if (code_point <= 0xffff && unit == index) return static_cast<char16_t>(code_point);
    if (code_point <= 0xffff) continue;
    if (unit == index) return high_half(code_point);
    if (++unit == index) return low_half(code_point);
  }
  return std::nullopt;
}

bool append_utf16_unit_at(std::string_view text, size_t index, std::string& out) {
  std::optional<char16_t> unit = utf16_unit_at(text, index);
  if (unit) append_code_point(out, *unit);
  return unit.has_value();
}

std::strong_ordering compare_utf16(std::string_view a, std::string_view b) {
  size_t at = common_prefix(a, b);
  if (at == a.size() || at == b.size()) return a.size() <=> b.size();
  auto left = static_cast<uint8_t>(a[at]), right = static_cast<uint8_t>(b[at]);
  // Bytes order code points. Only pairs, which begin with F0 or above, have units that are smaller
  // than those of code points below them; and then both texts have a code point's start here.
  if (left >= 0xf0 && right >= 0xed && right < 0xf0)
    return compare_pair(a.substr(at), b.substr(at));
  if (right >= 0xf0 && left >= 0xed && left < 0xf0)
    return std::is_lt(compare_pair(b.substr(at), a.substr(at))) ? std::strong_ordering::greater
                                                                : std::strong_ordering::less;
  return left <=> right;
}

std::string_view trim_white_space(std::string_view text) {
  while (size_t size = leading_space(text)) text.remove_prefix(size);
  while (!text.empty()) {
    std::string_view last = last_character(text);
    if (leading_space(last) == 0) break;
    text.remove_suffix(last.size());
  }
  return text;
}

}  // namespace cairn
