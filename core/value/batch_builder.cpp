#include "core/value/batch_builder.h"

#include <bit>

#include "core/value/column_builder.h"
#include "core/value/key.h"
#include "core/value/row.h"
#include "core/value/text.h"

namespace cairn {

using flatbuffers::Offset;
using flatbuffers::Vector;

Slot BatchBuilder::store(Bytes value) {
  Item item = read_item(value);
  size_t offset = arena_.size();
  arena_.put(item.bytes());
  return Slot::make(item.tag, offset, item.size);
}

void BatchBuilder::add_key(Bytes key, uint64_t version) {
  if (options_.versions) versions_.push_back(version);
  if (is_number_key(key)) return add_number_key(number_of_key(key));
  size_t start = arena_.size();
  if (key.size() > 1 && key.size() <= kShortAsciiLimit && key[0] == kTextKey &&
      is_ascii(key.data(), key.size())) {
    arena_.put(key.subspan(1));
    size_t size = key.size() - 1;
    keys_.push_back(Slot::make(static_cast<uint8_t>(kShortAscii + size), start, size));
  } else {
    TupleWriter writer(arena_, 1);
    put_key(key, writer);
    keys_.push_back(Slot::of(read_item(arena_.from(start)), arena_.data()));
  }
}

// Not in its shortest form, which a column of numbers has no use for.
void BatchBuilder::add_number_key(double number) {
  bool is_int32 = fits_integer(number) && number >= INT32_MIN && number <= INT32_MAX;
  size_t start = arena_.size();
  if (is_int32) {
    arena_.put_le(static_cast<uint64_t>(static_cast<int64_t>(number)), 4);
  } else {
    arena_.put_le(std::bit_cast<uint64_t>(number), 8);
  }
  keys_.push_back(Slot::make(is_int32 ? kInt32 : kFloat64, start, is_int32 ? 4 : 8));
}

void BatchBuilder::add_row(Bytes key, Bytes row, uint64_t version, Bytes metadata) {
  if (row.size() <= kRowHashSize || row[kRowHashSize] != kRowCodecVersion)
    throw Error(Status::kCorrupt, "the row " + describe_key(key) + " is not a row");
  add_key(key, version);
  Bytes body = row.subspan(kRowHashSize + 1);
  size_t offset = arena_.size();
  arena_.put(body);
  values_.push_back(Slot::make(kObject, offset, body.size()));
  objects_.add(values_.back(), arena_.data(), *shapes_);
  ops_.push_back(static_cast<uint8_t>(fb::Op::Insert));
  if (!options_.metadata) return;
  metadata_ops_.push_back(
      static_cast<uint8_t>(metadata.empty() ? fb::MetadataOp::Remove : fb::MetadataOp::Set));
  if (!metadata.empty()) metadata_.push_back(store(metadata));
}

void BatchBuilder::add_deleted(Bytes key, uint64_t version) {
  add_key(key, version);
  ops_.push_back(static_cast<uint8_t>(fb::Op::Delete));
  if (options_.metadata) metadata_ops_.push_back(static_cast<uint8_t>(fb::MetadataOp::Keep));
}

Table BatchBuilder::finish() {
  arena_.reserve(ColumnBuilder::kArenaSlack);
  Table table = build(/*loose=*/keys_.size() < options_.grouped_from);
  // Columns of small numbers can be many times larger than the rows; loose objects are not.
  if (table.size() > kMaxBatchBytes) table = build(/*loose=*/true);
  if (table.size() > kMaxBatchBytes)
    throw Error(Status::kTooLarge, "a batch would exceed 64 MiB: ask for fewer rows a batch");
  return table;
}

Table BatchBuilder::build(bool loose) {
  TableBuilder builder(arena_.size() + arena_.size() / 4 + 4096);
  ColumnBuilder columns(builder, arena_, *shapes_, options_.encoding, loose);
  auto keys = columns.column(keys_, 1);
  auto values = loose ? columns.objects(values_, 1) : columns.objects(objects_, 1);
  bool mixed = values_.size() != ops_.size();
  Offset<fb::Column> metadata = metadata_.empty() ? 0 : columns.column(metadata_, 1);
  Offset<Vector<uint8_t>> metadata_ops =
      options_.metadata ? builder.CreateVector(metadata_ops_) : 0;
  Offset<Vector<uint8_t>> ops = mixed ? builder.CreateVector(ops_) : 0;
  Offset<Vector<uint64_t>> versions = options_.versions ? builder.CreateVector(versions_) : 0;
  auto narrow = columns.narrow_heap();
  auto wide = columns.wide_heap();
  auto batch =
      fb::CreateRowBatch(builder, static_cast<uint32_t>(keys_.size()), keys, ops, values, versions,
                         metadata_ops, metadata, options_.encoding, narrow, wide);
  return builder.finish(batch);
}

void BatchBuilder::begin(ShapeReader& shapes) {
  shapes_ = &shapes;
  objects_.clear();
  for (std::vector<Slot>* slots : {&keys_, &values_, &metadata_}) slots->clear();
  ops_.clear();
  metadata_ops_.clear();
  versions_.clear();
  arena_.clear();
}

}  // namespace cairn
