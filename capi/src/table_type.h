// What the generated code says of the tables of schemas/: which of them are buffers of their own,
// and their fields by name. For what reads and writes tables without generated code. Any thread.
#pragma once

#include <flatbuffers/minireflect.h>

#include <string>
#include <string_view>

#include "core/value/bytes.h"

namespace cairn::capi {

// A table that is a buffer of its own.
struct Root {
  const char* name;
  bool (*verifies)(Bytes);
  const flatbuffers::TypeTable* (*type)();
};

// Throws kInvalidArgument where there is no such table.
const Root& root_of(const std::string& table);

// One field of a table, as the generated code describes it.
struct FieldType {
  FieldType(const flatbuffers::TypeTable& table, size_t i)
      : name(table.names[i]),
        base(static_cast<flatbuffers::ElementaryType>(table.type_codes[i].base_type)),
        repeating(table.type_codes[i].is_repeating != 0),
        type(table.type_codes[i].sequence_ref < 0
                 ? nullptr
                 : table.type_refs[table.type_codes[i].sequence_ref]()),
        offset(flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(i))) {}

  bool is_table() const { return base == flatbuffers::ET_SEQUENCE; }
  bool is_bytes() const { return base == flatbuffers::ET_UCHAR && repeating && !type; }
  bool is_signed() const { return base == flatbuffers::ET_INT || base == flatbuffers::ET_LONG; }
  // Byte vectors hold portable values, unless they have one of these names. Rows are an array of
  // what batch_to_json writes, a subset is its table, and the others are the value that bytes are.
  bool is_rows() const { return is_bytes() && (is("batch") || is("bytes")); }
  bool is_raw() const { return is_rows() || (is_bytes() && (is("payload") || is("message"))); }
  bool is_subset() const { return is_bytes() && is("subset"); }
  bool is_portable() const { return is_bytes() && !is_raw() && !is_subset(); }
  bool is(std::string_view other) const { return other == name; }

  const char* name;
  flatbuffers::ElementaryType base;
  bool repeating;
  const flatbuffers::TypeTable* type;
  flatbuffers::voffset_t offset;
};

}  // namespace cairn::capi
