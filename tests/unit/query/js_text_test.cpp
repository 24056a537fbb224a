// Strings: case, length, units, order, joining and white space. Checksums stand for what V8 (Node
// 20, Unicode 17) gives for every code point; a utf8proc of a later Unicode may add letters to
// them.
#include "core/query/js_text.h"

#include <gtest/gtest.h>

#include <map>

#include "core/value/text.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

std::string upper(std::string_view text) {
  std::string out;
  append_upper(text, out);
  return out;
}

std::string lower(std::string_view text) {
  std::string out;
  append_lower(text, out);
  return out;
}

std::string code_point_text(uint32_t code_point) {
  std::string out;
  append_code_point(out, code_point);
  return out;
}

std::u16string utf16(std::string_view text) {
  ByteBuffer bytes;
  wtf8_to_utf16(as_bytes(text), bytes);
  std::u16string units;
  for (size_t i = 0; i < bytes.size(); i += 2)
    units += static_cast<char16_t>(load_le(bytes.data() + i, 2));
  return units;
}

// FNV-1a.
uint32_t checksum(uint32_t sum, uint8_t byte) { return (sum ^ byte) * 16777619u; }
uint32_t checksum(uint32_t sum, std::string_view text) {
  for (char16_t unit : utf16(text))
    sum = checksum(checksum(sum, static_cast<uint8_t>(unit)), static_cast<uint8_t>(unit >> 8));
  return sum;
}
constexpr uint32_t kChecksumStart = 2166136261u;

// Of 4,096 code points: how many have another upper or lower case, and the checksum of these, each
// followed by both.
struct CaseFact {
  uint32_t count, sum;
};
const std::map<uint32_t, CaseFact> kCaseFacts = {
    {0x00, {968, 0x61aad425}}, {0x01, {709, 0xa4daba4a}}, {0x02, {356, 0x9804e52f}},
    {0x0a, {326, 0x899b425a}}, {0x0f, {64, 0xd5fd3190}},  {0x10, {368, 0x94e6a9ae}},
    {0x11, {64, 0x2b2649c5}},  {0x16, {114, 0xf803baa2}}, {0x1e, {68, 0x0f906da1}}};

// Of 4,096 code points: the checksum of whether a sigma beside each is final, in four places. In
// all other blocks a code point is neither cased nor case-ignorable.
const std::map<uint32_t, uint32_t> kSigmaFacts = {
    {0x00, 0xfac5243b}, {0x01, 0x59503eb9}, {0x02, 0x2c024cb6}, {0x03, 0x2fdb0b3d},
    {0x0a, 0x8af31bb6}, {0x0f, 0x9f6df2d5}, {0x10, 0x846bb0ff}, {0x11, 0xa445d847},
    {0x13, 0x1f461441}, {0x16, 0x63a964a3}, {0x1a, 0xc24c1ce7}, {0x1b, 0x606773cd},
    {0x1c, 0xe4ac3fbb}, {0x1d, 0xa80fcc1f}, {0x1e, 0x50953e25}, {0x1f, 0x14cb01e1},
    {0xe0, 0xd720b0eb}};
constexpr uint32_t kUncasedSum = 0x91446dc5;

TEST(JsTextCase, AsciiChangesItsLettersOnly) {
  std::string all, upper_expected, lower_expected;
  for (char c = 0; c >= 0 && c < 127; ++c) {
    all += c;
    upper_expected += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    lower_expected += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  EXPECT_EQ(upper(all), upper_expected);
  EXPECT_EQ(lower(all), lower_expected);
  // The same letters where one of the others is not ASCII.
  EXPECT_EQ(upper(all + "é"), upper_expected + "É");
  EXPECT_EQ(lower(all + "É"), lower_expected + "é");
  std::string out = "appended ";
  append_upper("abc", out);
  append_lower("DÉF", out);
  EXPECT_EQ(out, "appended ABCdéf");
}

TEST(JsTextCase, MappingsAreFull) {
  EXPECT_EQ(upper("Straße"), "STRASSE");
  EXPECT_EQ(upper("\ufb03 \u0149 \u01f0"), "FFI \u02bcN J\u030c");
  EXPECT_EQ(upper("\u0390 \u0587 \u1e96"), "\u0399\u0308\u0301 \u0535\u0552 H\u0331");
  EXPECT_EQ(upper("ᾳ ᾼ ᾀ ᾈ ᾯ"), "ΑΙ ΑΙ ἈΙ ἈΙ ὯΙ");
  EXPECT_EQ(upper("\u1ff7"), "\u03a9\u0342\u0399");
  EXPECT_EQ(lower("ᾼ ᾈ ᾯ ẞ"), "ᾳ ᾀ ᾧ ß");
  EXPECT_EQ(lower("İI"), "i\u0307i");
  EXPECT_EQ(upper("ıiſµÿ"), "IISΜŸ");
  EXPECT_EQ(lower("\u212a\u212b\u2126"),
            "k\u00e5\u03c9");  // the signs for kelvin, ångström and ohm
  EXPECT_EQ(upper("ǆǅ"), "ǄǄ");
  EXPECT_EQ(lower("ǅǄ"), "ǆǆ");
  EXPECT_EQ(upper("𐐨 ა ꭰ ⅷ ⓐ"), "𐐀 Ა Ꭰ Ⅷ Ⓐ");
  EXPECT_EQ(lower("𐐀 Ა Ꭰ Ⅷ Ⓐ"), "𐐨 ა ꭰ ⅷ ⓐ");
  EXPECT_EQ(lower("日本語 Ж 😀"), "日本語 ж 😀");
}

TEST(JsTextCase, ASigmaThatEndsAWordHasItsOwnForm) {
  EXPECT_EQ(lower("ΟΔΥΣΣΕΥΣ"), "οδυσσευς");
  EXPECT_EQ(lower("ΣΑΣ ΣΑΣ."), "σας σας.");
  EXPECT_EQ(lower("Σ"), "σ");
  EXPECT_EQ(lower("ΑΣ Σ Α"), "ας σ α");
  EXPECT_EQ(lower("ΑΣ1"), "ας1");
  EXPECT_EQ(lower("1Σ"), "1σ");
  // What is case-ignorable is looked past, on both sides.
  EXPECT_EQ(lower("Α\u0301.'Σ"), "α\u0301.'ς");
  EXPECT_EQ(lower("ΑΣ'\u0301Α"), "ασ'\u0301α");
  EXPECT_EQ(lower("ΑΣ'\u0301 Α"), "ας'\u0301 α");
  EXPECT_EQ(lower("ʰΣ"), "ʰσ");
  EXPECT_EQ(lower("ªΣ ⓐΣ ⅧΣ"), "ªς ⓐς ⅷς");
  EXPECT_EQ(upper("σς"), "ΣΣ");
}

TEST(JsTextCase, LoneSurrogatesStay) {
  std::string high = code_point_text(0xd83d), low = code_point_text(0xde00);
  EXPECT_EQ(upper("é" + high + "é" + low), "É" + high + "É" + low);
  EXPECT_EQ(lower("É" + high + "Σ" + low), "é" + high + "σ" + low);
}

TEST(JsTextCase, EveryCodePointIsMappedAsByV8) {
  for (uint32_t block = 0; block < 0x110; ++block) {
    CaseFact found{0, kChecksumStart};
    for (uint32_t c = block << 12; c < (block + 1) << 12; ++c) {
      std::string text = code_point_text(c), large = upper(text), small = lower(text);
      if (large == text && small == text) continue;
      ++found.count;
      found.sum = checksum(checksum(checksum(found.sum, text), large), small);
    }
    auto fact = kCaseFacts.find(block);
    CaseFact expected = fact == kCaseFacts.end() ? CaseFact{0, kChecksumStart} : fact->second;
    EXPECT_EQ(found.count, expected.count) << std::hex << block;
    EXPECT_EQ(found.sum, expected.sum) << std::hex << block;
  }
}

TEST(JsTextCase, ASigmaBesideEveryCodePointIsMappedAsByV8) {
  const std::string sigma = "Σ", final_sigma = "ς";
  for (uint32_t block = 0; block < 0x110; ++block) {
    uint32_t sum = kChecksumStart;
    for (uint32_t c = block << 12; c < (block + 1) << 12; ++c) {
      std::string text = code_point_text(c);
      std::string places[] = {"A" + sigma + text, "A" + sigma + text + "A", text + sigma,
                              "A" + text + sigma};
      uint8_t finals = 0;
      for (size_t i = 0; i < std::size(places); ++i)
        if (lower(places[i]).find(final_sigma) != std::string::npos)
          finals = static_cast<uint8_t>(finals | 1u << i);
      sum = checksum(sum, finals);
    }
    auto fact = kSigmaFacts.find(block);
    EXPECT_EQ(sum, fact == kSigmaFacts.end() ? kUncasedSum : fact->second) << std::hex << block;
  }
}

// Texts in which units of every kind meet, cut at places where bytes and units order differently.
class RandomTexts {
 public:
  explicit RandomTexts(uint64_t seed) : random_(seed) {}

  std::string text(size_t limit) {
    static const std::vector<uint32_t> kCodePoints = {
        'a',    'b',    0xe9,   0x7ff,  0x800,  0xd7ff,  0xd83c,  0xd83d,  0xdbff,  0xdc00,
        0xde00, 0xdfff, 0xe000, 0xfb01, 0xffff, 0x10000, 0x1f5ff, 0x1f600, 0x1f601, 0x10ffff};
    std::string out;
    for (size_t left = random_.below(limit); left > 0; --left)
      append_wtf8(as_bytes(code_point_text(random_.pick(kCodePoints))), out);
    return out;
  }
  Random& random() { return random_; }

 private:
  Random random_;
};

TEST(JsText, LengthAndUnitsAreThoseOfUtf16) {
  RandomTexts texts(1);
  for (int i = 0; i < 20000; ++i) {
    std::string text = i % 4 == 0 ? std::string(texts.random().below(40), 'a') : texts.text(20);
    std::u16string units = utf16(text);
    ASSERT_EQ(utf16_length(text), units.size());
    for (size_t at = 0; at < units.size() + 2; ++at) {
      std::string out = "x";
      ASSERT_EQ(append_utf16_unit_at(text, at, out), at < units.size());
      if (at >= units.size()) continue;
      ASSERT_EQ(*utf16_unit_at(text, at), units[at]);
      ASSERT_EQ(out, "x" + code_point_text(units[at]));
    }
  }
}

TEST(JsText, OrderIsThatOfUtf16Units) {
  RandomTexts texts(2);
  for (int i = 0; i < 200000; ++i) {
    std::string prefix = texts.text(12), a = prefix, b = prefix;
    append_wtf8(as_bytes(texts.text(4)), a);
    append_wtf8(as_bytes(texts.text(4)), b);
    auto expected = utf16(a) <=> utf16(b);
    ASSERT_TRUE(compare_utf16(a, b) == expected) << hex(a) << " " << hex(b);
    ASSERT_TRUE(compare_utf16(b, a) == (0 <=> expected)) << hex(a) << " " << hex(b);
  }
}

TEST(JsText, OrderDiffersFromThatOfBytesAboveD7FF) {
  EXPECT_TRUE(compare_utf16("😀", "\uffff") < 0);
  EXPECT_TRUE(compare_utf16("\ue000", "😀") > 0);
  EXPECT_TRUE(compare_utf16("\ud7ff", "😀") < 0);
  std::string half = code_point_text(0xd83d);
  EXPECT_TRUE(compare_utf16(half, "😀") < 0);
  EXPECT_TRUE(compare_utf16(half + "a", "😀") < 0);
  EXPECT_TRUE(compare_utf16(half + "\ue000", "😀") > 0);
  EXPECT_TRUE(compare_utf16(half + "😀", "😀") < 0);
  EXPECT_TRUE(compare_utf16("", "") == 0);
  EXPECT_TRUE(compare_utf16("", "a") < 0);
  EXPECT_TRUE(compare_utf16("B", "a") < 0);
  EXPECT_TRUE(compare_utf16("abcdefgh1", "abcdefgh2") < 0);
}

TEST(JsText, HalvesThatMeetBecomeAPair) {
  std::string high = code_point_text(0xd83d), low = code_point_text(0xde00);
  std::string out = "a" + high;
  append_wtf8(as_bytes(low + "b"), out);
  EXPECT_EQ(out, "a😀b");
  out = high;
  append_wtf8(as_bytes(high), out);
  append_wtf8(as_bytes(""), out);
  append_wtf8(as_bytes(low), out);
  EXPECT_EQ(out, high + "😀");
  out = low;
  append_wtf8(as_bytes(high), out);
  EXPECT_EQ(out, low + high);
  RandomTexts texts(3);
  for (int i = 0; i < 20000; ++i) {
    std::string a = texts.text(6), b = texts.text(6), both = a;
    append_wtf8(as_bytes(b), both);
    ASSERT_TRUE(is_wtf8(as_bytes(both))) << hex(both);
    ASSERT_TRUE(utf16(both) == utf16(a) + utf16(b)) << hex(both);
  }
}

TEST(JsText, WhiteSpaceIsTrimmedAtBothEnds) {
  EXPECT_EQ(trim_white_space(""), "");
  EXPECT_EQ(trim_white_space(" \t\r\n\v\f"), "");
  EXPECT_EQ(trim_white_space("\u00a0\ufeff a \u00a0 b\u2028\u3000"), "a \u00a0 b");
  EXPECT_EQ(trim_white_space("é\u2003"), "é");
  for (const char* kept : {"\u200b", "\u0085", "\u180e", "\u2060", "\x1c", "\u00a1", "\u2027", "à"})
    EXPECT_EQ(trim_white_space(kept), kept);
}

}  // namespace
}  // namespace cairn::unit
