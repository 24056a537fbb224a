// Values as C++ objects: their encoding and back, every kind, random and at the limits.
#include "core/value/value.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/value/json.h"
#include "reference.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

using cairn::testing::Json;

void expect_round_trip(const Value& value) {
  std::string bytes = portable(value);
  Value back = from_portable(bytes);
  ASSERT_EQ(back, value);
  ASSERT_EQ(portable(back), bytes);
}

TEST(Value, EveryKindRoundTrips) {
  using namespace std::string_literals;
  std::string edge_text = "nul \0 and lone \xed\xa0\x80 surrogate"s;
  const std::vector<Value> values = {nullptr,
                                     true,
                                     false,
                                     0,
                                     -0.0,
                                     31,
                                     32,
                                     1e300,
                                     std::numeric_limits<double>::quiet_NaN(),
                                     std::numeric_limits<double>::infinity(),
                                     BigInt{},
                                     BigInt{true, {1}},
                                     BigInt{false, {0, 1}},
                                     "",
                                     "text",
                                     edge_text,
                                     std::string(95, 'a'),
                                     std::string(96, 'a'),
                                     std::string(70000, 'a'),
                                     "\xc3\xa9",
                                     std::vector<uint8_t>{},
                                     std::vector<uint8_t>{0, 255},
                                     Date{0},
                                     Date{8640000000000000},
                                     Date{-8640000000000000},
                                     Array{},
                                     Object{}};
  for (const Value& value : values) expect_round_trip(value);
  expect_round_trip(Array(values.begin(), values.end()));
}

TEST(Value, ObjectsKeepTheOrderOfTheirFields) {
  Value value = Object{{"b", 1}, {"a", 2}, {"", 3}, {"\xc3\xa9", nullptr}};
  EXPECT_EQ(hex(portable(value)),
            "150e"
            "0004"
            "0162"
            "0161"
            "00"
            "02c3a9"
            "21222300");
  expect_round_trip(value);
}

TEST(Value, RandomNestedValuesRoundTrip) {
  RandomValues random(21);
  for (int i = 0; i < 8000; ++i) expect_round_trip(random.value(5));
}

TEST(Value, RandomNestedValuesAgreeWithTheReference) {
  RandomValues random(22);
  for (int i = 0; i < 3000; ++i) {
    Value value = random.value(4);
    std::string json = to_json(value);
    ASSERT_EQ(hex(portable(value)), hex(cairn::testing::encode_portable(Json::parse(json))))
        << json;
  }
}

TEST(Value, EqualityTellsWhatJavaScriptTells) {
  double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Value(nan), Value(-nan));
  EXPECT_FALSE(Value(0.0) == Value(-0.0));
  EXPECT_FALSE(Value(1) == Value(BigInt{false, {1}}));
  EXPECT_FALSE(Value("1") == Value(1));
  EXPECT_FALSE(Value(nullptr) == Value(Undefined{}));
  EXPECT_FALSE(Value(Date{1}) == Value(1));
  EXPECT_FALSE(Value(Object{{"a", 1}, {"b", 2}}) == Value(Object{{"b", 2}, {"a", 1}}));
}

TEST(Value, FindGivesTheFieldOfAnObject) {
  Value value = Object{{"a", 1}, {"b", "x"}};
  ASSERT_NE(value.find("b"), nullptr);
  EXPECT_EQ(*value.find("b"), Value("x"));
  EXPECT_EQ(value.find("c"), nullptr);
  EXPECT_EQ(Value("a").find("a"), nullptr);
}

TEST(Value, NestsUpTo128Deep) {
  for (auto nested : {nested_arrays, nested_objects}) {
    expect_round_trip(nested(128));
    EXPECT_EQ(status_of([&] { portable(nested(129)); }), Status::kInvalidValue);
  }
}

// Bytes of arrays in arrays, written from the inside out without the engine's writer.
std::string array_bytes(size_t depth) {
  std::string body;
  std::string tag(1, '\x21'), payload;
  for (size_t i = 0; i < depth; ++i) {
    body = "\x01" + tag + payload;
    ByteBuffer size;
    size.put_varint(body.size());
    payload = to_string(size) + body;
    tag = "\x14";
  }
  return tag + payload;
}

TEST(Value, BytesThatNestDeeperThan128AreRefused) {
  EXPECT_EQ(from_portable(array_bytes(128)), nested_arrays(128));
  EXPECT_EQ(status_of([] { from_portable(array_bytes(129)); }), Status::kMalformed);
  // Far deeper: no stack is used up.
  EXPECT_EQ(status_of([] { from_portable(array_bytes(20000)); }), Status::kMalformed);
}

TEST(Value, WhatNoValueCanBeIsNotEncoded) {
  EXPECT_EQ(status_of([] { portable(Date{8640000000000001}); }), Status::kInvalidValue);
  EXPECT_EQ(status_of([] { portable(Date{-8640000000000001}); }), Status::kInvalidValue);
  EXPECT_NE(status_of([] { portable(Object{{"a", 1}, {"a", 2}}); }), Status::kOk);
  EXPECT_NE(status_of([] { portable("\xff"); }), Status::kOk);
  EXPECT_NE(status_of([] { portable("\xed\xa0\xbd\xed\xb8\x80"); }), Status::kOk);
  EXPECT_NE(status_of([] { portable(Object{{"\xff", 1}}); }), Status::kOk);
}

TEST(Value, ObjectsHaveAtMost65535Fields) {
  Object fields;
  for (size_t i = 0; i < kMaxFields; ++i) fields.emplace_back(std::to_string(i), 1);
  expect_round_trip(fields);
  fields.emplace_back("one more", 1);
  EXPECT_EQ(status_of([&] { portable(fields); }), Status::kInvalidValue);
}

TEST(Value, DatesBeyondTheirRangeAreRefusedWhenRead) {
  for (const char* digits : {"0d0100dcc208b21e00", "0dffff233df74de1ff", "0dffffffffffffff7f"})
    EXPECT_EQ(status_of([&] { from_portable(from_hex(digits)); }), Status::kMalformed);
}

TEST(BigInt, DecimalsRoundTrip) {
  for (const char* decimal :
       {"0", "1", "-1", "255", "256", "-256", "18446744073709551615", "18446744073709551616",
        "-9223372036854775809", "123456789012345678901234567890123456789012345678901234567890"}) {
    EXPECT_EQ(BigInt::parse(decimal).to_decimal(), decimal);
    expect_round_trip(BigInt::parse(decimal));
  }
  EXPECT_EQ(BigInt::parse("-0"), BigInt{});
  EXPECT_EQ(BigInt::parse("0007"), BigInt::parse("7"));
  EXPECT_EQ(BigInt::parse("256"), (BigInt{false, {0, 1}}));
}

TEST(BigInt, RefusesWhatIsNoDecimalInteger) {
  for (const char* text : {"", "-", "+1", "1.0", "0x10", " 1", "1 ", "--1", "1e3"})
    EXPECT_EQ(status_of([&] { BigInt::parse(text); }), Status::kInvalidValue) << text;
}

TEST(BigInt, ThousandsOfDigitsRoundTrip) {
  std::string digits = "-" + std::string(5000, '7');
  EXPECT_EQ(BigInt::parse(digits).to_decimal(), digits);
}

}  // namespace
}  // namespace cairn::unit
