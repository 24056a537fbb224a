#include "core/value/batch_builder.h"

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
  if (key.size() > 1 && key.size() <= kShortAsciiLimit && key[0] == 0x02 &&
      is_ascii(key.data(), key.size())) {
    size_t offset = arena_.size();
    arena_.put(key.subspan(1));
    keys_.push_back(
        Slot::make(static_cast<uint8_t>(kShortAscii + key.size() - 1), offset, key.size() - 1));
  } else {
    key_value_.clear();
    TupleWriter writer(key_value_, 1);
    put_key(key, writer);
    keys_.push_back(store(key_value_.bytes()));
  }
  if (options_.versions) versions_.push_back(version);
}

void BatchBuilder::add_row(Bytes key, Bytes row, uint64_t version, Bytes metadata) {
  if (row.size() <= kRowHashSize || row[kRowHashSize] != kRowCodecVersion)
    throw Error(Status::kCorrupt, "the row " + describe_key(key) + " is not a row");
  add_key(key, version);
  Bytes body = row.subspan(kRowHashSize + 1);
  size_t offset = arena_.size();
  arena_.put(body);
  values_.push_back(Slot::make(kObject, offset, body.size()));
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

Table BatchBuilder::finish(ShapeReader& shapes) {
  arena_.reserve(ColumnBuilder::kArenaSlack);
  Table table = build(shapes, /*loose=*/false);
  // Columns of small numbers can be many times larger than the rows; loose objects are not.
  if (table.size() > kMaxBatchBytes) table = build(shapes, /*loose=*/true);
  if (table.size() > kMaxBatchBytes)
    throw Error(Status::kTooLarge, "a batch would exceed 64 MiB: ask for fewer rows a batch");
  clear();
  return table;
}

Table BatchBuilder::build(ShapeReader& shapes, bool loose) {
  TableBuilder builder(arena_.size() + arena_.size() / 4 + 4096);
  ColumnBuilder columns(builder, arena_, shapes, options_.encoding, loose);
  auto keys = columns.column(keys_, 1);
  auto values = columns.objects(values_, 1);
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

void BatchBuilder::clear() {
  for (Slots* slots : {&keys_, &values_, &metadata_}) slots->clear();
  ops_.clear();
  metadata_ops_.clear();
  versions_.clear();
  arena_.clear();
}

}  // namespace cairn
