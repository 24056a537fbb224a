// LIKE: facts, and random patterns against a definition of what they mean.
#include <gtest/gtest.h>

#include <chrono>

#include "core/query/js_text.h"
#include "core/value/text.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

std::string encoded(uint32_t code_point) {
  std::string out;
  append_code_point(out, code_point);
  return out;
}

std::vector<char16_t> units_of(std::string_view text) {
  std::vector<char16_t> units;
  for (size_t i = 0; auto unit = utf16_unit_at(text, i); ++i) units.push_back(*unit);
  return units;
}

// Whether a pattern matches, by which ends of the text each of its beginnings reaches.
bool matches_by_definition(std::string_view text, std::string_view pattern) {
  std::vector<char16_t> units = units_of(text);
  std::vector<bool> reached(units.size() + 1);
  reached[0] = true;
  for (char16_t part : units_of(pattern)) {
    std::vector<bool> next(units.size() + 1);
    for (size_t i = 0; i <= units.size(); ++i) {
      if (part == '%')
        next[i] = reached[i] || (i > 0 && next[i - 1]);
      else if (i > 0)
        next[i] = reached[i - 1] && (part == '_' || part == units[i - 1]);
    }
    reached = next;
  }
  return reached[units.size()];
}

struct LikeFact {
  const char* text;
  const char* pattern;
  bool matches;
};

const LikeFact kFacts[] = {
    {"", "", true},
    {"", "%", true},
    {"", "%%", true},
    {"", "_", false},
    {"a", "", false},
    {"abc", "abc", true},
    {"abc", "ABC", false},
    {"abc", "ab", false},
    {"abc", "abcd", false},
    {"abc", "a%", true},
    {"abc", "%c", true},
    {"abc", "%b%", true},
    {"abc", "a%c", true},
    {"ac", "a%c", true},
    {"abc", "a%b", false},
    {"aa", "a%a", true},
    {"a", "a%a", false},
    {"aba", "ab%ba", false},
    {"abba", "ab%ba", true},
    {"abc", "a_c", true},
    {"ac", "a_c", false},
    {"abc", "___", true},
    {"abc", "____", false},
    {"abc", "%___%", true},
    {"ab", "%___%", false},
    {"mississippi", "m%iss%ip%i", true},
    {"mississippi", "%iss%iss%iss%", false},
    {"mississippi", "%s_p%", true},
    {"mississippi", "%s_s%is%", false},
    {"mississippi", "%s_is%pp_", true},
    {"aaab", "%a_b", true},
    {"xayaz", "%a%a%", true},
    {"xaz", "%a%a%", false},
    // Nothing escapes.
    {"100%", "100\\%", false},
    {"100\\x", "100\\%", true},
    {"50%", "50%%", true},
    {"a\nb", "a%b", true},
    {"a\nb", "a_b", true},
    {"a.c", "a.c", true},
    {"abc", "a.c", false},
    {"é", "_", true},
    {"é", "%é", true},
    {"é", "e%", false},
    {"日本語", "日_語", true},
    {"日本語", "%本%", true},
    // A pair is two units.
    {"😀", "_", false},
    {"😀", "__", true},
    {"a😀b", "a__b", true},
    {"a😀b", "a%b", true},
    {"a😀b", "%😀%", true},
    {"😀", "%😁%", false},
};

TEST(JsLike, PatternsMatchAsTanstackDbMatchesThem) {
  for (const LikeFact& fact : kFacts) {
    EXPECT_EQ(matches_like(fact.text, fact.pattern), fact.matches)
        << fact.text << " LIKE " << fact.pattern;
    EXPECT_EQ(matches_by_definition(fact.text, fact.pattern), fact.matches);
  }
}

TEST(JsLike, AUnitOrHalfAPairMatchesWithinAPair) {
  std::string high = encoded(0xd83d), low = encoded(0xde00);
  EXPECT_TRUE(matches_like("a😀b", "a" + high + "%"));
  EXPECT_TRUE(matches_like("a😀b", "%" + low + "b"));
  EXPECT_TRUE(matches_like("a😀b", "%" + low + "%"));
  EXPECT_TRUE(matches_like("😀", high + "_"));
  EXPECT_TRUE(matches_like("😀", "_" + low));
  EXPECT_FALSE(matches_like("😀", "%" + high));
  EXPECT_TRUE(matches_like(high + "x", "_x"));
}

TEST(JsLike, RandomPatternsMeanWhatTheDefinitionSays) {
  Random random(1);
  const std::vector<std::vector<std::string>> alphabets = {
      {"a", "b"}, {"a", "é", "日"}, {"a", "😀", "😁", encoded(0xd83d), encoded(0xde00)}};
  size_t matched = 0;
  for (int i = 0; i < 100000; ++i) {
    const std::vector<std::string>& letters = random.pick(alphabets);
    std::string text, pattern;
    for (size_t left = random.below(12); left > 0; --left)
      append_wtf8(as_bytes(random.pick(letters)), text);
    for (size_t left = random.below(8); left > 0; --left) {
      size_t kind = random.below(5);
      append_wtf8(as_bytes(kind < 2 ? "%" : kind == 2 ? "_" : random.pick(letters)), pattern);
    }
    bool expected = matches_by_definition(text, pattern);
    ASSERT_EQ(matches_like(text, pattern), expected) << hex(text) << " " << hex(pattern);
    matched += expected;
  }
  EXPECT_GT(matched, 10000u);
}

TEST(JsLike, ManyPercentSignsCostNoBacktracking) {
  std::string text(200000, 'a'), pattern;
  for (int i = 0; i < 1000; ++i) pattern += "%a";
  auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(matches_like(text, pattern));
  EXPECT_FALSE(matches_like(text, pattern + "%b"));
  EXPECT_FALSE(matches_like(text, pattern + "%_b%"));
  EXPECT_FALSE(matches_like(text + "é", pattern + "%_b%"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

}  // namespace
}  // namespace cairn::unit
