#include "core/collection/tables.h"

namespace cairn {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::Vector;

Offset<Vector<uint8_t>> put_bytes(FlatBufferBuilder& builder, Bytes bytes) {
  return builder.CreateVector(bytes.data(), bytes.size());
}

Offset<fb::Position> put(FlatBufferBuilder& builder, const Position& position) {
  return fb::CreatePosition(builder, position.term, position.seq, position.row_version,
                            position.reset_epoch);
}

Offset<Vector<Offset<fb::MetadataEntry>>> put(FlatBufferBuilder& builder,
                                              const std::vector<MetadataEntry>& entries) {
  std::vector<Offset<fb::MetadataEntry>> tables;
  for (const MetadataEntry& entry : entries) {
    auto key = builder.CreateString(entry.key);
    Offset<Vector<uint8_t>> value = 0;
    if (entry.value) value = put_bytes(builder, as_bytes(*entry.value));
    tables.push_back(fb::CreateMetadataEntry(builder, key, value));
  }
  return builder.CreateVector(tables);
}

Offset<fb::CursorHead> put(FlatBufferBuilder& builder, const CursorHead& head) {
  auto position = put(builder, head.position);
  auto reason = builder.CreateString(head.reload_reason);
  auto ids = builder.CreateVectorOfStrings(head.transaction_ids);
  auto metadata = put(builder, head.metadata);
  return fb::CreateCursorHead(builder, position, head.reload, reason, head.changed, head.deleted,
                              ids, metadata);
}

}  // namespace cairn
