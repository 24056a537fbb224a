// Row batches there and back: what BatchBuilder lays out is what BatchReader gives, for rows of
// every kind and shape, in both text encodings.
#include <gtest/gtest.h>

#include "core/value/json.h"
#include "support/batches.h"

namespace cairn::unit {

void PrintTo(const BatchRow& row, std::ostream* out) {
  *out << "key " << to_json(row.key) << " op " << static_cast<int>(row.op) << " "
       << to_json(row.value) << " metadata " << static_cast<int>(row.metadata_op) << " "
       << to_json(row.metadata) << " version " << row.version;
}

namespace {

class Batches : public ::testing::TestWithParam<fb::TextEncoding> {
 protected:
  BatchOptions options() const { return {.encoding = GetParam()}; }

  // Builds with one dictionary of shapes and reads with another, as two databases do.
  void expect_round_trip(const BatchRows& rows, BatchOptions options, size_t shapes_limit = 4096) {
    MemoryShapes written(shapes_limit), read;
    Table table = build_batch(rows, written, options);
    BatchRows back = read_batch(bytes_of(table), read);
    ASSERT_EQ(back.size(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(back[i], rows[i]) << "row " << i;
  }
  void expect_round_trip(const BatchRows& rows) { expect_round_trip(rows, options()); }

  // A batch of rows whose field "v" takes each of the values.
  void expect_column(const std::vector<Value>& values) {
    BatchRows rows;
    for (const Value& value : values)
      rows.push_back(plain_row(static_cast<double>(rows.size()), {{"v", value}}));
    expect_round_trip(rows);
  }
};

INSTANTIATE_TEST_SUITE_P(Encodings, Batches,
                         ::testing::Values(fb::TextEncoding::Utf8, fb::TextEncoding::Utf16),
                         [](const auto& test) { return fb::EnumNameTextEncoding(test.param); });

TEST_P(Batches, NoRowsAtAll) { expect_round_trip({}); }

TEST_P(Batches, RowsWithoutFields) {
  expect_round_trip({plain_row("a", {}), plain_row("b", {}), plain_row("c", {{"o", Object{}}})});
}

TEST_P(Batches, RandomRowsOfManyShapes) {
  RandomValues random(81);
  for (int i = 0; i < 300; ++i) {
    BatchRows rows(random.random().below(60));
    for (BatchRow& row : rows) row = plain_row(random.key(), random.object(4));
    expect_round_trip(rows);
  }
}

TEST_P(Batches, RandomRowsWithFewOrNoShapes) {
  RandomValues random(82);
  for (int i = 0; i < 100; ++i) {
    BatchRows rows(random.random().below(60));
    for (BatchRow& row : rows) row = plain_row(random.key(), random.object(4));
    expect_round_trip(rows, options(), i % 4);
  }
}

TEST_P(Batches, RandomColumnsOfOneShape) {
  RandomValues random(83);
  for (int i = 0; i < 300; ++i) {
    BatchRows rows(1 + random.random().below(40));
    Object first = random.object(4);
    for (BatchRow& row : rows) {
      row = plain_row(random.key(), first);
      for (Field& field : row.value)
        if (random.random().chance(60)) field.second = random.value(3);
    }
    expect_round_trip(rows);
  }
}

TEST_P(Batches, ColumnsOfOneKind) {
  RandomValues random(84);
  for (int kind = 0; kind < 9; ++kind) {
    std::vector<Value> values;
    for (int i = 0; i < 300; ++i) {
      switch (kind) {
        case 0:
          values.push_back(nullptr);
          break;
        case 1:
          values.push_back(random.random().chance(50));
          break;
        case 2:
          values.push_back(static_cast<double>(static_cast<int32_t>(random.random().next())));
          break;
        case 3:
          values.push_back(random.number());
          break;
        case 4:
          values.push_back(random.date());
          break;
        case 5:
          values.push_back(random.text());
          break;
        case 6:
          values.push_back(random.bytes());
          break;
        case 7:
          values.push_back(random.array(3));
          break;
        default:
          values.push_back(random.object(3));
      }
    }
    expect_column(values);
    // The same with nulls among them.
    for (size_t i = 0; i < values.size(); i += 1 + random.random().below(5)) values[i] = nullptr;
    expect_column(values);
  }
}

TEST_P(Batches, NumbersAtTheEdgeOfInt32) {
  expect_column({0, 2147483647.0, -2147483648.0});
  expect_column({0, 2147483648.0});
  expect_column({0, -2147483649.0});
  expect_column({0, -0.0, 1});
  expect_column({1, 0.5, 9007199254740992.0, 1152921504606846976.0});
}

TEST_P(Batches, MixedColumns) {
  expect_column({1, "a", nullptr, true, Date{5}, BigInt{true, {7}}, std::vector<uint8_t>{1},
                 Array{1, "x"}, Object{{"a", 1}}});
  expect_column({Array{1, "x", nullptr}, Array{}, nullptr, Array{Array{}, Array{1}}});
  expect_column({Object{{"a", 1}}, nullptr, Object{{"b", "x"}}, Object{}, Object{{"a", "y"}}});
  expect_column({BigInt{false, {1}}, nullptr, BigInt{}});
}

TEST_P(Batches, LongTexts) {
  std::string wide;
  for (int i = 0; i < 40000; ++i) wide += "\xe2\x82\xac";
  expect_column({std::string(100000, 'a'), wide, "", std::string(64, 'b'), std::string(65, 'c'),
                 wide + "\xed\xa0\x80", "\xf0\x9f\x98\x80"});
}

// Texts of every size next to each other, copied in steps that must not write over others.
TEST_P(Batches, TextsOfEverySize) {
  std::vector<Value> values;
  for (size_t size = 0; size < 140; ++size)
    values.push_back(std::string(size, static_cast<char>('a' + size % 26)));
  expect_column(values);
  std::reverse(values.begin(), values.end());
  expect_column(values);
}

TEST_P(Batches, DictionariesOfFewAndOfManyTexts) {
  Random random(85);
  for (size_t distinct : {1u, 2u, 255u, 256u, 257u, 1000u, 5000u}) {
    std::vector<Value> values;
    for (size_t i = 0; i < distinct * 4 + 8; ++i) {
      // Neighbours repeat, so that it is seen early that a dictionary is worth it.
      std::string text =
          "text " + std::to_string(random.chance(30) ? random.below(i / 4 + 1) : i / 4);
      values.push_back(random.chance(10) ? text + "\xc3\xa9" : text);
      if (random.chance(5)) values.back() = nullptr;
    }
    expect_column(values);
  }
}

TEST_P(Batches, MoreShapesThanGroups) {
  BatchRows rows;
  for (int i = 0; i < 900; ++i) {
    std::string name = "field " + std::to_string(i % 300);
    rows.push_back(plain_row(i, {{"id", i}, {name, Object{{name, "x"}}}}));
  }
  expect_round_trip(rows);
}

TEST_P(Batches, NestedDeeperThanColumns) {
  for (size_t depth : {14u, 15u, 16u, 17u, 18u, 30u, 127u}) {
    BatchRows rows;
    for (int i = 0; i < 3; ++i) {
      rows.push_back(plain_row(i, {{"a", nested_arrays(depth)}, {"o", nested_objects(depth)}}));
      rows.push_back(plain_row(-1 - i, {{"a", Array{nested_objects(depth - 1)}}}));
    }
    expect_round_trip(rows);
    expect_round_trip(rows, options(), 0);
    expect_round_trip(rows, options(), 1);
  }
}

TEST_P(Batches, VersionsAndMetadata) {
  RandomValues random(86);
  BatchOptions options{.versions = true, .metadata = true, .encoding = GetParam()};
  for (int i = 0; i < 200; ++i) {
    BatchRows rows(random.random().below(30));
    for (BatchRow& row : rows) {
      row = plain_row(random.key(), random.object(2));
      row.version = random.random().next();
      // A row without metadata takes away what the reader has.
      row.metadata_op = fb::MetadataOp::Remove;
      if (random.random().chance(60)) continue;
      row.metadata_op = fb::MetadataOp::Set;
      row.metadata = random.value(3);
    }
    expect_round_trip(rows, options);
  }
}

TEST_P(Batches, DeletedKeys) {
  BatchOptions options{.versions = true, .metadata = true, .encoding = GetParam()};
  RandomValues random(87);
  BatchRows rows;
  for (int i = 0; i < 50; ++i) {
    rows.push_back(plain_row(random.key(), random.object(2)));
    rows.back().metadata_op = fb::MetadataOp::Remove;
    if (i % 3 != 0) continue;
    rows.back() = BatchRow{.key = random.key(), .op = fb::Op::Delete, .value = {}, .metadata = {}};
  }
  expect_round_trip(rows, options);
  BatchRows gone(5, BatchRow{.key = "k", .op = fb::Op::Delete, .value = {}, .metadata = {}});
  expect_round_trip(gone);
}

TEST_P(Batches, ABuilderCanBeUsedAgain) {
  MemoryShapes shapes;
  BatchBuilder builder(options());
  for (int round = 0; round < 3; ++round) {
    builder.begin(shapes);
    EXPECT_EQ(builder.rows(), 0u);
    for (int i = 0; i < 10; ++i) {
      std::string key = encoded_key(i), row = make_row({{"round", round}, {"i", i}}, shapes);
      builder.add_row(as_bytes(key), as_bytes(row), 0, {});
    }
    EXPECT_EQ(builder.rows(), 10u);
    Table table = builder.finish();
    BatchRows back = read_batch(bytes_of(table), shapes);
    ASSERT_EQ(back.size(), 10u);
    EXPECT_EQ(Value(back[3].value), Value(Object{{"round", round}, {"i", 3}}));
  }
}

TEST_P(Batches, ABuilderTakesOtherShapesInEveryBatch) {
  MemoryShapes shapes;
  BatchBuilder builder(options());
  for (int round = 0; round < 4; ++round) {
    // More fields than before, fewer, and several shapes in turn.
    std::vector<Object> objects;
    for (int i = 0; i < 100; ++i) {
      Object object;
      for (int field = 0; field < 1 + (round * 7 + i % 3) % 10; ++field)
        object.push_back({"f" + std::to_string(field), i * field});
      objects.push_back(object);
    }
    builder.begin(shapes);
    for (int i = 0; i < 100; ++i) {
      std::string key = encoded_key(i), row = make_row(objects[static_cast<size_t>(i)], shapes);
      builder.add_row(as_bytes(key), as_bytes(row), 0, {});
    }
    Table table = builder.finish();
    BatchRows back = read_batch(bytes_of(table), shapes);
    ASSERT_EQ(back.size(), 100u);
    for (size_t i = 0; i < 100; ++i) EXPECT_EQ(Value(back[i].value), Value(objects[i])) << i;
  }
}

TEST_P(Batches, ABuilderForgetsABatchThatWasNotFinished) {
  MemoryShapes shapes;
  BatchBuilder builder(BatchOptions{.versions = true, .metadata = true, .encoding = GetParam()});
  std::string key = encoded_key("k"), row = make_row({{"a", "gone"}}, shapes);
  builder.begin(shapes);
  builder.add_row(as_bytes(key), as_bytes(row), 1, as_bytes(portable("m")));
  builder.begin(shapes);
  Table table = builder.finish();
  EXPECT_TRUE(read_batch(bytes_of(table), shapes).empty());
}

TEST_P(Batches, ABuilderSaysWhenItIsFull) {
  MemoryShapes shapes;
  std::string key = encoded_key("k"), row = make_row({{"a", std::string(1000, 'x')}}, shapes);
  auto rows_until_full = [&](size_t most_bytes, size_t most_rows) {
    BatchBuilder builder(BatchOptions{.most_bytes = most_bytes, .most_rows = most_rows});
    builder.begin(shapes);
    while (!builder.full()) builder.add_row(as_bytes(key), as_bytes(row), 0, {});
    return builder.rows();
  };
  EXPECT_EQ(rows_until_full(1u << 30, 7), 7u);
  EXPECT_EQ(rows_until_full(1, 1000), 1u);
  size_t rows = rows_until_full(100000, 1u << 20);
  EXPECT_GE(rows, 90u);
  EXPECT_LE(rows, 100u);
}

TEST_P(Batches, AreReadWhereverTheyStandInMemory) {
  RandomValues random(88);
  BatchRows rows(40);
  for (BatchRow& row : rows) row = plain_row(random.key(), random.object(3));
  MemoryShapes shapes;
  Table table = build_batch(rows, shapes, options());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(table.data()) % 16, 0u);
  for (size_t offset = 0; offset < 16; ++offset) {
    std::vector<uint8_t> buffer(table.size() + offset);
    std::copy_n(table.data(), table.size(), buffer.begin() + static_cast<ptrdiff_t>(offset));
    EXPECT_EQ(read_batch(Bytes(buffer).subspan(offset), shapes), rows) << offset;
  }
}

TEST_P(Batches, ReadingBringsNewShapesInOnce) {
  BatchRows rows;
  for (int i = 0; i < 50; ++i) rows.push_back(plain_row(i, {{"a", i}, {"b", Object{{"c", i}}}}));
  MemoryShapes written, read;
  Table table = build_batch(rows, written, options());
  read_batch(bytes_of(table), read);
  EXPECT_EQ(read.count(), 2u);
}

}  // namespace
}  // namespace cairn::unit
