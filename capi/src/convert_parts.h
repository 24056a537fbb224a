// What several conversions are made of. Conversions only, no logic.
#pragma once

#include "convert.h"
#include "core/collection/tables.h"

namespace cairn::capi {

// --- from tables ---

// Absent is empty. Throws kInvalidArgument, which names `what`.
std::string text_of(const flatbuffers::String* text, const char* what);
std::string bytes_of(const flatbuffers::Vector<uint8_t>* bytes);
std::vector<MetadataEntry> entries_of(
    const flatbuffers::Vector<flatbuffers::Offset<fb::MetadataEntry>>* tables);

// Milliseconds with which one can calculate. Throws kInvalidArgument.
int64_t clock_of(int64_t now_ms);

template <typename To, typename From>
To enum_of(From value, const char* what) {
  if (value > From::MAX) malformed(std::string("unknown ") + what);
  return static_cast<To>(value);
}

template <typename T>
BatchOptions batch_of(const T& table) {
  if (table.batch_bytes() == 0 || table.batch_bytes() > kMaxBatchBytes || table.batch_rows() == 0)
    throw Error(Status::kInvalidArgument,
                "batch_bytes is 1 to 67108864, and batch_rows is 1 or more");
  return {table.versions(), table.metadata(),
          enum_of<fb::TextEncoding>(table.encoding(), "text encoding"), table.batch_bytes(),
          table.batch_rows()};
}

// --- to tables ---

// Writes fields that have their default, too, so that a result in JSON shows all of them.
TableBuilder with_defaults(size_t size = 1024);

}  // namespace cairn::capi
