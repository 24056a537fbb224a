#include "core/query/case_mapping.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

namespace cairn {
namespace {

struct Special {
  uint32_t code_point;
  CaseMapping upper;
};

// Unicode's SpecialCasing, the unconditional mappings to upper case, but for U+1F80 to U+1FAF.
constexpr Special kSpecials[] = {{0xdf, {0x53, 0x53, 0}},         {0x149, {0x2bc, 0x4e, 0}},
                                 {0x1f0, {0x4a, 0x30c, 0}},       {0x390, {0x399, 0x308, 0x301}},
                                 {0x3b0, {0x3a5, 0x308, 0x301}},  {0x587, {0x535, 0x552, 0}},
                                 {0x1e96, {0x48, 0x331, 0}},      {0x1e97, {0x54, 0x308, 0}},
                                 {0x1e98, {0x57, 0x30a, 0}},      {0x1e99, {0x59, 0x30a, 0}},
                                 {0x1e9a, {0x41, 0x2be, 0}},      {0x1f50, {0x3a5, 0x313, 0}},
                                 {0x1f52, {0x3a5, 0x313, 0x300}}, {0x1f54, {0x3a5, 0x313, 0x301}},
                                 {0x1f56, {0x3a5, 0x313, 0x342}}, {0x1fb2, {0x1fba, 0x399, 0}},
                                 {0x1fb3, {0x391, 0x399, 0}},     {0x1fb4, {0x386, 0x399, 0}},
                                 {0x1fb6, {0x391, 0x342, 0}},     {0x1fb7, {0x391, 0x342, 0x399}},
                                 {0x1fbc, {0x391, 0x399, 0}},     {0x1fc2, {0x1fca, 0x399, 0}},
                                 {0x1fc3, {0x397, 0x399, 0}},     {0x1fc4, {0x389, 0x399, 0}},
                                 {0x1fc6, {0x397, 0x342, 0}},     {0x1fc7, {0x397, 0x342, 0x399}},
                                 {0x1fcc, {0x397, 0x399, 0}},     {0x1fd2, {0x399, 0x308, 0x300}},
                                 {0x1fd3, {0x399, 0x308, 0x301}}, {0x1fd6, {0x399, 0x342, 0}},
                                 {0x1fd7, {0x399, 0x308, 0x342}}, {0x1fe2, {0x3a5, 0x308, 0x300}},
                                 {0x1fe3, {0x3a5, 0x308, 0x301}}, {0x1fe4, {0x3a1, 0x313, 0}},
                                 {0x1fe6, {0x3a5, 0x342, 0}},     {0x1fe7, {0x3a5, 0x308, 0x342}},
                                 {0x1ff2, {0x1ffa, 0x399, 0}},    {0x1ff3, {0x3a9, 0x399, 0}},
                                 {0x1ff4, {0x38f, 0x399, 0}},     {0x1ff6, {0x3a9, 0x342, 0}},
                                 {0x1ff7, {0x3a9, 0x342, 0x399}}, {0x1ffc, {0x3a9, 0x399, 0}},
                                 {0xfb00, {0x46, 0x46, 0}},       {0xfb01, {0x46, 0x49, 0}},
                                 {0xfb02, {0x46, 0x4c, 0}},       {0xfb03, {0x46, 0x46, 0x49}},
                                 {0xfb04, {0x46, 0x46, 0x4c}},    {0xfb05, {0x53, 0x54, 0}},
                                 {0xfb06, {0x53, 0x54, 0}},       {0xfb13, {0x544, 0x546, 0}},
                                 {0xfb14, {0x544, 0x535, 0}},     {0xfb15, {0x544, 0x53b, 0}},
                                 {0xfb16, {0x54e, 0x546, 0}},     {0xfb17, {0x544, 0x53d, 0}}};

constexpr bool by_code_point(const Special& a, const Special& b) {
  return a.code_point < b.code_point;
}
static_assert(std::is_sorted(std::begin(kSpecials), std::end(kSpecials), by_code_point));

// Letters of Unicode 16 and 17, of which an older utf8proc does not know; without these the answer
// would depend on the library's age.
struct Letters {
  uint32_t first_upper, last_upper, first_lower;
};
constexpr Letters kNewLetters[] = {{0x1c89, 0x1c89, 0x1c8a},    {0xa7cb, 0xa7cb, 0x264},
                                   {0xa7cc, 0xa7cc, 0xa7cd},    {0xa7ce, 0xa7ce, 0xa7cf},
                                   {0xa7d2, 0xa7d2, 0xa7d3},    {0xa7d4, 0xa7d4, 0xa7d5},
                                   {0xa7da, 0xa7da, 0xa7db},    {0xa7dc, 0xa7dc, 0x19b},
                                   {0x10d50, 0x10d65, 0x10d70}, {0x16ea0, 0x16eb8, 0x16ebb}};

struct Range {
  uint32_t first, last;
};

// Marks of Unicode 16 and 17 that are case-ignorable, for the same reason.
constexpr Range kNewIgnorables[] = {
    {0x897, 0x897},     {0x1acf, 0x1add},   {0x1ae0, 0x1aeb},   {0xa7f1, 0xa7f1},
    {0x10d4e, 0x10d4e}, {0x10d69, 0x10d6d}, {0x10d6f, 0x10d6f}, {0x10ec5, 0x10ec5},
    {0x10efa, 0x10efc}, {0x113bb, 0x113c0}, {0x113ce, 0x113ce}, {0x113d0, 0x113d0},
    {0x113d2, 0x113d2}, {0x113e1, 0x113e2}, {0x11b60, 0x11b60}, {0x11b62, 0x11b64},
    {0x11b66, 0x11b66}, {0x11dd9, 0x11dd9}, {0x11f5a, 0x11f5a}, {0x1611e, 0x16129},
    {0x1612d, 0x1612f}, {0x16d40, 0x16d42}, {0x16d6b, 0x16d6c}, {0x16ff2, 0x16ff3},
    {0x1e5ee, 0x1e5ef}, {0x1e6e3, 0x1e6e3}, {0x1e6e6, 0x1e6e6}, {0x1e6ee, 0x1e6ef},
    {0x1e6f5, 0x1e6f5}, {0x1e6ff, 0x1e6ff}};

// Cased without being letters of either case by category (Other_Uppercase, Other_Lowercase), of
// those that are not case-ignorable: ordinals, Roman numerals, and letters in circles and squares.
constexpr Range kOtherCased[] = {{0xaa, 0xaa},      {0xba, 0xba},       {0x2160, 0x217f},
                                 {0x24b6, 0x24e9},  {0x1f130, 0x1f149}, {0x1f150, 0x1f169},
                                 {0x1f170, 0x1f189}};

// Punctuation within words (Word_Break MidLetter, MidNumLet and Single_Quote), which is
// case-ignorable.
constexpr uint32_t kWordPunctuation[] = {0x27,   0x2e,   0x3a,   0xb7,   0x387,  0x55f,
                                         0x5f4,  0x2018, 0x2019, 0x2024, 0x2027, 0xfe13,
                                         0xfe52, 0xfe55, 0xff07, 0xff0e, 0xff1a};

template <size_t N>
bool is_within(const Range (&ranges)[N], uint32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& range) { return c >= range.first && c <= range.last; });
}

const Special* find_special(uint32_t c) {
  auto found =
      std::lower_bound(std::begin(kSpecials), std::end(kSpecials), Special{c, {}}, by_code_point);
  return found != std::end(kSpecials) && found->code_point == c ? found : nullptr;
}

uint32_t new_upper(uint32_t c) {
  for (const Letters& letters : kNewLetters) {
    uint32_t last = letters.first_lower + (letters.last_upper - letters.first_upper);
    if (c >= letters.first_lower && c <= last)
      return letters.first_upper + (c - letters.first_lower);
  }
  return c;
}

uint32_t new_lower(uint32_t c) {
  for (const Letters& letters : kNewLetters)
    if (c >= letters.first_upper && c <= letters.last_upper)
      return letters.first_lower + (c - letters.first_upper);
  return c;
}

utf8proc_category_t category(uint32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

}  // namespace

CaseMapping upper_mapping(uint32_t c) {
  // Greek letters with an iota below or beside, in three groups of eight small ones and eight
  // others.
  if (c >= 0x1f80 && c <= 0x1faf) {
    constexpr uint32_t kWithoutIota[] = {0x1f08, 0x1f28, 0x1f68};
    return {kWithoutIota[(c - 0x1f80) >> 4] + (c & 7), 0x399, 0};
  }
  if (const Special* special = find_special(c)) return special->upper;
  auto upper = static_cast<uint32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c)));
  return {upper != c ? upper : new_upper(c), 0, 0};
}

CaseMapping lower_mapping(uint32_t c) {
  if (c == 0x130) return {0x69, 0x307, 0};  // the dotted I of Turkish
  auto lower = static_cast<uint32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
  return {lower != c ? lower : new_lower(c), 0, 0};
}

bool is_cased(uint32_t c) {
  if (c == 0x295) return false;  // no longer a small letter
  utf8proc_category_t kind = category(c);
  if (kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LL || kind == UTF8PROC_CATEGORY_LT)
    return true;
  return is_within(kOtherCased, c) || new_upper(c) != c || new_lower(c) != c;
}

bool is_case_ignorable(uint32_t c) {
  if (c == 0x1171e) return false;  // no longer a mark without width
  utf8proc_category_t kind = category(c);
  if (kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_ME ||
      kind == UTF8PROC_CATEGORY_CF || kind == UTF8PROC_CATEGORY_LM || kind == UTF8PROC_CATEGORY_SK)
    return true;
  return std::find(std::begin(kWordPunctuation), std::end(kWordPunctuation), c) !=
             std::end(kWordPunctuation) ||
         is_within(kNewIgnorables, c);
}

}  // namespace cairn
