// What BatchBuilder writes, looked at with FlatBuffers alone: the kinds of columns, dictionaries,
// groups and heaps that ENCODING.md promises to readers in other languages.
#include <gtest/gtest.h>

#include <set>

#include "core/value/text_dictionary.h"
#include "support/batches.h"

namespace cairn::unit {
namespace {

using fb::ColumnKind;

// A batch of rows with the field "v", and its one column.
class OneColumn {
 public:
  explicit OneColumn(const std::vector<Value>& values,
                     fb::TextEncoding encoding = fb::TextEncoding::Utf8) {
    BatchRows rows;
    for (const Value& value : values)
      rows.push_back(plain_row(static_cast<double>(rows.size()), {{"v", value}}));
    table_ = build_batch(rows, shapes_, {.encoding = encoding});
  }
  const fb::RowBatch& batch() const { return *fb::GetRowBatch(table_.data()); }
  const fb::Column& operator*() const {
    return *batch().values()->groups()->Get(0)->columns()->Get(0);
  }
  const fb::Column* operator->() const { return &**this; }

 private:
  MemoryShapes shapes_;
  Table table_;
};

template <typename T>
std::vector<T> items(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? std::vector<T>() : std::vector<T>(vector->begin(), vector->end());
}

std::string text(const flatbuffers::Vector<uint8_t>* vector) {
  return vector == nullptr ? "" : std::string(vector->begin(), vector->end());
}

TEST(BatchLayout, ColumnsTakeTheKindOfTheirValues) {
  EXPECT_EQ(OneColumn({nullptr, nullptr})->kind(), ColumnKind::Null);
  EXPECT_EQ(OneColumn({true, nullptr})->kind(), ColumnKind::Bool);
  EXPECT_EQ(OneColumn({1, -5})->kind(), ColumnKind::Int32);
  EXPECT_EQ(OneColumn({1, 2147483648.0})->kind(), ColumnKind::Float64);
  EXPECT_EQ(OneColumn({1, -0.0})->kind(), ColumnKind::Float64);
  EXPECT_EQ(OneColumn({Date{1}})->kind(), ColumnKind::Date);
  EXPECT_EQ(OneColumn({"a", "b"})->kind(), ColumnKind::Text);
  EXPECT_EQ(OneColumn({std::vector<uint8_t>{1}})->kind(), ColumnKind::Bytes);
  EXPECT_EQ(OneColumn({Value(Array{1})})->kind(), ColumnKind::List);
  EXPECT_EQ(OneColumn({Object{{"a", 1}}})->kind(), ColumnKind::Object);
  EXPECT_EQ(OneColumn({BigInt{}})->kind(), ColumnKind::Tagged);
  EXPECT_EQ(OneColumn({1, "a"})->kind(), ColumnKind::Tagged);
  EXPECT_EQ(OneColumn({Date{1}, 1})->kind(), ColumnKind::Tagged);
}

TEST(BatchLayout, NullsHaveABitAndASlot) {
  OneColumn ints({7, nullptr, 9});
  EXPECT_EQ(items(ints->nulls()), (std::vector<uint8_t>{2}));
  EXPECT_EQ(items(ints->ints()), (std::vector<int32_t>{7, 0, 9}));
  EXPECT_EQ(OneColumn({7, 9})->nulls(), nullptr);
  OneColumn texts({"ab", nullptr, "c"});
  EXPECT_EQ(items(texts->ends()), (std::vector<uint32_t>{2 << 1, 2 << 1, 3 << 1}));
  OneColumn objects({Object{{"a", 1}}, nullptr, Object{{"a", 2}}});
  EXPECT_EQ(objects->objects()->count(), 2u);
}

TEST(BatchLayout, TextsOutsideAsciiStandInTheHeapOfTheirEncoding) {
  std::vector<Value> values = {"ab", "\xc3\xa9", "\xf0\x9f\x98\x80", "c"};
  OneColumn utf8(values);
  EXPECT_EQ(text(utf8.batch().narrow()),
            "ab\xc3\xa9\xf0\x9f\x98\x80"
            "c");
  EXPECT_EQ(items(utf8->ends()), (std::vector<uint32_t>{2 << 1, 4 << 1, 8 << 1, 9 << 1}));
  OneColumn utf16(values, fb::TextEncoding::Utf16);
  EXPECT_EQ(text(utf16.batch().narrow()), "abc");
  EXPECT_EQ(items(utf16.batch().wide()), (std::vector<uint16_t>{0xe9, 0xd83d, 0xde00}));
  EXPECT_EQ(items(utf16->ends()), (std::vector<uint32_t>{2 << 1, 1 << 1 | 1, 3 << 1 | 1, 3 << 1}));
}

TEST(BatchLayout, TextsThatRepeatBecomeADictionary) {
  std::vector<Value> values;
  for (int i = 0; i < 1000; ++i) values.push_back(i % 2 == 0 ? "even" : "odd");
  OneColumn few(values);
  ASSERT_EQ(few->kind(), ColumnKind::TextDict);
  EXPECT_EQ(few->child()->count(), 2u);
  EXPECT_EQ(few->codes()->size(), 1000u);
  EXPECT_EQ(few->codes16(), nullptr);
  for (size_t i = 0; i < 1000; ++i) values[i] = "t" + std::to_string(i / 3);
  OneColumn many(values);
  ASSERT_EQ(many->kind(), ColumnKind::TextDict);
  EXPECT_EQ(many->child()->count(), 334u);
  EXPECT_EQ(many->codes(), nullptr);
  EXPECT_EQ(many->codes16()->size(), 1000u);
}

TEST(BatchLayout, TextsThatDoNotRepeatStayPlain) {
  std::vector<Value> values;
  for (int i = 0; i < 1000; ++i) values.push_back("t" + std::to_string(i));
  EXPECT_EQ(OneColumn(values)->kind(), ColumnKind::Text);
}

TEST(BatchLayout, RowsOfAShapeFormAGroup) {
  MemoryShapes shapes;
  BatchRows rows = {plain_row(1, {{"a", 1}, {"b", 2}}), plain_row(2, {{"a", 3}, {"b", 4}})};
  Table one = build_batch(rows, shapes);
  const fb::Objects& same = *fb::GetRowBatch(one.data())->values();
  EXPECT_EQ(same.group_of(), nullptr);
  ASSERT_EQ(same.groups()->size(), 1u);
  EXPECT_EQ(from_portable(text(same.groups()->Get(0)->fields())), Value(Array{"a", "b"}));
  rows.insert(rows.begin() + 1, plain_row(3, {{"b", 5}, {"a", 6}}));
  Table two = build_batch(rows, shapes);
  const fb::Objects& other = *fb::GetRowBatch(two.data())->values();
  EXPECT_EQ(items(other.group_of()), (std::vector<uint16_t>{0, 1, 0}));
  EXPECT_EQ(other.groups()->Get(0)->count(), 2u);
}

TEST(BatchLayout, RowsBeyond256GroupsAreLoose) {
  MemoryShapes shapes;
  BatchRows rows;
  for (int i = 0; i < 300; ++i) rows.push_back(plain_row(i, {{"f" + std::to_string(i), i}}));
  Table table = build_batch(rows, shapes);
  const fb::Objects& objects = *fb::GetRowBatch(table.data())->values();
  EXPECT_EQ(objects.groups()->size(), 256u);
  ASSERT_NE(objects.loose(), nullptr);
  EXPECT_EQ(objects.loose()->count(), 44u);
  EXPECT_EQ(objects.loose()->kind(), ColumnKind::Tagged);
  EXPECT_EQ(objects.group_of()->Get(299), 65535);
}

TEST(BatchLayout, FewerRowsThanAreGroupedStayWhole) {
  MemoryShapes shapes;
  BatchRows rows = {plain_row(1, {{"a", 1}, {"b", "x"}}), plain_row(2, {{"a", 3}, {"b", "y"}})};
  Table two = build_batch(rows, shapes, {.grouped_from = 3});
  const fb::Objects& whole = *fb::GetRowBatch(two.data())->values();
  EXPECT_EQ(whole.groups()->size(), 0u);
  ASSERT_NE(whole.loose(), nullptr);
  EXPECT_EQ(whole.loose()->count(), 2u);
  rows.push_back(plain_row(3, {{"a", 5}, {"b", "z"}}));
  Table three = build_batch(rows, shapes, {.grouped_from = 3});
  EXPECT_EQ(fb::GetRowBatch(three.data())->values()->groups()->size(), 1u);
}

TEST(BatchLayout, OpsAreLeftOutWhereAllRowsAreInserts) {
  MemoryShapes shapes;
  BatchRows rows = {plain_row(1, {{"a", 1}})};
  Table inserts = build_batch(rows, shapes);
  EXPECT_EQ(fb::GetRowBatch(inserts.data())->ops(), nullptr);
  EXPECT_EQ(fb::GetRowBatch(inserts.data())->versions(), nullptr);
  rows.push_back(BatchRow{.key = 2, .op = fb::Op::Delete, .value = {}, .metadata = {}});
  Table mixed = build_batch(rows, shapes);
  EXPECT_EQ(items(fb::GetRowBatch(mixed.data())->ops()), (std::vector<uint8_t>{0, 2}));
}

TEST(BatchLayout, ColumnsNestAtMost16Deep) {
  OneColumn deep({nested_arrays(60)});
  const fb::Column* column = &*deep;
  size_t depth = 1;
  for (; column->kind() == ColumnKind::List; ++depth) column = column->child();
  EXPECT_EQ(column->kind(), ColumnKind::Tagged);
  EXPECT_EQ(depth, 16u);
}

// The dictionary of texts that stand one after another, if it makes one.
class Distinct {
 public:
  explicit Distinct(const std::vector<std::string>& texts) {
    std::vector<Slot> slots;
    for (const std::string& made : texts) {
      slots.push_back(
          Slot::make(static_cast<uint8_t>(kShortAscii + made.size()), arena_.size(), made.size()));
      arena_.insert(arena_.end(), made.begin(), made.end());
    }
    arena_.resize(arena_.size() + 8);  // the room that the dictionary may read
    arena_.shrink_to_fit();
    dictionary_ = std::make_unique<TextDictionary>(arena_.data());
    built_ = dictionary_->build(slots);
  }
  bool built() const { return built_; }
  size_t size() const { return dictionary_->distinct().size(); }
  std::string_view text(size_t i) const {
    return dictionary_->distinct()[dictionary_->codes()[i]].item(arena_.data()).text();
  }

 private:
  std::vector<uint8_t> arena_;
  std::unique_ptr<TextDictionary> dictionary_;
  bool built_ = false;
};

// Nearly equal texts of every small size: where only parts of texts are compared, they differ.
TEST(TextDictionaryTest, TellsTextsApart) {
  Random random(91);
  int built = 0;
  for (size_t round = 0; round < 200; ++round) {
    std::vector<std::string> texts(500);
    for (std::string& text : texts) {
      text.assign(round % 36 + random.below(3), 'a');
      if (!text.empty() && random.chance(70)) text[random.below(text.size())] = 'b';
    }
    Distinct distinct(texts);
    if (!distinct.built()) continue;
    ++built;
    ASSERT_EQ(distinct.size(), std::set<std::string>(texts.begin(), texts.end()).size());
    for (size_t i = 0; i < texts.size(); ++i) ASSERT_EQ(distinct.text(i), texts[i]);
  }
  EXPECT_GT(built, 100);
}

TEST(TextDictionaryTest, HoldsAsManyTextsAsThereAreCodes) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < 4 * 65535; ++i) texts.push_back(std::to_string(i / 4));
  Distinct all(texts);
  ASSERT_TRUE(all.built());
  EXPECT_EQ(all.size(), 65535u);
  EXPECT_EQ(all.text(texts.size() - 1), "65534");
  for (size_t i = 0; i < 4; ++i) texts.push_back("one more");
  EXPECT_FALSE(Distinct(texts).built());
}

}  // namespace
}  // namespace cairn::unit
