// WTF-8: what is well-formed and what is not, and UTF-16 in both directions.
#include "core/value/text.h"

#include <gtest/gtest.h>

#include <random>

#include "support/values.h"

namespace cairn::unit {
namespace {

// Exactly as large as the text, so that a sanitizer sees reads beyond it.
std::vector<uint8_t> exact(std::string_view text) { return {text.begin(), text.end()}; }

bool is_text(std::string_view bytes, bool surrogates = true) {
  std::vector<uint8_t> copy = exact(bytes);
  return is_wtf8(copy, surrogates);
}

std::string encoded(uint32_t code_point) {
  ByteBuffer out;
  put_code_point(out, code_point);
  return to_string(out);
}

// UTF-16 units as little-endian bytes.
std::string utf16(const std::vector<uint16_t>& units) {
  std::string bytes;
  for (uint16_t unit : units) {
    bytes += static_cast<char>(unit & 0xff);
    bytes += static_cast<char>(unit >> 8);
  }
  return bytes;
}

std::string to_wtf8(const std::vector<uint16_t>& units) {
  std::vector<uint8_t> bytes = exact(utf16(units));
  ByteBuffer out;
  utf16_to_wtf8(bytes.data(), units.size(), out);
  return to_string(out);
}

std::string to_utf16(std::string_view text) {
  std::vector<uint8_t> copy = exact(text);
  ByteBuffer out;
  wtf8_to_utf16(copy, out);
  return to_string(out);
}

// The table of well-formed byte sequences of the Unicode standard (3.9, table 3-7), with the
// surrogates' row let in. `size` is the number of bytes.
bool in_table(const uint8_t* b, size_t size) {
  auto within = [&](size_t i, int low, int high) { return b[i] >= low && b[i] <= high; };
  auto rest = [&](size_t from) {
    for (size_t i = from; i < size; ++i)
      if (!within(i, 0x80, 0xbf)) return false;
    return true;
  };
  switch (size) {
    case 1:
      return b[0] < 0x80;
    case 2:
      return within(0, 0xc2, 0xdf) && rest(1);
    case 3:
      return within(0, 0xe0, 0xef) && within(1, b[0] == 0xe0 ? 0xa0 : 0x80, 0xbf) && rest(2);
    default:
      return within(0, 0xf0, 0xf4) &&
             within(1, b[0] == 0xf0 ? 0x90 : 0x80, b[0] == 0xf4 ? 0x8f : 0xbf) && rest(2);
  }
}

TEST(Wtf8, EveryCodePointRoundTripsAndIsWellFormed) {
  for (uint32_t c = 0; c <= 0x10ffff; ++c) {
    ByteBuffer out;
    put_code_point(out, c);
    const uint8_t* at = out.data();
    ASSERT_EQ(next_code_point(at), c);
    ASSERT_EQ(at, out.data() + out.size());
    ASSERT_TRUE(is_wtf8(out.bytes())) << c;
    ASSERT_EQ(is_wtf8(out.bytes(), false), c < 0xd800 || c > 0xdfff) << c;
  }
}

TEST(Wtf8, AgreesWithTheUnicodeTableOnEverySequenceOfTwoAndThreeBytes) {
  uint8_t b[3];
  for (int first = 0x80; first < 0x100; ++first) {
    b[0] = static_cast<uint8_t>(first);
    ASSERT_FALSE(is_wtf8(Bytes{b, 1})) << first;
    for (int second = 0; second < 0x100; ++second) {
      b[1] = static_cast<uint8_t>(second);
      ASSERT_EQ(is_wtf8(Bytes{b, 2}), in_table(b, 2)) << first << " " << second;
      // A third byte at the edges: the middle behaves as they do.
      for (int third : {0x00, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xff}) {
        b[2] = static_cast<uint8_t>(third);
        bool expected = in_table(b, 3) || (in_table(b, 2) && third < 0x80);
        ASSERT_EQ(is_wtf8(Bytes{b, 3}), expected) << first << " " << second << " " << third;
      }
    }
  }
}

TEST(Wtf8, AgreesWithTheUnicodeTableOnSequencesOfFourBytes) {
  const std::vector<int> edges = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
  uint8_t b[4];
  for (int first = 0xf0; first < 0x100; ++first)
    for (int second : edges)
      for (int third : edges)
        for (int fourth : edges) {
          b[0] = static_cast<uint8_t>(first);
          b[1] = static_cast<uint8_t>(second);
          b[2] = static_cast<uint8_t>(third);
          b[3] = static_cast<uint8_t>(fourth);
          ASSERT_EQ(is_wtf8(b), in_table(b, 4)) << hex(as_text(b));
        }
}

TEST(Wtf8, LoneSurrogatesAreAllowedUnlessUtf8IsAskedFor) {
  for (uint32_t c : {0xd800u, 0xdabcu, 0xdbffu, 0xdc00u, 0xdeadu, 0xdfffu}) {
    EXPECT_TRUE(is_text(encoded(c)));
    EXPECT_TRUE(is_text("a" + encoded(c) + "b"));
    EXPECT_FALSE(is_text(encoded(c), false));
  }
  EXPECT_TRUE(is_text(encoded(0x10ffff), false));
}

TEST(Wtf8, PairedSurrogatesAreRefused) {
  std::string high = encoded(0xd83d), low = encoded(0xde00);
  EXPECT_FALSE(is_text(high + low));
  EXPECT_FALSE(is_text("text before it " + high + low + " and after"));
  EXPECT_FALSE(is_text(high + high + low));
  EXPECT_FALSE(is_text(encoded(0xd800) + encoded(0xdc00)));
  EXPECT_FALSE(is_text(encoded(0xdbff) + encoded(0xdfff)));
  EXPECT_TRUE(is_text(low + high));
  EXPECT_TRUE(is_text(high + "a" + low));
  EXPECT_TRUE(is_text(high + encoded(0x1f600) + low));
}

TEST(Wtf8, OverlongFormsAreRefused) {
  for (const char* digits :
       {"c080", "c1bf", "e08080", "e09fbf", "f0808080", "f08fbfbf", "f8808080 80", "fc8080808080"})
    EXPECT_FALSE(is_text(from_hex(digits))) << digits;
}

TEST(Wtf8, EveryTruncationInsideACharacterIsRefused) {
  for (uint32_t c : {0x80u, 0x7ffu, 0x800u, 0xffffu, 0x10000u, 0x10ffffu}) {
    std::string text = encoded(c);
    for (size_t size = 1; size < text.size(); ++size) {
      EXPECT_FALSE(is_text(text.substr(0, size)));
      EXPECT_FALSE(is_text("abc" + text.substr(0, size)));
      EXPECT_FALSE(is_text(text.substr(0, size) + "a"));
      EXPECT_FALSE(is_text(text.substr(size)));
    }
  }
}

TEST(Ascii, AHighByteIsSeenAtEveryPositionOfEverySize) {
  for (size_t size = 0; size <= 70; ++size) {
    std::vector<uint8_t> text(size, 'a');
    EXPECT_TRUE(is_ascii(text.data(), size));
    for (size_t at = 0; at < size; ++at) {
      text[at] = 0x80;
      EXPECT_FALSE(is_ascii(text.data(), size)) << at << " of " << size;
      text[at] = 0x7f;
    }
  }
}

TEST(Utf16, KnownTexts) {
  EXPECT_EQ(to_utf16(""), "");
  EXPECT_EQ(to_utf16("A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
            utf16({0x41, 0xe9, 0x20ac, 0xd83d, 0xde00}));
  EXPECT_EQ(to_wtf8({0x41, 0xe9, 0x20ac, 0xd83d, 0xde00}), "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(hex(to_wtf8({0xd83d, 0x41, 0xde00})), "eda0bd41edb880");
  EXPECT_EQ(hex(to_wtf8({0xde00, 0xd83d})), "edb880eda0bd");
  EXPECT_EQ(hex(to_wtf8({0xd83d, 0xd83d, 0xde00})), "eda0bdf09f9880");
}

TEST(Utf16, RandomUnitsSurviveThereAndBack) {
  const std::vector<uint16_t> edges = {0,      0x7f,   0x80,   0x7ff,  0x800,  0xd7ff, 0xd800,
                                       0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff, 0x61,   0xd83d};
  Random random(7);
  for (int i = 0; i < 20000; ++i) {
    std::vector<uint16_t> units(random.below(12));
    for (uint16_t& unit : units)
      unit = random.chance(70) ? random.pick(edges) : static_cast<uint16_t>(random.next());
    std::string text = to_wtf8(units);
    ASSERT_TRUE(is_text(text)) << hex(text);
    ASSERT_EQ(to_utf16(text), utf16(units));
  }
}

TEST(Utf16, RandomWtf8SurvivesThereAndBack) {
  RandomValues random(8);
  for (int i = 0; i < 5000; ++i) {
    std::string text = random.text();
    ASSERT_TRUE(is_text(text));
    std::vector<uint8_t> units = exact(to_utf16(text));
    ByteBuffer back;
    utf16_to_wtf8(units.data(), units.size() / 2, back);
    ASSERT_EQ(to_string(back), text);
  }
}

TEST(HighBytes, AreCountedInTextsOfEverySize) {
  std::mt19937 random(3);
  for (size_t size : {0u, 1u, 7u, 8u, 9u, 100u, 2039u, 2040u, 2041u, 10000u}) {
    for (int every : {1, 2, 300}) {
      std::vector<uint8_t> text(size);
      size_t expected = 0;
      for (uint8_t& byte : text) {
        byte = static_cast<uint8_t>(random() % static_cast<unsigned>(every) == 0 ? 0x80 : 0x7f);
        expected += byte == 0x80;
      }
      EXPECT_EQ(high_bytes(text), expected) << size;
    }
  }
}

}  // namespace
}  // namespace cairn::unit
