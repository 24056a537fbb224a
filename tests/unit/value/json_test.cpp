// JSON in and out: values that survive, the forms for what JSON cannot say, and where an error is.
#include "core/value/json.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/batches.h"

namespace cairn::unit {
namespace {

std::string complaint(std::string_view json) {
  return message_of([&] { parse_json(json); });
}

void expect_json(const Value& value, const std::string& json) {
  EXPECT_EQ(to_json(value), json);
  EXPECT_EQ(parse_json(json), value) << json;
}

TEST(Json, RandomValuesRoundTrip) {
  RandomValues random(111);
  for (int i = 0; i < 5000; ++i) {
    Value value = random.value(5);
    std::string json = to_json(value);
    ASSERT_EQ(parse_json(json), value) << json;
  }
}

TEST(Json, PlainValues) {
  expect_json(nullptr, "null");
  expect_json(true, "true");
  expect_json(false, "false");
  expect_json(0, "0");
  expect_json(-12, "-12");
  expect_json(0.1, "0.1");
  expect_json(1e21, "1e+21");
  expect_json(590295810358705651712.0, "590295810358705700000");
  expect_json(0.000001, "0.000001");
  expect_json(1.5e-7, "1.5e-7");
  expect_json(9007199254740992.0, "9007199254740992");
  expect_json("", "\"\"");
  expect_json("a\"b\\c\n\x01\x7f\xc3\xa9", "\"a\\\"b\\\\c\\n\\u0001\x7f\xc3\xa9\"");
  expect_json(Array{}, "[]");
  expect_json(Array{1, "x", nullptr}, "[1,\"x\",null]");
  expect_json(Object{}, "{}");
  expect_json(Object{{"b", 1}, {"a", Array{Object{}}}}, "{\"b\":1,\"a\":[{}]}");
}

TEST(Json, ExtendedForms) {
  expect_json(std::numeric_limits<double>::quiet_NaN(), "{\"$number\":\"NaN\"}");
  expect_json(std::numeric_limits<double>::infinity(), "{\"$number\":\"Infinity\"}");
  expect_json(-std::numeric_limits<double>::infinity(), "{\"$number\":\"-Infinity\"}");
  expect_json(-0.0, "{\"$number\":\"-0\"}");
  expect_json(BigInt::parse("-12345678901234567890123"),
              "{\"$bigint\":\"-12345678901234567890123\"}");
  expect_json(std::vector<uint8_t>{1, 2, 3}, "{\"$bytes\":\"AQID\"}");
  expect_json("\xed\xa0\x80", "{\"$text\":\"7aCA\"}");
  expect_json(Object{{"$date", 1}}, "{\"$object\":[[\"$date\",1]]}");
  expect_json(Object{{"$else", "x"}}, "{\"$object\":[[\"$else\",\"x\"]]}");
  expect_json(Object{{"\xed\xa0\x80", 1}}, "{\"$object\":[[{\"$text\":\"7aCA\"},1]]}");
  expect_json(Object{{"$date", 1}, {"b", 2}}, "{\"$date\":1,\"b\":2}");
  expect_json(Undefined{}, "{\"$undefined\":true}");
}

TEST(Json, Dates) {
  expect_json(Date{0}, "{\"$date\":\"1970-01-01T00:00:00.000Z\"}");
  expect_json(Date{-1}, "{\"$date\":\"1969-12-31T23:59:59.999Z\"}");
  expect_json(Date{951782400123}, "{\"$date\":\"2000-02-29T00:00:00.123Z\"}");
  expect_json(Date{-62167219200000}, "{\"$date\":\"0000-01-01T00:00:00.000Z\"}");
  expect_json(Date{253402300799999}, "{\"$date\":\"9999-12-31T23:59:59.999Z\"}");
  expect_json(Date{253402300800000}, "{\"$date\":253402300800000}");
  expect_json(Date{-62167219200001}, "{\"$date\":-62167219200001}");
  expect_json(Date{8640000000000000}, "{\"$date\":8640000000000000}");
  EXPECT_EQ(parse_json("{\"$date\":\"2026-01-31T12:00:00Z\"}"), Value(Date{1769860800000}));
}

TEST(Json, DatesThatAreNoneAreRefused) {
  for (const char* text : {"\"\"",
                           "\"2026\"",
                           "\"2026-01-31\"",
                           "\"2026-01-31T12:00:00\"",
                           "\"2026-13-01T00:00:00Z\"",
                           "\"2026-02-29T00:00:00Z\"",
                           "\"2026-01-31T24:00:00Z\"",
                           "\"2026-01-31T12:60:00Z\"",
                           "\"2026-01-31T12:00:60Z\"",
                           "\"2026-01-31T12:00:00.1Z\"",
                           "\"2026-01-31T12:00:00.1xxZ\"",
                           "\"2026-01-31T12:00:00.-12Z\"",
                           "\"2026-01-31T12:00:00.000Z \"",
                           "\"2026- 1-31T12:00:00Z\"",
                           "\"2026-+1-31T12:00:00Z\"",
                           "\"2026-1-31T12:00:00Z\"",
                           "\"2026-01-31T12:00:00+01:00\"",
                           "0.5",
                           "8640000000000001",
                           "null",
                           "true",
                           "{\"$number\":\"NaN\"}"}) {
    std::string json = std::string("{\"$date\":") + text + "}";
    EXPECT_EQ(status_of([&] { parse_json(json); }), Status::kInvalidValue) << json;
  }
}

TEST(Json, ExtendedFormsThatAreNoneAreRefused) {
  for (const char* json :
       {"{\"$bigint\":\"x\"}", "{\"$bigint\":1}", "{\"$bytes\":\"a\"}", "{\"$bytes\":null}",
        "{\"$number\":\"1\"}", "{\"$number\":1}", "{\"$text\":\"/w==\"}", "{\"$object\":{}}",
        "{\"$object\":[1]}", "{\"$object\":[[\"a\"]]}", "{\"$object\":[[1,2]]}"})
    EXPECT_EQ(status_of([&] { parse_json(json); }), Status::kInvalidValue) << json;
}

TEST(Json, UnknownNamesWithADollarAreFields) {
  EXPECT_EQ(parse_json("{\"$else\":1}"), Value(Object{{"$else", 1}}));
  EXPECT_EQ(parse_json("{\"$date\":1,\"b\":2}"), Value(Object{{"$date", 1}, {"b", 2}}));
}

TEST(Json, ANameThatStandsTwiceHasItsLastValue) {
  EXPECT_EQ(parse_json("{\"a\":1,\"b\":2,\"a\":3}"), Value(Object{{"a", 3}, {"b", 2}}));
}

TEST(Json, NumbersAreDoubles) {
  EXPECT_EQ(parse_json("9007199254740993"), Value(9007199254740992.0));
  EXPECT_EQ(parse_json("18446744073709551616"), Value(18446744073709551616.0));
  EXPECT_EQ(parse_json("-0"), Value(0.0));
  EXPECT_EQ(parse_json("-0.0"), Value(-0.0));
  EXPECT_EQ(parse_json("1E3"), Value(1000));
}

TEST(JsonErrors, SayLineAndColumn) {
  EXPECT_EQ(complaint("{\"a\":}").substr(0, 16), "line 1, column 6") << complaint("{\"a\":}");
  EXPECT_EQ(complaint("{\n  \"a\": 1,\n  b\n}").substr(0, 16), "line 3, column 3");
  EXPECT_EQ(complaint("").substr(0, 16), "line 1, column 1");
  EXPECT_EQ(complaint("[1, 2").substr(0, 16), "line 1, column 6");
  EXPECT_EQ(complaint("1 2").substr(0, 16), "line 1, column 3");
}

TEST(JsonErrors, WhatIsNoJsonIsMalformed) {
  for (const char* json :
       {"",      " ",       "nul",         "tru",      "{",      "[",     "[1,]", "{\"a\":1,}",
        "{a:1}", "'a'",     "01",          "1.",       ".5",     "+1",    "NaN",  "Infinity",
        "\"a",   "\"\\x\"", "\"\\ud800\"", "\"\xff\"", "\"\n\"", "1e999", "//",   "[1]x"})
    EXPECT_EQ(status_of([&] { parse_json(json); }), Status::kMalformed) << json;
}

TEST(JsonErrors, NestingIsBounded) {
  std::string deep(100000, '[');
  EXPECT_EQ(status_of([&] { parse_json(deep); }), Status::kMalformed);
  std::string json = std::string(128, '[') + "1" + std::string(128, ']');
  EXPECT_EQ(parse_json(json), nested_arrays(128));
}

TEST(JsonRows, AnArrayOrLines) {
  const std::vector<Value> expected = {Object{{"a", 1}}, 2, Array{3}};
  for (const char* json : {"[{\"a\":1},2,[3]]", " \n[ {\"a\":1} ,\n2, [3]]\n", "{\"a\":1}\n2\n[3]",
                           "{\"a\":1}\r\n\r\n2\n  \n[3]\n"}) {
    std::vector<Value> rows;
    if (json[0] == '[' || json[1] == '\n' || json[0] == '{')
      parse_json_rows(json, [&](Value&& value, size_t) { rows.push_back(std::move(value)); });
    EXPECT_EQ(rows, expected) << json;
  }
}

TEST(JsonRows, LinesAreNumbered) {
  std::vector<size_t> lines;
  parse_json_rows("{}\n\n{}\n{}", [&](Value&&, size_t line) { lines.push_back(line); });
  EXPECT_EQ(lines, (std::vector<size_t>{1, 3, 4}));
  std::string message = message_of([] { parse_json_rows("{}\n{\n}", [](Value&&, size_t) {}); });
  EXPECT_EQ(message.substr(0, 7), "line 2,") << message;
}

TEST(JsonRows, NothingIsNoRows) {
  for (const char* json : {"", " \n ", "[]", "[ ]"})
    parse_json_rows(json, [](Value&&, size_t) { FAIL(); });
}

TEST(JsonBatches, RoundTrip) {
  Table table = batch_from_json("[{\"id\":\"k\",\"v\":{\"$date\":5}},{\"v\":null,\"id\":7}]", "id");
  EXPECT_EQ(
      batch_to_json(bytes_of(table)),
      "{\"key\":\"k\",\"value\":{\"id\":\"k\",\"v\":{\"$date\":\"1970-01-01T00:00:00.005Z\"}}}\n"
      "{\"key\":7,\"value\":{\"v\":null,\"id\":7}}\n");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(table.data()) % 16, 0u);
}

TEST(JsonBatches, ShowOpsVersionsAndMetadata) {
  MemoryShapes shapes;
  BatchRow row = plain_row("k", {{"a", 1}});
  row.metadata_op = fb::MetadataOp::Set;
  row.metadata = "m";
  row.version = 9;
  BatchRow gone{.key = 2, .op = fb::Op::Delete, .value = {}, .metadata = {}};
  // Rows with shapes are grouped; nothing in them refers to the dictionary.
  Table table = build_batch({row, gone}, shapes, {.versions = true, .metadata = true});
  EXPECT_EQ(batch_to_json(bytes_of(table)),
            "{\"key\":\"k\",\"value\":{\"a\":1},\"version\":9,\"metadata\":\"m\"}\n"
            "{\"key\":2,\"op\":\"delete\"}\n");
}

TEST(JsonBatches, UndefinedRemovesMetadataAndFields) {
  Value removed = Undefined{};
  Array lines = {
      Object{{"key", "a"}, {"op", "update"}, {"value", Object{{"f", removed}, {"g", 1}}}},
      Object{{"key", "b"}, {"op", "update"}, {"value", Object{}}, {"metadata", removed}},
      Object{{"key", "c"}, {"op", "touch"}, {"metadata", removed}},
      Object{{"key", "d"}, {"op", "touch"}, {"metadata", nullptr}}};
  Table table = batch_from_lines(lines);
  MemoryShapes shapes;
  BatchRows rows = read_batch(bytes_of(table), shapes);
  EXPECT_EQ(rows[0].metadata_op, fb::MetadataOp::Keep);
  EXPECT_EQ(rows[1].metadata_op, fb::MetadataOp::Remove);
  EXPECT_EQ(rows[2].metadata_op, fb::MetadataOp::Remove);
  EXPECT_EQ(rows[3].metadata_op, fb::MetadataOp::Set);
  std::string json;
  for (const Value& line : lines) json += to_json(line) + "\n";
  EXPECT_EQ(batch_to_json(bytes_of(table)), json);
}

TEST(JsonBatches, OfAnInsertWithoutMetadataNothingIsWritten) {
  Table table =
      batch_from_lines({Object{{"key", 1}, {"value", Object{}}, {"metadata", Undefined{}}}});
  MemoryShapes shapes;
  EXPECT_EQ(read_batch(bytes_of(table), shapes)[0].metadata_op, fb::MetadataOp::Remove);
  EXPECT_EQ(batch_to_json(bytes_of(table)), "{\"key\":1,\"value\":{}}\n");
}

TEST(JsonBatches, RandomRowsRoundTrip) {
  RandomValues random(112);
  for (int i = 0; i < 100; ++i) {
    std::string json, expected;
    for (int row = 0; row < 20; ++row) {
      Object object = random.object(3);
      object.emplace_back("the key", row);
      json += to_json(object) + "\n";
      expected += to_json(Object{{"key", row}, {"value", object}}) + "\n";
    }
    Table table = batch_from_json(json, "the key");
    ASSERT_EQ(batch_to_json(bytes_of(table)), expected);
  }
}

TEST(JsonBatches, RowsWithoutAUsableKeyAreRefused) {
  for (const char* json : {"[1]", "[{}]", "[{\"id\":null}]", "[{\"id\":true}]",
                           "[{\"id\":{\"$number\":\"NaN\"}}]", "[{\"id\":[1]}]"}) {
    std::string message = message_of([&] { batch_from_json(json, "id"); });
    EXPECT_EQ(message.substr(0, 7), "row 1: ") << json << message;
  }
  EXPECT_EQ(message_of([] { batch_from_json("{\"id\":1}\n{\"id\":false}", "id"); }).substr(0, 7),
            "row 2: ");
}

TEST(JsonBatches, ADepthBeyondTheLimitIsNamed) {
  std::string deep = "{\"id\":1,\"a\":" + std::string(130, '[') + std::string(130, ']') + "}";
  EXPECT_EQ(status_of([&] { batch_from_json(deep, "id"); }), Status::kInvalidValue);
}

}  // namespace
}  // namespace cairn::unit
