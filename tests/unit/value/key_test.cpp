// Keys: their encoding, its order, and what cannot be a key.
#include "core/value/key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "core/value/json.h"
#include "core/value/object.h"
#include "core/value/text.h"
#include "reference.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

using cairn::testing::Json;

std::vector<uint16_t> units_of(const std::string& text) {
  ByteBuffer bytes;
  wtf8_to_utf16(as_bytes(text), bytes);
  std::vector<uint16_t> units;
  for (size_t i = 0; i < bytes.size(); i += 2)
    units.push_back(static_cast<uint16_t>(bytes[i] | bytes[i + 1] << 8));
  return units;
}

// The order of keys as behaviour.md has it: texts by UTF-16 unit, then numbers; -0 before 0.
bool comes_before(const Value& a, const Value& b) {
  auto *text_a = a.get<std::string>(), *text_b = b.get<std::string>();
  if (text_a && text_b) return units_of(*text_a) < units_of(*text_b);
  if (text_a || text_b) return text_a != nullptr;
  double x = *a.get<double>(), y = *b.get<double>();
  if (x == 0 && y == 0) return std::signbit(x) && !std::signbit(y);
  return x < y;
}

std::string encoding_of(const Value& key) { return hex(encoded_key(key)); }

TEST(Keys, HaveTheDocumentedEncoding) {
  EXPECT_EQ(encoding_of(""), "02");
  EXPECT_EQ(encoding_of("abc"), "02616263");
  EXPECT_EQ(encoding_of("\xc3\xa9"), "02c3a9");
  EXPECT_EQ(encoding_of("\xf0\x9f\x98\x80"), "02eda0bdedb880");
  EXPECT_EQ(encoding_of("\xed\xa0\xbd"), "02eda0bd");
  EXPECT_EQ(encoding_of(0.0), "048000000000000000");
  EXPECT_EQ(encoding_of(-0.0), "047fffffffffffffff");
  EXPECT_EQ(encoding_of(1), "04bff0000000000000");
  EXPECT_EQ(encoding_of(-1), "04400fffffffffffff");
}

TEST(Keys, RoundTrip) {
  RandomValues random(51);
  for (int i = 0; i < 20000; ++i) {
    Value key = random.key();
    ASSERT_EQ(decoded_key(encoded_key(key)), key);
  }
}

TEST(Keys, AgreeWithTheReference) {
  RandomValues random(52);
  for (int i = 0; i < 5000; ++i) {
    Value key = random.key();
    Json json = Json::parse(to_json(key));
    ASSERT_EQ(encoding_of(key), hex(cairn::testing::encode_key(json))) << json;
  }
}

TEST(Keys, BytesAreInTheOrderOfTheKeys) {
  RandomValues random(53);
  std::vector<Value> keys;
  for (int i = 0; i < 700; ++i) keys.push_back(random.key());
  for (const char* text : {"\xee\x80\x80", "\xf0\x90\x80\x80", "\xed\x9f\xbf", "\xed\xa0\x80",
                           "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf", "a", "aa", "b"})
    keys.push_back(text);
  for (size_t i = 0; i < keys.size(); ++i)
    for (size_t j = 0; j < keys.size(); ++j)
      ASSERT_EQ(encoded_key(keys[i]) < encoded_key(keys[j]), comes_before(keys[i], keys[j]))
          << to_json(keys[i]) << " and " << to_json(keys[j]);
}

TEST(Keys, TextsBeyondTheBasicPlaneSortBeforeTheEndOfIt) {
  // U+10000 is D800 DC00 in UTF-16, and so before U+E000: unlike the order of UTF-8.
  EXPECT_LT(encoded_key("\xf0\x90\x80\x80"), encoded_key("\xee\x80\x80"));
  EXPECT_LT(encoded_key("\xed\x9f\xbf"), encoded_key("\xf0\x90\x80\x80"));
}

TEST(Keys, TheClassOfANumberDoesNotCount) {
  // 5 as a byte, as a double and as itself is one key.
  for (const char* digits : {"25", "0405", "0b0000000000001440", "0a0000a040"}) {
    std::string bytes = from_hex(digits);
    ByteBuffer out;
    encode_key(read_item(as_bytes(bytes)), out);
    EXPECT_EQ(hex(as_text(out.bytes())), encoding_of(5));
  }
}

TEST(Keys, OneAndTheTextOneDiffer) {
  EXPECT_NE(encoded_key(1), encoded_key("1"));
  EXPECT_NE(encoded_key(0.0), encoded_key(-0.0));
}

TEST(Keys, OnlyTextsAndFiniteNumbersAreKeys) {
  double infinity = std::numeric_limits<double>::infinity();
  for (const Value& value :
       {Value(nullptr), Value(true), Value(infinity), Value(-infinity),
        Value(std::numeric_limits<double>::quiet_NaN()), Value(BigInt{false, {1}}), Value(Date{0}),
        Value(std::vector<uint8_t>{1}), Value(Array{}), Value(Object{}), Value(Undefined{})})
    EXPECT_EQ(status_of([&] { encoded_key(value); }), Status::kInvalidValue) << to_json(value);
}

TEST(Keys, BytesThatAreNoKeyAreCorrupt) {
  for (const char* digits :
       {"", "00", "03", "0161", "04", "0480000000000000", "04800000000000000000",
        "04fff0000000000000", "04000fffffffffffff", "04ffffffffffffffff", "02ff", "02c3", "02c0 80",
        "02f09f9880", "02eda0", "0280"})
    EXPECT_EQ(status_of([&] { decoded_key(from_hex(digits)); }), Status::kCorrupt) << digits;
}

TEST(DescribeKey, ShowsTextsInQuotesAndNumbersInShort) {
  EXPECT_EQ(describe_key(as_bytes(encoded_key("abc"))), "\"abc\"");
  EXPECT_EQ(describe_key(as_bytes(encoded_key(12))), "12");
  EXPECT_EQ(describe_key(as_bytes(encoded_key(0.1))), "0.1");
  EXPECT_EQ(describe_key(as_bytes(encoded_key(100000))), "100000");
  EXPECT_EQ(describe_key(as_bytes(encoded_key(-0.0))), "-0");
}

TEST(DescribeKey, LongTextsAreCutBetweenCharacters) {
  std::string text = "a";
  for (int i = 0; i < 100; ++i) text += "\xc3\xa9";
  std::string shown = describe_key(as_bytes(encoded_key(text)));
  EXPECT_LT(shown.size(), text.size());
  EXPECT_TRUE(is_wtf8(as_bytes(shown), false)) << hex(shown);
}

}  // namespace
}  // namespace cairn::unit
