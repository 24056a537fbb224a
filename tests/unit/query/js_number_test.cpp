// Numbers from and to text. The facts are V8's (Node 20).
#include "core/query/js_number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "support/values.h"

namespace cairn::unit {
namespace {

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
constexpr double kNoEnd = std::numeric_limits<double>::infinity();

struct NumberWriteFact {
  double number;
  const char* text;
};

const NumberWriteFact kNumberWriteFacts[] = {{0.0, "0"},
                                             {-0.0, "0"},
                                             {1.0, "1"},
                                             {-1.0, "-1"},
                                             {10.0, "10"},
                                             {100.0, "100"},
                                             {1e5, "100000"},
                                             {123456789.0, "123456789"},
                                             {0.1, "0.1"},
                                             {0.5, "0.5"},
                                             {-0.25, "-0.25"},
                                             {1.5, "1.5"},
                                             {123.456, "123.456"},
                                             {0.001, "0.001"},
                                             {0.000001, "0.000001"},
                                             {0.0000012345, "0.0000012345"},
                                             {1e-7, "1e-7"},
                                             {1.5e-7, "1.5e-7"},
                                             {123e-20, "1.23e-18"},
                                             {1e20, "100000000000000000000"},
                                             {123456789012345680000.0, "123456789012345680000"},
                                             {999999999999999900000.0, "999999999999999900000"},
                                             {1e21, "1e+21"},
                                             {1.2345e21, "1.2345e+21"},
                                             {1e22, "1e+22"},
                                             {-1e21, "-1e+21"},
                                             {1e100, "1e+100"},
                                             {1.7976931348623157e308, "1.7976931348623157e+308"},
                                             {5e-324, "5e-324"},
                                             {2.2250738585072014e-308, "2.2250738585072014e-308"},
                                             {9007199254740991.0, "9007199254740991"},
                                             {9007199254740992.0, "9007199254740992"},
                                             {9007199254740993.0, "9007199254740992"},
                                             {9007199254740994.0, "9007199254740994"},
                                             {590295810358705651712.0, "590295810358705700000"},
                                             {1180591620717411303424.0, "1.1805916207174113e+21"},
                                             {0.1 + 0.2, "0.30000000000000004"},
                                             {1.0 / 3, "0.3333333333333333"},
                                             {2.0 / 3, "0.6666666666666666"},
                                             {100.0 / 3, "33.333333333333336"},
                                             {4.35, "4.35"},
                                             {1e23, "1e+23"},
                                             {8.41e21, "8.41e+21"},
                                             {9.5367431640625e-7, "9.5367431640625e-7"},
                                             {kNotANumber, "NaN"},
                                             {kNoEnd, "Infinity"},
                                             {-kNoEnd, "-Infinity"}};

struct NumberReadFact {
  std::string text;
  double number;
};

const NumberReadFact kNumberReadFacts[] = {
    {"", 0},
    {"  \t\n", 0},
    {"1", 1},
    {"-1", -1},
    {"+1", 1},
    {"1.", 1},
    {"-.5", -0.5},
    {"+.5e1", 5},
    {"1e5", 100000},
    {"1E-5", 0.00001},
    {"00012", 12},
    {"0", 0},
    {"-0", -0.0},
    {"-0.0e7", -0.0},
    {"0.0000001", 1e-7},
    {"Infinity", kNoEnd},
    {"-Infinity", -kNoEnd},
    {"+Infinity", kNoEnd},
    // With a radix, without a sign; rounded to even.
    {"0x1F", 31},
    {"0XfF", 255},
    {"0o17", 15},
    {"0O7", 7},
    {"0b101", 5},
    {"0B1", 1},
    {"0x20000000000001", 9007199254740992},
    {"0x20000000000003", 9007199254740996},
    {"0x200000000000010", 144115188075855872},
    {"0x200000000000011", 144115188075855904},
    {"0x20000000000001" + std::string(20, '0'), 0x1p133},
    {"0x20000000000001" + std::string(19, '0') + "1", 0x1.0000000000001p133},
    {"0b1" + std::string(52, '0') + "1", 9007199254740992},
    {"0x" + std::string(256, 'f'), kNoEnd},
    {"0x" + std::string(255, 'f'), 0x1p1020},
    {"0x" + std::string(5000, '0') + "1", 1},
    // At the ends of the range, and rounded exactly.
    {"1e400", kNoEnd},
    {"-1e400", -kNoEnd},
    {"1e-400", 0},
    {"-1e-400", -0.0},
    {"4.9e-324", 5e-324},
    {"2.4703282292062327e-324", 0},
    {"2.4703282292062328e-324", 5e-324},
    {"1.7976931348623158e308", 1.7976931348623157e308},
    {"1.7976931348623159e308", kNoEnd},
    {"9007199254740993", 9007199254740992},
    {"9007199254740992.9999999999", 9007199254740992},
    {"9007199254740993.0000000001", 9007199254740994},
    {"9007199254740993." + std::string(1000, '0') + "1", 9007199254740994},
    {"0." + std::string(400, '0') + "1e401", 1},
    {"1" + std::string(400, '0') + "e-400", 1},
    {"1" + std::string(400, '0'), kNoEnd},
    {"0." + std::string(400, '0') + "1", 0},
    {"0e999999999999999999999", 0},
    {"1e999999999999999999999", kNoEnd},
    {"-1e-999999999999999999999", -0.0}};

const char* const kNoNumbers[] = {
    ".",    "-",         "+",       "1e",      "1e+",     "e5",       ".e1", "1e5.5", "1_000",
    "--1",  "+-1",       "-+1",     "- 1",     "1 2",     "infinity", "INF", "inf",   "NaN",
    "nan",  "Infinityx", "Infinit", "-nan",    "0x",      "0o",       "0b",  "0b2",   "0o8",
    "0xg",  "-0x10",     "+0x10",   "0x1.8",   "0x1p3",   "0x-1",     "1f",  "1n",    "true",
    "null", "1,5",       "\u200b1", "1\u0085", "\u180e1", "\u0661"};

// All that ECMAScript takes for white space.
const char* const kSpaces[] = {"\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u00a0",
                               "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005",
                               "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029",
                               "\u202f", "\u205f", "\u3000", "\ufeff"};

std::string text_of(double number) {
  std::string out;
  append_number(number, out);
  return out;
}

// The same bits, NaN aside.
bool same(double a, double b) {
  return std::isnan(a) ? std::isnan(b) : std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

TEST(JsNumber, NumbersAreWrittenAsEcmascriptWritesThem) {
  for (const NumberWriteFact& fact : kNumberWriteFacts) EXPECT_EQ(text_of(fact.number), fact.text);
  std::string out = "appended: ";
  append_number(1.5, out);
  EXPECT_EQ(out, "appended: 1.5");
}

TEST(JsNumber, TextsAreReadAsEcmascriptReadsThem) {
  for (const NumberReadFact& fact : kNumberReadFacts) {
    double number = number_from_text(fact.text);
    EXPECT_TRUE(same(number, fact.number)) << fact.text << " gave " << number;
  }
}

TEST(JsNumber, WhatIsNoNumberIsNaN) {
  for (const char* text : kNoNumbers) EXPECT_TRUE(std::isnan(number_from_text(text))) << text;
}

TEST(JsNumber, WhiteSpaceAroundIsDropped) {
  for (std::string space : kSpaces) {
    EXPECT_EQ(number_from_text(space + "7"), 7) << hex(space);
    EXPECT_EQ(number_from_text("7" + space), 7) << hex(space);
    EXPECT_EQ(number_from_text(space + " 0x1f" + space + space), 31) << hex(space);
    EXPECT_EQ(number_from_text(space), 0) << hex(space);
  }
}

TEST(JsNumber, WhatIsWrittenReadsBack) {
  Random random(1);
  for (int i = 0; i < 100000; ++i) {
    auto number = std::bit_cast<double>(random.next());
    if (i % 4 == 0) number = static_cast<double>(random.next() >> random.below(64)) / 1000;
    std::string text = text_of(number);
    ASSERT_TRUE(same(number_from_text(text), number)) << text;
    ASSERT_LE(text.size(), 25u);
  }
}

}  // namespace
}  // namespace cairn::unit
