// The columns of a database that catalog_fuzz changes, with SQL: what the engine has written there
// gives way to bytes of the input. Plain data, for the target and its seeds.
#pragma once

#include <cstdint>
#include <string>

namespace cairn::fuzz {

struct Column {
  const char* table;
  const char* column;
  const char* key;  // what tells its rows apart
};

// An input names them by number, so new ones are added at the end.
inline constexpr Column kColumns[] = {
    {"cairn_shapes", "names", "id"},      {"cairn_log_1", "state", "version"},
    {"cairn_log_1", "entry", "version"},  {"cairn_requests", "result", "id"},
    {"cairn_metadata", "value", "key"},   {"cairn_metadata", "key", "key"},
    {"cairn_collections", "name", "id"},  {"cairn_format", "value", "id"},
    {"cairn_rows_1", "value", "id"},      {"cairn_rows_1", "key", "id"},
    {"cairn_rows_1", "metadata", "id"},   {"cairn_rows_1", "version", "id"},
    {"cairn_rows_1", "id", "id"},         {"cairn_shapes", "id", "id"},
    {"cairn_collections", "id", "id"},    {"cairn_log_1", "version", "version"},
    {"cairn_floors", "seq", "term"},      {"cairn_requests", "time", "id"},
    {"cairn_indexes", "id", "id"},        {"cairn_indexes", "collection", "id"},
    {"cairn_indexes", "signature", "id"}, {"cairn_indexes", "definition", "id"},
    {"cairn_indexes", "state", "id"},
};

// How the bytes are put there.
enum class As : uint8_t { kBlob, kText, kInteger, kNull, kCount };

// Which row is changed, counted from the first.
inline std::string row_of(const Column& column, const char* what, const char* row) {
  return std::string("SELECT ") + what + " FROM " + column.table + " ORDER BY " + column.key +
         " LIMIT 1 OFFSET " + row;
}

}  // namespace cairn::fuzz
