// Bigints: order, also against numbers, arithmetic, and text. The facts are V8's (Node 20).
#include "core/query/js_bigint.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "core/value/bigint.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

BigIntPayload big(std::string_view decimal) { return BigInt::parse(decimal).to_payload(); }

std::string text_of(Bytes bigint) {
  std::string out;
  append_bigint(bigint, out);
  return out;
}

BigIntPayload of_bytes(size_t size) {
  BigIntPayload payload(size + 1, 0xff);
  payload[0] = 0;
  return payload;
}

// Of up to 20 limbs, many of them all zeros or all ones, where carries and estimates go wrong.
BigIntPayload random_bigint(Random& random) {
  BigInt value;
  for (size_t limbs = random.below(20); limbs > 0; --limbs) {
    uint64_t kind = random.below(4), bits = random.next();
    for (unsigned shift = 0; shift < 32; shift += 8)
      value.magnitude.push_back(static_cast<uint8_t>(kind == 0   ? 0
                                                     : kind == 1 ? 0xff
                                                                 : bits >> shift));
  }
  value.negative = random.chance(50);
  return value.to_payload();
}

struct ReadFact {
  std::string_view text;
  std::optional<std::string> decimal;
};

const ReadFact kReadFacts[] = {
    {"", "0"},
    {"  ", "0"},
    {"0", "0"},
    {"-0", "0"},
    {"+0", "0"},
    {"12", "12"},
    {"-12", "-12"},
    {"+12", "12"},
    {"007", "7"},
    {"0x10", "16"},
    {"0X1f", "31"},
    {"0o17", "15"},
    {"0O7", "7"},
    {"0b101", "5"},
    {"0B1", "1"},
    {"\u00a05\ufeff", "5"},
    {"\n-7\t", "-7"},
    {"18446744073709551616", "18446744073709551616"},
    {"-18446744073709551616", "-18446744073709551616"},
    {"0xffffffffffffffffffff", "1208925819614629174706175"},
    {"1_000", {}},
    {"1n", {}},
    {"1.0", {}},
    {"1e3", {}},
    {"-0x10", {}},
    {"+0b1", {}},
    {"0x", {}},
    {"0o", {}},
    {"0b", {}},
    {"0o8", {}},
    {"0b2", {}},
    {"0xg", {}},
    {"-", {}},
    {"+", {}},
    {"--1", {}},
    {"- 1", {}},
    {"1 2", {}},
    {"Infinity", {}},
    {"NaN", {}},
    {"\u200b1", {}},
};

struct NumberFact {
  const char* bigint;
  double number;
  std::partial_ordering order;
};

constexpr auto kLess = std::partial_ordering::less;
constexpr auto kSame = std::partial_ordering::equivalent;
constexpr auto kMore = std::partial_ordering::greater;

const NumberFact kNumberFacts[] = {
    {"0", 0.0, kSame},
    {"0", -0.0, kSame},
    {"0", 5e-324, kLess},
    {"0", -5e-324, kMore},
    {"1", 1, kSame},
    {"1", 0.5, kMore},
    {"1", 1.5, kLess},
    {"-1", -1.5, kMore},
    {"-1", -0.5, kLess},
    {"-1", 1, kLess},
    {"5", kNaN, std::partial_ordering::unordered},
    {"5", kInfinity, kLess},
    {"5", -kInfinity, kMore},
    {"0", kInfinity, kLess},
    {"0", -kInfinity, kMore},
    {"9007199254740992", 0x1p53, kSame},
    {"9007199254740993", 0x1p53, kMore},
    {"9007199254740991", 0x1p53, kLess},
    {"-9007199254740993", -0x1p53, kLess},
    {"2251799813685249", 2251799813685249.5, kLess},
    {"2251799813685250", 2251799813685249.5, kMore},
    {"18446744073709551615", 0x1p64, kLess},
    {"18446744073709551616", 0x1p64, kSame},
    {"18446744073709551617", 0x1p64, kMore},
    {"1180591620717411303424", 0x1p70, kSame},
    {"1180591620717411303423", 0x1p70, kLess},
    {"1180591620717411303425", 0x1p70, kMore},
    {"-1180591620717411303425", -0x1p70, kLess},
};

TEST(JsBigInt, TextsAreReadAsEcmascriptReadsThem) {
  for (const ReadFact& fact : kReadFacts) {
    std::optional<BigIntPayload> value = bigint_from_text(fact.text);
    ASSERT_EQ(value.has_value(), fact.decimal.has_value()) << fact.text;
    if (value) {
      EXPECT_EQ(text_of(*value), *fact.decimal);
      EXPECT_EQ(*value, big(*fact.decimal));
    }
  }
}

TEST(JsBigInt, TextsOfTooManyDigitsAreRefused) {
  std::string digits(20000, '9');
  EXPECT_EQ(text_of(*bigint_from_text(digits)), digits);
  EXPECT_EQ(text_of(*bigint_from_text("  -000" + digits)), "-" + digits);
  for (std::string text : {digits + "9", "-" + digits + "9", "0x" + digits + "9"})
    EXPECT_EQ(status_of([&] { bigint_from_text(text); }), Status::kTooLarge);
  // What is no integer is none, however long.
  EXPECT_EQ(bigint_from_text(digits + digits + "x"), std::nullopt);
}

TEST(JsBigInt, OrderIsThatOfTheIntegers) {
  const char* ascending[] = {"-18446744073709551617",
                             "-18446744073709551616",
                             "-256",
                             "-255",
                             "-1",
                             "0",
                             "1",
                             "255",
                             "256",
                             "257",
                             "65536",
                             "18446744073709551616",
                             "18446744073709551617"};
  for (size_t i = 0; i < std::size(ascending); ++i)
    for (size_t j = 0; j < std::size(ascending); ++j)
      EXPECT_TRUE(compare_bigints(big(ascending[i]), big(ascending[j])) == (i <=> j))
          << ascending[i] << " " << ascending[j];
}

TEST(JsBigInt, OrderAgainstNumbersIsExact) {
  for (const NumberFact& fact : kNumberFacts)
    EXPECT_TRUE(compare_bigint_to_number(big(fact.bigint), fact.number) == fact.order)
        << fact.bigint << " " << fact.number;
  double largest = std::numeric_limits<double>::max();
  EXPECT_TRUE(compare_bigint_to_number(of_bytes(128), largest) == kMore);
  EXPECT_TRUE(compare_bigint_to_number(of_bytes(127), largest) == kLess);
  EXPECT_TRUE(compare_bigint_to_number(of_bytes(1u << 20), largest) == kMore);
}

TEST(JsBigInt, EveryDoubleThatIsWholeEqualsItsOwnInteger) {
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    // The mantissa as an integer, moved by the exponent.
    uint64_t mantissa = (random.next() >> 11) | (uint64_t{1} << 52);
    auto shift = static_cast<int>(random.below(900));
    BigInt value;
    value.magnitude.assign(static_cast<size_t>(shift / 8), 0);
    for (int bit = 0; bit < 64; bit += 8)
      value.magnitude.push_back(static_cast<uint8_t>(mantissa << (shift % 8) >> bit));
    value.negative = random.chance(50);
    BigIntPayload payload = value.to_payload();
    double number = std::ldexp(static_cast<double>(mantissa), shift) * (value.negative ? -1 : 1);
    ASSERT_TRUE(compare_bigint_to_number(payload, number) == kSame) << number;
    ASSERT_TRUE(compare_bigint_to_number(payload, std::nextafter(number, kInfinity)) == kLess);
    ASSERT_TRUE(compare_bigint_to_number(payload, std::nextafter(number, -kInfinity)) == kMore);
  }
}

TEST(JsBigInt, ArithmeticOnSmallIntegersIsThatOfTheMachine) {
  Random random(2);
  for (int i = 0; i < 20000; ++i) {
    auto a = static_cast<int32_t>(random.next() >> random.below(64));
    auto b = static_cast<int32_t>(random.next() >> random.below(64));
    BigIntPayload left = big(std::to_string(a)), right = big(std::to_string(b));
    ASSERT_EQ(text_of(add_bigints(left, right)), std::to_string(int64_t{a} + b));
    ASSERT_EQ(text_of(subtract_bigints(left, right)), std::to_string(int64_t{a} - b));
    ASSERT_EQ(text_of(multiply_bigints(left, right)), std::to_string(int64_t{a} * b));
    if (b == 0) continue;
    ASSERT_EQ(text_of(divide_bigints(left, right)), std::to_string(int64_t{a} / b));
  }
}

TEST(JsBigInt, ArithmeticOnLargeIntegersKeepsItsLaws) {
  Random random(3);
  auto with_sign = [](BigIntPayload payload, uint8_t sign) {
    if (payload.size() > 1) payload[0] = sign;
    return payload;
  };
  for (int i = 0; i < 20000; ++i) {
    BigIntPayload a = random_bigint(random), b = random_bigint(random), c = random_bigint(random);
    ASSERT_EQ(subtract_bigints(add_bigints(a, b), b), a);
    ASSERT_EQ(add_bigints(subtract_bigints(a, b), b), a);
    ASSERT_EQ(add_bigints(a, b), add_bigints(b, a));
    ASSERT_EQ(multiply_bigints(a, add_bigints(b, c)),
              add_bigints(multiply_bigints(a, b), multiply_bigints(a, c)));
    if (b.size() == 1) continue;
    // The rest is smaller than the divisor, and has the dividend's sign.
    BigIntPayload quotient = divide_bigints(a, b);
    BigIntPayload rest = subtract_bigints(a, multiply_bigints(quotient, b));
    ASSERT_TRUE(compare_bigints(with_sign(rest, 0), with_sign(b, 0)) < 0);
    ASSERT_TRUE(rest.size() == 1 || rest[0] == a[0]);
    ASSERT_EQ(divide_bigints(multiply_bigints(a, b), b), a);
  }
}

TEST(JsBigInt, QuotientsWhoseDigitsAreEstimatedTooLargeAreRight) {
  // Knuth's step D6: the estimate is one too large, and the divisor is added back.
  BigIntPayload dividend = *bigint_from_text("0x7fffffff800000010000000000000000");
  BigIntPayload divisor = *bigint_from_text("0x800000008000000200000005");
  EXPECT_EQ(text_of(divide_bigints(dividend, divisor)), "4294967293");
  EXPECT_EQ(text_of(divide_bigints(*bigint_from_text("0x800000000000000000000003"),
                                   *bigint_from_text("0x200000000000000000000001"))),
            "3");
}

TEST(JsBigInt, DecimalsOfAnySizeReadBack) {
  Random random(4);
  for (int i = 0; i < 2000; ++i) {
    BigIntPayload value = random_bigint(random);
    ASSERT_EQ(*bigint_from_text(text_of(value)), value);
  }
  for (const char* decimal : {"1000000000", "999999999", "1000000000000000000", "-10000000001"})
    EXPECT_EQ(text_of(big(decimal)), decimal);
}

TEST(JsBigInt, DivisionByZeroIsAnError) {
  EXPECT_EQ(status_of([] { divide_bigints(big("1"), big("0")); }), Status::kInvalidValue);
  EXPECT_EQ(message_of([] { divide_bigints(big("0"), big("0")); }), "division by zero");
}

TEST(JsBigInt, WhatIsTooLargeToComputeWithIsRefused) {
  BigIntPayload largest = of_bytes(kMaxBigIntBytes), larger = of_bytes(kMaxBigIntBytes + 1);
  BigIntPayload one = big("1");
  EXPECT_EQ(subtract_bigints(largest, largest), big("0"));
  EXPECT_EQ(multiply_bigints(largest, one), largest);
  EXPECT_EQ(divide_bigints(largest, one), largest);
  EXPECT_EQ(text_of(largest).size(), 157827u);
  for (auto compute : {add_bigints, subtract_bigints, multiply_bigints, divide_bigints}) {
    EXPECT_EQ(status_of([&] { compute(larger, one); }), Status::kTooLarge);
    EXPECT_EQ(status_of([&] { compute(one, larger); }), Status::kTooLarge);
  }
  EXPECT_EQ(status_of([&] { add_bigints(largest, one); }), Status::kTooLarge);
  EXPECT_EQ(status_of([&] { multiply_bigints(largest, big("256")); }), Status::kTooLarge);
  EXPECT_EQ(status_of([&] { text_of(larger); }), Status::kTooLarge);
  EXPECT_TRUE(compare_bigints(larger, largest) > 0);
}

}  // namespace
}  // namespace cairn::unit
