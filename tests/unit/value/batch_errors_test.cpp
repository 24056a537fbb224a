// What is wrong in a row batch is said with its row, key and path; ops and metadata ops as the
// tests' own writer makes them.
#include <gtest/gtest.h>

#include "batch_writer.h"
#include "support/batches.h"

namespace cairn::unit {
namespace {

using cairn::testing::BatchMetadata;
using cairn::testing::BatchOp;
using cairn::testing::BatchWriter;

std::string first_complaint(const std::string& batch) {
  MemoryShapes shapes;
  return message_of([&] { read_batch(as_bytes(batch), shapes); });
}

// A batch of one row, after one that is in order.
std::string batch_with(const std::string& key, const std::string& value) {
  BatchWriter writer;
  writer.add(BatchOp::Insert, portable("fine"), portable(Object{{"a", 1}}));
  writer.add(BatchOp::Insert, key, value);
  return writer.finish();
}

// A portable date that no date can be.
const std::string kBadDate = from_hex("0d0100dcc208b21e00");

TEST(BatchErrors, NameRowKeyAndPath) {
  std::string value = from_hex("1510 0001 0161 14 0a 01 0d") + kBadDate.substr(1);
  std::string message = first_complaint(batch_with(portable("k1"), value));
  EXPECT_EQ(message, "row 1, key \"k1\": a[0]: an invalid date");
}

TEST(BatchErrors, NameTheRowOfAKeyThatIsNone) {
  for (const Value& key : {Value(nullptr), Value(true), Value(Array{}), Value(Date{1})}) {
    std::string message = first_complaint(batch_with(portable(key), portable(Object{})));
    EXPECT_EQ(message.substr(0, 7), "row 1: ") << message;
  }
}

TEST(BatchErrors, NameMetadataThatCannotBeUsed) {
  BatchWriter writer;
  writer.add(BatchOp::Touch, portable(7), "", BatchMetadata::Set, kBadDate);
  EXPECT_EQ(first_complaint(writer.finish()), "row 0, key 7: metadata: an invalid date");
}

TEST(BatchErrors, UndefinedIsForTheFieldsOfAnUpdateAlone) {
  EXPECT_EQ(first_complaint(batch_with(portable("k"), portable(Object{{"a", Undefined{}}}))), "");
  std::string nested = portable(Object{{"a", Object{{"b", Undefined{}}}}});
  std::string message = first_complaint(batch_with(portable("k"), nested));
  EXPECT_EQ(message.substr(0, 19), "row 1, key \"k\": a.b") << message;
  BatchWriter writer;
  writer.add(BatchOp::Touch, portable(7), "", BatchMetadata::Set, portable(Undefined{}));
  EXPECT_NE(first_complaint(writer.finish()), "");
}

TEST(BatchErrors, ARowMustBeAnObject) {
  for (const Value& value : {Value(nullptr), Value(1), Value("x"), Value(Array{})})
    EXPECT_NE(first_complaint(batch_with(portable("k"), portable(value))), "");
}

TEST(BatchErrors, NamesThatStandTwiceAreRefused) {
  std::string twice = from_hex("1508 0002 0161 0161 2121");
  EXPECT_NE(first_complaint(batch_with(portable("k"), twice)), "");
}

TEST(BatchOps, AreGivenAsTheyWereWritten) {
  BatchWriter writer;
  writer.add(BatchOp::Insert, portable("i"), portable(Object{{"a", 1}}), BatchMetadata::Set,
             portable(5));
  writer.add(BatchOp::Update, portable("u"), portable(Object{{"b", 2}}), BatchMetadata::Remove);
  writer.add(BatchOp::Delete, portable("d"));
  writer.add(BatchOp::Touch, portable(0.5), "", BatchMetadata::Set, portable(Array{1}));
  std::string batch = writer.finish();
  MemoryShapes shapes;
  BatchRows rows = read_batch(as_bytes(batch), shapes);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0], (BatchRow{"i", fb::Op::Insert, {{"a", 1}}, fb::MetadataOp::Set, 5, 0}));
  EXPECT_EQ(rows[1],
            (BatchRow{"u", fb::Op::Update, {{"b", 2}}, fb::MetadataOp::Remove, nullptr, 0}));
  EXPECT_EQ(rows[2], (BatchRow{"d", fb::Op::Delete, {}, fb::MetadataOp::Keep, nullptr, 0}));
  EXPECT_EQ(rows[3], (BatchRow{0.5, fb::Op::Touch, {}, fb::MetadataOp::Set, Array{1}, 0}));
}

TEST(BatchBuilderErrors, ARowThatIsNoneIsCorrupt) {
  MemoryShapes shapes;
  std::string key = encoded_key("k");
  for (const char* digits :
       {"", "00", "0000000000000000", "000000000000000002", "00000000000000000005"}) {
    std::string row = from_hex(digits);
    BatchBuilder builder({});
    Status status = status_of([&] {
      builder.begin(shapes);
      builder.add_row(as_bytes(key), as_bytes(row), 0, {});
      builder.finish();
    });
    EXPECT_NE(status, Status::kOk) << digits;
  }
}

}  // namespace
}  // namespace cairn::unit
