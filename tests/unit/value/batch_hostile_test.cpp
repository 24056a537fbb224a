// Row batches from anywhere: damaged ones, and ones made to cost more than their bytes. An error or
// rows, never a crash, and what is let through is a valid row.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <set>

#include "support/batches.h"

namespace cairn::unit {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

// Reads a batch as Writer does; gives how many rows came through before an error.
size_t read_all(Bytes batch) {
  size_t rows = 0;
  MemoryShapes shapes;
  try {
    BatchReader reader(batch, shapes);
    RowEncoder encoder(shapes);
    for (; reader.next(); ++rows) {
      decoded_key(as_text(reader.key()));
      if (reader.metadata_op() == fb::MetadataOp::Set)
        from_portable(portable_of(as_text(reader.metadata()), shapes));
      if (reader.op() > fb::Op::Update) continue;
      encoder.insert(reader.patch());
      verify_row(encoder.row(), shapes);
    }
  } catch (const Error& error) {
    EXPECT_NE(error.status(), Status::kCorrupt) << error.what();
    EXPECT_NE(error.status(), Status::kInternal) << error.what();
  }
  return rows;
}

size_t read_copy(std::string_view batch) {
  std::vector<uint8_t> copy(batch.begin(), batch.end());
  return read_all(copy);
}

// A batch with columns of every kind, loose rows and metadata.
std::string rich_batch(uint64_t seed, fb::TextEncoding encoding) {
  RandomValues random(seed);
  MemoryShapes shapes(8);
  BatchRows rows;
  for (int i = 0; i < 12; ++i) {
    rows.push_back(plain_row(random.key(), random.object(3)));
    rows.push_back(plain_row(i, {{"text", i % 2 ? "odd" : "even"},
                                 {"number", random.number()},
                                 {"int", i},
                                 {"date", Date{i}},
                                 {"list", random.array(2)},
                                 {"object", Object{{"bytes", random.bytes()}, {"b", i > 3}}}}));
    rows.back().metadata_op = fb::MetadataOp::Set;
    rows.back().metadata = random.value(2);
  }
  rows.push_back(BatchRow{.key = 1, .op = fb::Op::Delete, .value = {}, .metadata = {}});
  Table table =
      build_batch(rows, shapes, {.versions = true, .metadata = true, .encoding = encoding});
  return std::string(as_text(bytes_of(table)));
}

TEST(HostileBatches, EveryTruncationIsAnErrorOrRows) {
  std::string batch = rich_batch(101, fb::TextEncoding::Utf16);
  ASSERT_EQ(read_copy(batch), 25u);
  for (size_t size = 0; size < batch.size(); ++size) read_copy(batch.substr(0, size));
  EXPECT_EQ(read_copy(""), 0u);
}

TEST(HostileBatches, RandomDamageIsAnErrorOrRows) {
  for (auto encoding : {fb::TextEncoding::Utf8, fb::TextEncoding::Utf16}) {
    Random random(102);
    size_t whole = 0, rows = 0;
    for (uint64_t seed = 0; seed < 40; ++seed) {
      std::string batch = rich_batch(seed, encoding);
      for (int i = 0; i < 150; ++i) {
        size_t read = read_copy(damaged(batch, random));
        whole += read == 25;
        rows += read;
      }
    }
    // Not all damage is found at once, or this test would look at the verifier alone.
    EXPECT_GT(whole, 100u);
    EXPECT_GT(rows, whole * 25);
  }
}

TEST(HostileBatches, EveryChangeOfOneByteOfASmallBatch) {
  MemoryShapes shapes;
  Table table = build_batch({plain_row("k", {{"a", "x"}, {"l", Array{1, 2}}}),
                             plain_row(2, {{"a", "\xc3\xa9"}, {"l", nullptr}})},
                            shapes);
  std::string batch(as_text(bytes_of(table)));
  for (size_t i = 0; i < batch.size(); ++i) {
    for (int change = 1; change < 256; change += 7) {
      std::string copy = batch;
      copy[i] = static_cast<char>(copy[i] + change);
      read_copy(copy);
    }
  }
}

TEST(HostileBatches, RandomBytesAreNoBatch) {
  Random random(103);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes(random.below(200), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.below(random.chance(50) ? 256 : 24));
    read_copy(bytes);
  }
}

TEST(HostileBatches, AboveTheLimitOfSizeIsTooLarge) {
  std::vector<uint8_t> bytes(kMaxBatchBytes + 1);
  MemoryShapes shapes;
  EXPECT_EQ(status_of([&] { BatchReader(bytes, shapes); }), Status::kTooLarge);
}

// A batch by hand: one row whose fields "0", "1", ... all have the same column.
class HandMade {
 public:
  HandMade() : heap_(builder_.CreateVector(std::vector<uint8_t>{'k'})) {}

  FlatBufferBuilder& builder() { return builder_; }
  void set_heap(const std::string& text) {
    heap_ = builder_.CreateVector(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }

  std::vector<uint8_t> finish(Offset<fb::Column> column, size_t fields) {
    Array names;
    for (size_t i = 0; i < fields; ++i) names.push_back(std::to_string(i));
    std::string encoded = portable(names);
    auto name_bytes =
        builder_.CreateVector(reinterpret_cast<const uint8_t*>(encoded.data()), encoded.size());
    auto columns = builder_.CreateVector(std::vector<Offset<fb::Column>>(fields, column));
    auto group = fb::CreateGroup(builder_, name_bytes, 1, columns);
    auto groups = builder_.CreateVector(std::vector<Offset<fb::Group>>{group});
    auto objects = fb::CreateObjects(builder_, 1, 0, groups);
    auto key =
        fb::CreateColumn(builder_, fb::ColumnKind::Int32, 0, 0,
                         builder_.CreateVector(std::vector<int32_t>{1}), 0, 0, 0, 0, 0, 0, 0, 0, 1);
    builder_.Finish(
        fb::CreateRowBatch(builder_, 1, key, 0, objects, 0, 0, 0, fb::TextEncoding::Utf8, heap_));
    return {builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize()};
  }

  // A column of one text: the whole heap.
  Offset<fb::Column> text_column(size_t size) {
    auto ends = builder_.CreateVector(std::vector<uint32_t>{static_cast<uint32_t>(size << 1)});
    return fb::CreateColumn(builder_, fb::ColumnKind::Text, 0, 0, 0, 0, ends, 0, 0, 0, 0, 0, 0, 1);
  }

  Offset<fb::Column> coded_column(Offset<fb::Column> texts) {
    auto codes = builder_.CreateVector(std::vector<uint8_t>{0});
    return fb::CreateColumn(builder_, fb::ColumnKind::TextDict, 0, 0, 0, 0, 0, codes, 0, texts, 0,
                            0, 0, 1);
  }

 private:
  FlatBufferBuilder builder_;
  Offset<flatbuffers::Vector<uint8_t>> heap_;
};

TEST(HostileBatches, AHandMadeBatchIsRead) {
  HandMade made;
  made.set_heap("text");
  std::vector<uint8_t> batch = made.finish(made.text_column(4), 2);
  MemoryShapes shapes;
  BatchRows rows = read_batch(batch, shapes);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(Value(rows[0].value), Value(Object{{"0", "text"}, {"1", "text"}}));
}

TEST(HostileBatches, DoublesHaveToBeAligned) {
  std::multiset<Status> statuses;
  for (size_t padding : {0u, 1u}) {
    HandMade made;
    // A vector of doubles aligns the whole batch; of the other there are a size and two halves, so
    // that FlatBuffers does not know that they are one double.
    made.builder().CreateVector(std::vector<double>{0});
    for (size_t i = 0; i < padding; ++i) made.builder().CreateVector(std::vector<uint8_t>{});
    made.builder().StartVector(2, sizeof(uint32_t));
    made.builder().PushElement(uint32_t{0});
    made.builder().PushElement(uint32_t{0});
    Offset<flatbuffers::Vector<double>> doubles(made.builder().EndVector(1));
    auto column = fb::CreateColumn(made.builder(), fb::ColumnKind::Float64, 0, 0, 0, doubles, 0, 0,
                                   0, 0, 0, 0, 0, 1);
    std::vector<uint8_t> batch = made.finish(column, 1);
    MemoryShapes shapes;
    statuses.insert(status_of([&] { read_batch(batch, shapes); }));
  }
  EXPECT_EQ(statuses, (std::multiset<Status>{Status::kOk, Status::kMalformed}));
}

TEST(HostileBatches, FieldsThatShareALongTextMakeARowTooLarge) {
  HandMade made;
  made.set_heap(std::string(1u << 20, 'x'));
  std::vector<uint8_t> batch = made.finish(made.text_column(1u << 20), 64);
  MemoryShapes shapes;
  BatchReader reader(batch, shapes);
  EXPECT_EQ(status_of([&] { reader.next(); }), Status::kTooLarge);
}

TEST(HostileBatches, FieldsThatShareADictionaryMakeARowTooLarge) {
  HandMade made;
  made.set_heap(std::string(1u << 20, 'x'));
  std::vector<uint8_t> batch = made.finish(made.coded_column(made.text_column(1u << 20)), 64);
  MemoryShapes shapes;
  EXPECT_EQ(status_of([&] { BatchReader(batch, shapes).next(); }), Status::kTooLarge);
}

size_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<size_t>(usage.ru_maxrss) * 1024;
}

TEST(HostileBatches, ColumnsThatShareADictionaryDoNotMultiplyMemory) {
#if defined(CAIRN_ADDRESS_SANITIZER)
  GTEST_SKIP() << "freed memory is kept aside there";
#endif
  HandMade made;
  made.set_heap(std::string(1u << 20, 'x'));
  std::vector<uint8_t> batch = made.finish(made.coded_column(made.text_column(1u << 20)), 1000);
  MemoryShapes shapes;
  size_t before = peak_memory();
  status_of([&] { BatchReader(batch, shapes).next(); });
  EXPECT_LT(peak_memory() - before, 256u << 20) << "for a batch of " << batch.size() << " bytes";
}

TEST(HostileBatches, ColumnsNestedTooDeepAreRefused) {
  for (size_t depth : {15u, 16u, 17u, 18u, 40u, 60u}) {
    HandMade made;
    auto& builder = made.builder();
    auto column =
        fb::CreateColumn(builder, fb::ColumnKind::Null, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    for (size_t i = 1; i < depth; ++i) {
      auto ends = builder.CreateVector(std::vector<uint32_t>{1});
      column = fb::CreateColumn(builder, fb::ColumnKind::List, 0, 0, 0, 0, ends, 0, 0, column, 0, 0,
                                0, 1);
    }
    std::vector<uint8_t> batch = made.finish(column, 1);
    MemoryShapes shapes;
    Status status = status_of([&] { BatchReader(batch, shapes).next(); });
    EXPECT_EQ(status, depth <= 17 ? Status::kOk : Status::kMalformed) << depth;
  }
}

TEST(HostileBatches, NullsWithoutBytesAreBounded) {
  // A list of 64 Mi nulls, which take no bytes: more than a row may hold.
  HandMade made;
  auto& builder = made.builder();
  auto nulls =
      fb::CreateColumn(builder, fb::ColumnKind::Null, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64u << 20);
  auto ends = builder.CreateVector(std::vector<uint32_t>{64u << 20});
  auto list =
      fb::CreateColumn(builder, fb::ColumnKind::List, 0, 0, 0, 0, ends, 0, 0, nulls, 0, 0, 0, 1);
  std::vector<uint8_t> batch = made.finish(list, 1);
  MemoryShapes shapes;
  EXPECT_EQ(status_of([&] { BatchReader(batch, shapes).next(); }), Status::kTooLarge);
}

}  // namespace
}  // namespace cairn::unit
