// Every SQL statement of the engine. A statement is static text; `#` stands for a collection's or
// an index's catalog integer, and `@` for that of the index's collection, which are the only things
// that are ever put into it.
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
  kRowsInsert,
  kRowUpdate,
  kRowUpdateMetadata,
  kRowDelete,
  kRowsClear,
  kIndexList,
  kIndexInsert,
  kIndexState,
  kIndexDelete,
  kEntryInsert,
  kEntryDelete,
  kEntriesClear,
  kEntriesCount,
  kEntriesFrom,
  kIndexedRowsFrom,
  kIndexedRowsBefore,
  kCount
};

// The text of a statement for a collection, or for an index (kEntry... and kIndexedRows...);
// numbers that it has no place for are ignored.
std::string sql_text(Sql sql, int64_t number, int64_t collection = 0);

// What creates an empty database of format 1, and what each later format adds to the one before,
// statement by statement.
extern const char* const kCreateDatabase[];
extern const char* const kAddIndexes[];

// A collection's tables, and an index's.
extern const char* const kCreateCollection[];
extern const char* const kDropCollection[];
extern const char* const kCreateIndex[];
extern const char* const kDropIndex[];

// Puts a catalog integer, a collection's or an index's, in the place of each `#`, and the index's
// collection in that of each `@`.
std::string with_collection(const char* text, int64_t number, int64_t collection = 0);

}  // namespace cairn
