#include "core/storage/sql.h"

#include <cstddef>
#include <iterator>

namespace cairn {
namespace {

// In the order of `Sql`.
constexpr const char* kTexts[] = {
    "SELECT value FROM cairn_format WHERE id = ?1",
    "INSERT INTO cairn_format(id, value) VALUES(?1, ?2) "
    "ON CONFLICT(id) DO UPDATE SET value = excluded.value",
    "SELECT id, names FROM cairn_shapes WHERE id > ?1 ORDER BY id",
    "INSERT INTO cairn_shapes(id, names) VALUES(?1, ?2)",
    "SELECT id FROM cairn_collections WHERE name = ?1",
    "INSERT INTO cairn_collections(id, name) VALUES(?1, ?2)",
    "DELETE FROM cairn_collections WHERE id = ?1",
    "SELECT id, name FROM cairn_collections ORDER BY name",
    "SELECT version, state FROM cairn_log_# ORDER BY version DESC LIMIT 1",
    "INSERT INTO cairn_log_#(version, state, entry) VALUES(?1, ?2, ?3)",
    "UPDATE cairn_log_# SET state = ?2 WHERE version = ?1",
    "SELECT version, entry FROM cairn_log_# WHERE version > ?1 ORDER BY version",
    "SELECT version, state FROM cairn_log_# ORDER BY version LIMIT ?1",
    "DELETE FROM cairn_log_# WHERE version <= ?1",
    "DELETE FROM cairn_log_#",
    "SELECT version, state, entry FROM cairn_log_# ORDER BY version",
    "SELECT seq FROM cairn_floors WHERE collection = ?1 AND term = ?2",
    "INSERT INTO cairn_floors(collection, term, seq) VALUES(?1, ?2, ?3) "
    "ON CONFLICT(collection, term) DO UPDATE SET seq = max(seq, excluded.seq)",
    "DELETE FROM cairn_floors WHERE collection = ?1",
    "SELECT value FROM cairn_metadata WHERE collection = ?1 AND key = ?2",
    "SELECT key, value FROM cairn_metadata WHERE collection = ?1 ORDER BY key",
    "INSERT INTO cairn_metadata(collection, key, value) VALUES(?1, ?2, ?3) "
    "ON CONFLICT(collection, key) DO UPDATE SET value = excluded.value",
    "DELETE FROM cairn_metadata WHERE collection = ?1 AND key = ?2",
    "DELETE FROM cairn_metadata WHERE collection = ?1",
    "SELECT result FROM cairn_requests WHERE collection = ?1 AND request = ?2 AND time >= ?3",
    "INSERT INTO cairn_requests(collection, request, time, result) VALUES(?1, ?2, ?3, ?4) "
    "ON CONFLICT(collection, request) DO UPDATE SET time = excluded.time, result = excluded.result",
    "DELETE FROM cairn_requests WHERE time < ?1 AND id IN "
    "(SELECT id FROM cairn_requests ORDER BY id LIMIT 64)",
    "DELETE FROM cairn_requests WHERE collection = ?1",
    "SELECT id, version, value, metadata, key FROM cairn_rows_# WHERE key = ?1",
    "SELECT key, version, value, metadata FROM cairn_rows_# WHERE id = ?1",
    "SELECT id FROM cairn_rows_# WHERE key = ?1",
    "SELECT id, key, version, value, metadata FROM cairn_rows_# WHERE id > ?1 "
    "ORDER BY id LIMIT ?2 OFFSET ?3",
    "SELECT id, key, value FROM cairn_rows_# WHERE id > ?1 ORDER BY id",
    "SELECT id, key, value FROM cairn_rows_# WHERE id > ?1 ORDER BY id LIMIT ?2",
    "SELECT key, value, metadata FROM cairn_rows_# WHERE key > ?1 ORDER BY key LIMIT ?2",
    "SELECT id, key FROM cairn_rows_# WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3",
    "INSERT INTO cairn_rows_#(id, key, version, value, metadata) VALUES(?1, ?2, ?3, ?4, ?5)",
    // What could abort half-way would copy each page that it changes to a journal of the statement.
    "INSERT OR IGNORE INTO cairn_rows_#(id, key, version, value, metadata) VALUES"
    "(?2, ?3, ?1, ?4, ?5), (?6, ?7, ?1, ?8, ?9), "
    "(?10, ?11, ?1, ?12, ?13), (?14, ?15, ?1, ?16, ?17), "
    "(?18, ?19, ?1, ?20, ?21), (?22, ?23, ?1, ?24, ?25), "
    "(?26, ?27, ?1, ?28, ?29), (?30, ?31, ?1, ?32, ?33)",
    "UPDATE cairn_rows_# SET version = ?2, value = ?3, metadata = ?4 WHERE id = ?1",
    "UPDATE cairn_rows_# SET version = ?2, metadata = ?3 WHERE id = ?1",
    "DELETE FROM cairn_rows_# WHERE id = ?1",
    "DELETE FROM cairn_rows_#",
    "SELECT id, signature, definition, state FROM cairn_indexes WHERE collection = ?1 "
    "ORDER BY signature",
    "INSERT INTO cairn_indexes(id, collection, signature, definition, state) "
    "VALUES(?1, ?2, ?3, ?4, ?5)",
    "UPDATE cairn_indexes SET state = ?2 WHERE id = ?1",
    "DELETE FROM cairn_indexes WHERE id = ?1",
    "INSERT INTO cairn_index_#(entry, row) VALUES(?1, ?2) "
    "ON CONFLICT(entry) DO UPDATE SET row = excluded.row",
    "DELETE FROM cairn_index_# WHERE entry = ?1",
    "DELETE FROM cairn_index_#",
    "SELECT count(*) FROM (SELECT 1 FROM cairn_index_# WHERE entry >= ?1 AND entry < ?2 LIMIT ?3)",
    "SELECT entry, row FROM cairn_index_# WHERE entry >= ?1 AND entry < ?2 "
    "ORDER BY entry LIMIT ?3",
    "SELECT e.entry, e.row, r.key, r.version, r.value, r.metadata FROM cairn_index_# e "
    "LEFT JOIN cairn_rows_@ r ON r.id = e.row WHERE e.entry >= ?1 AND e.entry < ?2 "
    "ORDER BY e.entry LIMIT ?3",
    "SELECT e.entry, e.row, r.key, r.version, r.value, r.metadata FROM cairn_index_# e "
    "LEFT JOIN cairn_rows_@ r ON r.id = e.row WHERE e.entry >= ?1 AND e.entry < ?2 "
    "ORDER BY e.entry DESC LIMIT ?3",
};
static_assert(std::size(kTexts) == static_cast<size_t>(Sql::kCount));

}  // namespace

const char* const kCreateDatabase[] = {
    "CREATE TABLE IF NOT EXISTS cairn_format(id INTEGER PRIMARY KEY, value INTEGER NOT NULL)",
    "CREATE TABLE cairn_collections(id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE)",
    "CREATE TABLE cairn_shapes(id INTEGER PRIMARY KEY, names BLOB NOT NULL)",
    "CREATE TABLE cairn_metadata(collection INTEGER NOT NULL, key BLOB NOT NULL, "
    "value BLOB NOT NULL, PRIMARY KEY(collection, key)) WITHOUT ROWID",
    "CREATE TABLE cairn_floors(collection INTEGER NOT NULL, term INTEGER NOT NULL, "
    "seq INTEGER NOT NULL, PRIMARY KEY(collection, term)) WITHOUT ROWID",
    "CREATE TABLE cairn_requests(id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, "
    "request BLOB NOT NULL, time INTEGER NOT NULL, result BLOB NOT NULL, "
    "UNIQUE(collection, request))",
    nullptr};

const char* const kAddIndexes[] = {
    "CREATE TABLE cairn_indexes(id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, "
    "signature BLOB NOT NULL, definition BLOB NOT NULL, state BLOB NOT NULL, "
    "UNIQUE(collection, signature))",
    nullptr};

const char* const kCreateCollection[] = {
    "CREATE TABLE cairn_rows_#(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, "
    "version INTEGER NOT NULL, value BLOB NOT NULL, metadata BLOB)",
    "CREATE TABLE cairn_log_#(version INTEGER PRIMARY KEY, state BLOB NOT NULL, "
    "entry BLOB NOT NULL)",
    nullptr};

const char* const kDropCollection[] = {"DROP TABLE IF EXISTS cairn_rows_#",
                                       "DROP TABLE IF EXISTS cairn_log_#", nullptr};

const char* const kCreateIndex[] = {
    "CREATE TABLE cairn_index_#(entry BLOB PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID",
    nullptr};

const char* const kDropIndex[] = {"DROP TABLE IF EXISTS cairn_index_#", nullptr};

std::string with_collection(const char* text, int64_t number, int64_t collection) {
  std::string result;
  for (const char* at = text; *at != 0; ++at) {
    if (*at == '#' || *at == '@') {
      result += std::to_string(*at == '#' ? number : collection);
    } else {
      result += *at;
    }
  }
  return result;
}

std::string sql_text(Sql sql, int64_t number, int64_t collection) {
  return with_collection(kTexts[static_cast<size_t>(sql)], number, collection);
}

}  // namespace cairn
