// Values between portable and stored form: names in place or by shape, the one form of each value,
// and the path to what cannot be used.
#include <gtest/gtest.h>

#include "core/value/object.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

// A portable value brought to its one form.
std::string normal(std::string_view bytes) {
  ByteBuffer out;
  TupleWriter writer(out, 1);
  Transcoder(nullptr, nullptr).put(read_item(as_bytes(bytes)), writer, 0);
  return to_string(out);
}

std::string complaint(const char* digits) {
  std::string bytes = from_hex(digits);
  return message_of([&] { normal(bytes); });
}

TEST(Transcoder, RandomValuesSurviveTheirStoredForm) {
  RandomValues random(31);
  MemoryShapes shapes;
  for (int i = 0; i < 5000; ++i) {
    std::string bytes = portable(random.value(5));
    ASSERT_EQ(hex(portable_of(stored_of(bytes, shapes), shapes)), hex(bytes));
  }
  EXPECT_GT(shapes.count(), 10u);
}

TEST(Transcoder, ObjectsOfOneShapeStoreItsNumberInsteadOfTheirNames) {
  MemoryShapes shapes;
  Value value = Array{Object{{"first name", 1}, {"second name", 2}},
                      Object{{"first name", 3}, {"second name", 4}}};
  std::string stored = stored_of(portable(value), shapes);
  EXPECT_EQ(shapes.count(), 1u);
  // Two tags, then each object: its size, the shape's number, tags and payloads.
  EXPECT_EQ(hex(stored),
            "140b"
            "02"
            "1515"
            "0301"
            "2122"
            "0301"
            "2324");
}

TEST(Transcoder, NamesStandInPlaceWhereThereIsNoRoomForAShape) {
  RandomValues random(32);
  for (size_t limit : {0u, 1u, 3u}) {
    MemoryShapes shapes(limit);
    for (int i = 0; i < 500; ++i) {
      std::string bytes = portable(random.object(4));
      ASSERT_EQ(hex(portable_of(stored_of(bytes, shapes), shapes)), hex(bytes));
    }
    EXPECT_EQ(shapes.count(), limit);
  }
}

TEST(Transcoder, BringsValuesToTheirOneForm) {
  const std::pair<const char*, const char*> forms[] = {
      {"0405", "25"},                            // 5 in a byte
      {"090500000000000000", "25"},              // 5 in eight bytes
      {"0b0000000000001440", "25"},              // 5.0 as a double
      {"0a0000a040", "25"},                      // 5.0 as a float
      {"0a00000080", "0a00000080"},              // -0
      {"0b0000000000000080", "0a00000080"},      // -0 as a double
      {"0b000000000000e03f", "0a0000003f"},      // 0.5 as a double
      {"0b010000000000f87f", "0a0000c07f"},      // another NaN
      {"0ab10000ff", "0ab10000ff"},              // a float that is no integer
      {"0a0100807f", "0a0000c07f"},              // a signalling NaN
      {"0d0100000000000000", "0c010000000000"},  // a date in eight bytes
      {"1001 00", "100100"},                     // bigint 0
      {"1001 01", "100100"},                     // bigint -0
      {"1003 010000", "100100"},                 // bigint -0 with zero bytes
      {"1004 00010000", "10020001"},             // bigint 1 with zero bytes
      {"1302 6162", "826162"},                   // ASCII tagged as other text
      {"1202 6162", "826162"},                   // short ASCII in its long form
      {"1300", "80"}};
  for (auto [from, to] : forms) EXPECT_EQ(hex(normal(from_hex(from))), to) << from;
}

TEST(Transcoder, RefusesWhatNoValueCanBe) {
  EXPECT_NE(complaint("09010000000000 2000"), "");  // 2^53 + 1 as an integer
  EXPECT_NE(complaint("09ffffffffffffdfff"), "");   // -2^53 - 1
  EXPECT_NE(complaint("09000000000000 0080"), "");  // -2^63
  EXPECT_NE(complaint("0d0100dcc208b21e00"), "");   // a date too late
  EXPECT_NE(complaint("1000"), "");                 // a bigint without a sign
  EXPECT_NE(complaint("100102"), "");               // a sign that is none
  EXPECT_NE(complaint("1301ff"), "");               // text that is none
  EXPECT_NE(complaint("1306eda0bdedb880"), "");     // a pair of surrogates
  EXPECT_NE(complaint("1201 ff"), "");              // ASCII that is none
  EXPECT_NE(complaint("81ff"), "");
  EXPECT_NE(complaint("03"), "");                        // undefined has no place
  EXPECT_NE(complaint("1507 0002 0161 0161 2121"), "");  // more than its size says
  EXPECT_NE(complaint("1508 0002 0161 0161 2121"), "");  // two fields of one name
  EXPECT_NE(complaint("1506 0001 01ff 21"), "");
  EXPECT_NE(complaint("1505 0001 01ff 21"), "");  // a name that is no text
  EXPECT_NE(complaint("1502 0121"), "");          // a shape in a portable value
  EXPECT_NE(complaint("1403 012121"), "");        // bytes after the last item
  EXPECT_NE(complaint("1402 0321"), "");          // fewer items than counted
  EXPECT_NE(complaint("140a ffffffffffffffffff01"), "");
}

TEST(Transcoder, NamesThePathToWhatCannotBeUsed) {
  // {"a": [1, {"b.c": <a date too late>}]}
  std::string bytes = portable(Object{{"a", Array{1, Object{{"b.c", std::vector<uint8_t>(7)}}}}});
  std::string date = from_hex("0d0100dcc208b21e00");
  size_t tag = bytes.find('\x11'), payload = bytes.size() - 8;
  bytes = bytes.substr(0, tag) + '\x0d' + bytes.substr(tag + 1, payload - tag - 1) + date.substr(1);
  EXPECT_EQ(message_of([&] { normal(bytes); }), "a[1].b.c: an invalid date");
}

TEST(Transcoder, NamesThePathToUndefined) {
  std::string bytes = portable(Object{{"a", Array{1, Object{{"b", Undefined{}}}}}});
  std::string message = message_of([&] { normal(bytes); });
  EXPECT_EQ(message.substr(0, 8), "a[1].b: ") << message;
}

TEST(Transcoder, AnUnknownShapeIsCorrupt) {
  MemoryShapes shapes;
  std::string stored = stored_of(portable(Object{{"a", 1}}), shapes);
  MemoryShapes others;
  EXPECT_EQ(status_of([&] { portable_of(stored, others); }), Status::kCorrupt);
}

TEST(StoreFields, PassesUndefinedOnInTheFieldsThemselvesOnly) {
  MemoryShapes shapes;
  Patch patch(Object{{"a", Undefined{}}, {"b", 1}}, shapes);
  EXPECT_EQ(TupleReader(patch.view().fields).next().tag, kUndefined);
  EXPECT_EQ(message_of([&] {
              Patch(Object{{"a", Array{Undefined{}}}}, shapes);
            }).substr(0, 6),
            "a[0]: ");
}

}  // namespace
}  // namespace cairn::unit
