// The other side of every comparison: SQLite's own API over the same table of the same file, with
// the same pragmas as the engine and nothing besides. A connection is for one thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::bench {

// What one row of a rows table holds, ready to be bound.
struct StoredRow {
  std::string key;
  int64_t version;
  std::string value;
};

// The engine gives its writing connection a larger page cache than its readers; so do we.
enum class Role { kReader, kWriter };

// A connection with the engine's pragmas.
class SqliteConnection {
 public:
  // `synchronous`: NORMAL or FULL.
  SqliteConnection(const std::string& path, Role role, std::string_view synchronous = "NORMAL");
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  void execute(std::string_view sql);
  sqlite3_stmt* prepare(const std::string& sql);  // finalized with the connection
  int64_t integer(const std::string& sql);
  // Moves the journal into the file, in the way of the engine's upkeep.
  void checkpoint();

 private:
  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

// One to a file of the engine's.
class BareConnection : public SqliteConnection {
 public:
  BareConnection(const std::string& path, Role role, std::string_view synchronous = "NORMAL");

  // A small transaction, so that what the first write after opening or after a checkpoint costs
  // (the header of the journal is synced) is not part of a measurement.
  void write_something();

  // The one rows table of the file, `cairn_rows_<n>`: such a file has one collection.
  const std::string& rows_table() const { return rows_table_; }

 private:
  void find_rows_table();

  std::string rows_table_;
};

// Steps through all keys and values; gives their bytes.
uint64_t step_all(sqlite3_stmt* select);

// The rows under these keys, in this order. Fails where one is missing.
std::vector<StoredRow> stored_rows(const std::string& path, std::span<const std::string> keys);

// INSERT ... ON CONFLICT(key) DO UPDATE, the statement that a bare program would keep.
std::string upsert_sql(const std::string& table);

// Binds and runs it for one row.
void upsert(sqlite3_stmt* statement, const StoredRow& row);

// How the engine stores a key that is an ASCII text (core/value/ENCODING.md).
std::string encoded_text_key(std::string_view ascii);

// Throws unless `code` is SQLITE_OK, SQLITE_ROW or SQLITE_DONE.
void check_sqlite(int code, const char* what);

}  // namespace cairn::bench
