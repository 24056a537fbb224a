// Stored rows: insert replaces, merge changes what the patch names, and a row that does not differ
// is known as such.
#include "core/value/row.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "core/value/json.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

std::string merged_row(const std::string& stored, const Object& changes, ShapeWriter& shapes) {
  Patch patch(changes, shapes);
  RowEncoder encoder(shapes);
  encoder.merge(as_bytes(stored), patch.view());
  return std::string(as_text(encoder.row()));
}

// Whether a row made of `now` counts as unchanged over one made of `before`.
bool counts_as_same(const Object& before, const Object& now) {
  MemoryShapes shapes;
  std::string stored = make_row(before, shapes);
  Patch patch(now, shapes);
  RowEncoder encoder(shapes);
  encoder.insert(patch.view());
  return encoder.same_as(as_bytes(stored));
}

// What merging means, in its plainest words.
Object merged(Object value, const Object& changes) {
  for (const Field& change : changes) {
    auto place = std::find_if(value.begin(), value.end(),
                              [&](const Field& field) { return field.first == change.first; });
    bool remove = change.second.get<Undefined>() != nullptr;
    if (place == value.end()) {
      if (!remove) value.push_back(change);
    } else if (remove) {
      value.erase(place);
    } else {
      place->second = change.second;
    }
  }
  return value;
}

TEST(Row, StandsForItsObject) {
  RandomValues random(71);
  MemoryShapes shapes;
  for (int i = 0; i < 3000; ++i) {
    Object object = random.object(5);
    std::string row = make_row(object, shapes);
    ASSERT_EQ(Value(row_value(row, shapes)), Value(object));
    verify_row(as_bytes(row), shapes);
  }
}

TEST(Row, BeginsWithTheHashOfItsCanonicalBytesAndTheCodecVersion) {
  MemoryShapes shapes;
  Object object{{"b", 1}, {"a", Object{{"y", 1}, {"x", 2}}}};
  std::string row = make_row(object, shapes);
  std::string canonical = canonical_of(object);
  EXPECT_EQ(row_hash(as_bytes(row)), hash64(as_bytes(canonical)));
  EXPECT_EQ(row[kRowHashSize], '\x01');
}

TEST(Row, OfAnotherCodecVersionIsCorrupt) {
  MemoryShapes shapes;
  std::string row = make_row(Object{{"a", 1}}, shapes);
  row[kRowHashSize] = '\x02';
  std::vector<std::string_view> scratch;
  EXPECT_EQ(status_of([&] { read_row(as_bytes(row), shapes, scratch); }), Status::kCorrupt);
}

TEST(RowInsert, LeavesOutWhatIsUndefined) {
  MemoryShapes shapes;
  std::string row = make_row(Object{{"a", 1}, {"b", Undefined{}}, {"c", 3}}, shapes);
  EXPECT_EQ(Value(row_value(row, shapes)), Value(Object{{"a", 1}, {"c", 3}}));
  EXPECT_EQ(row, make_row(Object{{"a", 1}, {"c", 3}}, shapes));
  EXPECT_EQ(Value(row_value(make_row(Object{{"b", Undefined{}}}, shapes), shapes)),
            Value(Object{}));
}

TEST(RowInsert, RowsOfOneShapeShareIt) {
  MemoryShapes shapes;
  for (int i = 0; i < 100; ++i) make_row(Object{{"a", i}, {"b", Object{{"c", i}}}}, shapes);
  EXPECT_EQ(shapes.count(), 2u);
  make_row(Object{{"b", 1}, {"a", 2}}, shapes);
  EXPECT_EQ(shapes.count(), 3u);  // another order is another shape
}

TEST(RowInsert, ARowHasAtMost16Mebibytes) {
  MemoryShapes shapes;
  make_row(Object{{"a", std::string(kMaxRowBytes - 100, 'x')}}, shapes);
  EXPECT_EQ(status_of([&] {
              make_row(Object{{"a", std::string(kMaxRowBytes, 'x')}}, shapes);
            }),
            Status::kTooLarge);
}

TEST(RowMerge, ReplacesAddsAndRemoves) {
  MemoryShapes shapes;
  std::string row = make_row(Object{{"a", 1}, {"b", 2}, {"c", Object{{"x", 1}, {"y", 2}}}}, shapes);
  row = merged_row(row, Object{{"d", 4}, {"b", "two"}, {"a", Undefined{}}}, shapes);
  EXPECT_EQ(Value(row_value(row, shapes)),
            Value(Object{{"b", "two"}, {"c", Object{{"x", 1}, {"y", 2}}}, {"d", 4}}));
}

TEST(RowMerge, IsShallow) {
  MemoryShapes shapes;
  std::string row = make_row(Object{{"c", Object{{"x", 1}, {"y", 2}}}}, shapes);
  row = merged_row(row, Object{{"c", Object{{"y", 3}}}}, shapes);
  EXPECT_EQ(Value(row_value(row, shapes)), Value(Object{{"c", Object{{"y", 3}}}}));
}

TEST(RowMerge, RemovingWhatIsNotThereChangesNothing) {
  MemoryShapes shapes;
  std::string row = make_row(Object{{"a", 1}}, shapes);
  EXPECT_EQ(merged_row(row, Object{{"b", Undefined{}}}, shapes), row);
  EXPECT_EQ(merged_row(row, Object{}, shapes), row);
}

TEST(RowMerge, AddsNoShapeWhereNamesStayTheSame) {
  MemoryShapes shapes;
  std::string row = make_row(Object{{"a", 1}, {"b", 2}}, shapes);
  size_t count = shapes.count();
  row = merged_row(row, Object{{"b", 3}}, shapes);
  EXPECT_EQ(shapes.count(), count);
  merged_row(row, Object{{"c", 3}}, shapes);
  EXPECT_EQ(shapes.count(), count + 1);
}

TEST(RowMerge, RandomChangesGiveWhatMergingMeans) {
  RandomValues random(72);
  for (size_t limit : {4096u, 2u, 0u}) {
    MemoryShapes shapes(limit);
    for (int i = 0; i < 1500; ++i) {
      Object value = random.object(3), changes = random.object(3);
      for (Field& change : changes)
        if (random.random().chance(30)) change.second = Undefined{};
      std::string row = merged_row(make_row(value, shapes), changes, shapes);
      ASSERT_EQ(Value(row_value(row, shapes)), Value(merged(value, changes)));
      verify_row(as_bytes(row), shapes);
    }
  }
}

TEST(RowMerge, ManyFieldsAtOnce) {
  Random random(74);
  MemoryShapes shapes;
  for (int round = 0; round < 10; ++round) {
    Object value, changes;
    for (int i = 0; i < 300; ++i) {
      std::string name = "field " + std::to_string(i);
      if (random.chance(70)) value.emplace_back(name, i);
      if (random.chance(70))
        changes.emplace_back(name, random.chance(30) ? Value(Undefined{}) : Value(-i));
    }
    std::string row = merged_row(make_row(value, shapes), changes, shapes);
    ASSERT_EQ(Value(row_value(row, shapes)), Value(merged(value, changes)));
  }
}

TEST(RowMerge, OneAfterAnotherInOneEncoder) {
  RandomValues random(73);
  MemoryShapes shapes;
  RowEncoder encoder(shapes);
  Object value;
  std::string row = make_row(value, shapes);
  for (int i = 0; i < 1000; ++i) {
    Object changes = random.object(2);
    for (Field& change : changes)
      if (random.random().chance(40)) change.second = Undefined{};
    Patch patch(changes, shapes);
    encoder.merge(as_bytes(row), patch.view());
    value = merged(value, changes);
    row = std::string(as_text(encoder.row()));
    ASSERT_EQ(Value(row_value(row, shapes)), Value(value));
  }
}

TEST(RowChange, SameContentsAreNoChange) {
  EXPECT_TRUE(counts_as_same({{"a", 1}, {"b", 2}}, {{"a", 1}, {"b", 2}}));
  EXPECT_TRUE(counts_as_same({{"a", 1}, {"b", 2}}, {{"b", 2}, {"a", 1}}));
  EXPECT_TRUE(
      counts_as_same({{"a", Object{{"x", 1}, {"y", 2}}}}, {{"a", Object{{"y", 2}, {"x", 1}}}}));
  EXPECT_TRUE(counts_as_same({{"a", 1}}, {{"a", 1}, {"b", Undefined{}}}));
  EXPECT_TRUE(counts_as_same({{"a", std::bit_cast<double>(0x7ff8000000000001ull)}},
                             {{"a", std::bit_cast<double>(0xfff8000000000000ull)}}));
}

TEST(RowChange, OtherContentsAreAChange) {
  EXPECT_FALSE(counts_as_same({{"a", 1}}, {{"a", 2}}));
  EXPECT_FALSE(counts_as_same({{"a", 1}}, {{"b", 1}}));
  EXPECT_FALSE(counts_as_same({{"a", 1}}, {{"a", 1}, {"b", nullptr}}));
  EXPECT_FALSE(counts_as_same({{"a", 0.0}}, {{"a", -0.0}}));
  EXPECT_FALSE(counts_as_same({{"a", 1}}, {{"a", BigInt{false, {1}}}}));
  EXPECT_FALSE(counts_as_same({{"a", Array{1, 2}}}, {{"a", Array{2, 1}}}));
}

TEST(RowChange, ARowWhoseHashCollidesIsToldApartByItsBytes) {
  MemoryShapes shapes;
  std::string stored = make_row(Object{{"a", 1}}, shapes);
  std::string other = make_row(Object{{"a", 2}}, shapes);
  // The other row with the first one's hash, as a collision would have it.
  std::string collision = stored.substr(0, kRowHashSize) + other.substr(kRowHashSize);
  Patch patch(Object{{"a", 1}}, shapes);
  RowEncoder encoder(shapes);
  encoder.insert(patch.view());
  EXPECT_FALSE(encoder.same_as(as_bytes(collision)));
  EXPECT_TRUE(encoder.same_as(as_bytes(stored)));
}

TEST(VerifyRow, FindsAHashThatIsNotThatOfTheContents) {
  MemoryShapes shapes;
  std::string row = make_row(Object{{"a", 1}}, shapes);
  row[0] = static_cast<char>(row[0] ^ 1);
  EXPECT_EQ(status_of([&] { verify_row(as_bytes(row), shapes); }), Status::kCorrupt);
}

TEST(VerifyRow, FindsAShapeThatIsNotThere) {
  MemoryShapes shapes, empty;
  std::string row = make_row(Object{{"a", 1}}, shapes);
  EXPECT_EQ(status_of([&] { verify_row(as_bytes(row), empty); }), Status::kCorrupt);
}

// A row whose only field is the given value, with the hash that belongs to it.
std::string row_of_field(std::string_view value) {
  ByteBuffer body, row;
  body.put(from_hex("0001 0161"));
  body.put(value);
  std::vector<std::string_view> names;
  Canonicalizer canonicalizer(nullptr);
  row.put_le(hash64(canonicalizer.object(read_object(body.bytes(), nullptr, names))), 8);
  row.put(kRowCodecVersion);
  row.put(body.bytes());
  return to_string(row);
}

TEST(VerifyRow, FindsAValueThatIsNotInItsOneForm) {
  MemoryShapes none;
  verify_row(as_bytes(row_of_field(from_hex("25"))), none);
  for (const char* digits : {"0405", "090500000000000000", "0b0000000000001440", "1202 6162",
                             "1302 6162", "0d0100000000000000", "1001 01", "10020000"}) {
    std::string row = row_of_field(from_hex(digits));
    EXPECT_EQ(status_of([&] { verify_row(as_bytes(row), none); }), Status::kCorrupt) << digits;
  }
}

}  // namespace
}  // namespace cairn::unit
