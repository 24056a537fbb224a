// LIKE. The pattern is cut at its `%`: its first part stands at the text's start, its last at the
// end, and each between is taken where it is found first, which leaves the most to those after it.

#include "core/query/js_text.h"
#include "core/value/text.h"

namespace cairn {
namespace {

// `Text` is a view of bytes or of UTF-16 units.
template <typename Text>
class LikeMatcher {
 public:
  using Unit = typename Text::value_type;

  static bool matches(Text text, Text pattern) {
    size_t mark = pattern.find(kAny);
    if (mark == Text::npos) return text.size() == pattern.size() && stands(text, 0, pattern);
    size_t last_mark = pattern.rfind(kAny);
    Text first = pattern.substr(0, mark), last = pattern.substr(last_mark + 1);
    if (text.size() < first.size() + last.size()) return false;
    size_t end = text.size() - last.size();
    if (!stands(text, 0, first) || !stands(text, end, last)) return false;
    if (mark == last_mark) return true;
    Text between = pattern.substr(mark + 1, last_mark - mark - 1);
    return finds_all(text.substr(first.size(), end - first.size()), between);
  }

 private:
  static constexpr Unit kAny = '%', kOne = '_';

  // Whether a part without `%` stands at a place that has room for it.
  static bool stands(Text text, size_t at, Text part) {
    for (size_t i = 0; i < part.size(); ++i)
      if (part[i] != kOne && part[i] != text[at + i]) return false;
    return true;
  }

  static size_t find(Text text, Text part) {
    if (part.find(kOne) == Text::npos) return text.find(part);
    for (size_t at = 0; at + part.size() <= text.size(); ++at)
      if (stands(text, at, part)) return at;
    return Text::npos;
  }

  static bool finds_all(Text text, Text parts) {
    while (true) {
      size_t mark = parts.find(kAny);
      Text part = parts.substr(0, mark);
      size_t found = find(text, part);
      if (found == Text::npos) return false;
      if (mark == Text::npos) return true;
      text.remove_prefix(found + part.size());
      parts.remove_prefix(mark + 1);
    }
  }
};

// Whether a pattern asks for single units, which bytes do not show: `_`, or half a pair.
bool asks_for_units(std::string_view pattern) {
  return pattern.find('_') != std::string_view::npos || !is_wtf8(as_bytes(pattern), false);
}

std::u16string to_utf16(std::string_view text) {
  std::u16string units;
  units.reserve(text.size());
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = at + text.size();
  while (at < end) {
    uint32_t c = next_code_point(at);
    if (c > 0xffff) {
      units += static_cast<char16_t>(0xd7c0 + (c >> 10));
      c = 0xdc00 + (c & 0x3ff);
    }
    units += static_cast<char16_t>(c);
  }
  return units;
}

}  // namespace

bool matches_like(std::string_view text, std::string_view pattern) {
  if (is_ascii(text) || !asks_for_units(pattern))
    return LikeMatcher<std::string_view>::matches(text, pattern);
  return LikeMatcher<std::u16string_view>::matches(to_utf16(text), to_utf16(pattern));
}

}  // namespace cairn
