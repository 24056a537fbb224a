// Every SQL statement of the engine. A statement is static text; `#` stands for a collection's
// catalog integer, which is the only thing that is ever put into it.
#pragma once

#include <cstdint>
#include <string>

namespace cairn {

enum class Sql : uint8_t {
  kFormatRead,
  kFormatWrite,
  kShapesSince,
  kShapeInsert,
  kCollectionFind,
  kCollectionInsert,
  kCollectionDelete,
  kCollectionList,
  kStateRead,
  kStateInsert,
  kStateUpdate,
  kLogSince,
  kLogOldest,
  kLogDelete,
  kLogClear,
  kLogAll,
  kFloorRead,
  kFloorWrite,
  kFloorClear,
  kMetadataRead,
  kMetadataAll,
  kMetadataWrite,
  kMetadataDelete,
  kMetadataClear,
  kRequestRead,
  kRequestWrite,
  kRequestPrune,
  kRequestClear,
  kRowByKey,
  kRowById,
  kRowExists,
  kRowsFrom,
  kRowValuesFrom,
  kRowsToCompare,
  kRowsByKey,
  kRowIdsFrom,
  kRowInsert,
  kRowUpdate,
  kRowUpdateMetadata,
  kRowDelete,
  kRowsClear,
  kCount
};

// The text of a statement for a collection; `collection` is ignored where it has no `#`.
std::string sql_text(Sql sql, int64_t collection);

// What creates an empty database, statement by statement, and a collection's tables.
extern const char* const kCreateDatabase[];
extern const char* const kCreateCollection[];
extern const char* const kDropCollection[];

// Puts a collection's catalog integer in the place of each `#`.
std::string with_collection(const char* text, int64_t collection);

}  // namespace cairn
