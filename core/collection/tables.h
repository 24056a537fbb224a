// What collections tell, as tables (requests.fbs). Any thread.
#pragma once

#include <vector>

#include "cairn/schemas/requests_generated.h"
#include "core/collection/cursor.h"

namespace cairn {

flatbuffers::Offset<flatbuffers::Vector<uint8_t>> put_bytes(flatbuffers::FlatBufferBuilder& builder,
                                                            Bytes bytes);
flatbuffers::Offset<fb::Position> put(flatbuffers::FlatBufferBuilder& builder,
                                      const Position& position);
flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::MetadataEntry>>> put(
    flatbuffers::FlatBufferBuilder& builder, const std::vector<MetadataEntry>& entries);
flatbuffers::Offset<fb::CursorHead> put(flatbuffers::FlatBufferBuilder& builder,
                                        const CursorHead& head);

}  // namespace cairn
