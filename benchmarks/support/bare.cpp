// SQLite without the engine. The loops here are the floors that the engine is measured against, so
// they do the least that a correct program could do: no copies, no decoding, statements prepared
// once.
#include "benchmarks/support/bare.h"

#include <stdexcept>

namespace cairn::bench {
namespace {

uint8_t touch(const void* bytes, int size) {
  const auto* start = static_cast<const uint8_t*>(bytes);
  return size == 0 ? 0 : static_cast<uint8_t>(start[0] ^ start[size - 1]);
}

std::string column_bytes(sqlite3_stmt* statement, int column) {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
  return std::string(bytes, static_cast<size_t>(sqlite3_column_bytes(statement, column)));
}

void bind_blob(sqlite3_stmt* statement, int at, const std::string& bytes) {
  check_sqlite(sqlite3_bind_blob64(statement, at, bytes.data(), bytes.size(), SQLITE_STATIC),
               "bind");
}

}  // namespace

void check_sqlite(int code, const char* what) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  throw std::runtime_error(std::string(what) + ": " + sqlite3_errstr(code));
}

SqliteConnection::SqliteConnection(const std::string& path, Role role,
                                   std::string_view synchronous) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  check_sqlite(sqlite3_open_v2(path.c_str(), &db_, flags, nullptr), "open");
  execute("PRAGMA journal_mode=WAL");
  execute("PRAGMA synchronous=" + std::string(synchronous));
  execute("PRAGMA wal_autocheckpoint=0");
  if (role == Role::kWriter) execute("PRAGMA cache_size=-8192");
}

SqliteConnection::~SqliteConnection() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

void SqliteConnection::execute(std::string_view sql) {
  check_sqlite(sqlite3_exec(db_, std::string(sql).c_str(), nullptr, nullptr, nullptr), "exec");
}

sqlite3_stmt* SqliteConnection::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  check_sqlite(
      sqlite3_prepare_v3(db_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr),
      "prepare");
  statements_.push_back(statement);
  return statement;
}

int64_t SqliteConnection::integer(const std::string& sql) {
  sqlite3_stmt* statement = prepare(sql);
  check_sqlite(sqlite3_step(statement), "step");
  const int64_t result = sqlite3_column_int64(statement, 0);
  check_sqlite(sqlite3_reset(statement), "reset");
  return result;
}

void SqliteConnection::checkpoint() { execute("PRAGMA wal_checkpoint(PASSIVE)"); }

BareConnection::BareConnection(const std::string& path, Role role, std::string_view synchronous)
    : SqliteConnection(path, role, synchronous) {
  find_rows_table();
}

void BareConnection::write_something() {
  execute("UPDATE " + rows_table_ + " SET version = version + 1 WHERE id = 1");
}

void BareConnection::find_rows_table() {
  sqlite3_stmt* statement = prepare(
      "SELECT name FROM sqlite_master WHERE type='table' AND name GLOB 'cairn_rows_[0-9]*'");
  check_sqlite(sqlite3_step(statement), "step");
  if (sqlite3_column_count(statement) > 0 && sqlite3_column_type(statement, 0) == SQLITE_TEXT) {
    rows_table_ = column_bytes(statement, 0);
  }
  sqlite3_reset(statement);
  if (rows_table_.empty()) throw std::runtime_error("no rows table in the file");
}

uint64_t step_all(sqlite3_stmt* select) {
  uint64_t bytes = 0;
  volatile uint8_t touched = 0;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(select)) == SQLITE_ROW) {
    const void* key = sqlite3_column_blob(select, 0);
    const int key_size = sqlite3_column_bytes(select, 0);
    const void* value = sqlite3_column_blob(select, 1);
    const int value_size = sqlite3_column_bytes(select, 1);
    touched = touch(key, key_size) ^ touch(value, value_size);
    bytes += static_cast<uint64_t>(key_size) + static_cast<uint64_t>(value_size);
  }
  check_sqlite(code, "step");
  static_cast<void>(touched);
  check_sqlite(sqlite3_reset(select), "reset");
  return bytes;
}

std::vector<StoredRow> stored_rows(const std::string& path, std::span<const std::string> keys) {
  BareConnection connection(path, Role::kReader);
  sqlite3_stmt* select = connection.prepare("SELECT version, value FROM " +
                                            connection.rows_table() + " WHERE key = ?");
  std::vector<StoredRow> rows;
  rows.reserve(keys.size());
  for (const std::string& key : keys) {
    bind_blob(select, 1, key);
    if (sqlite3_step(select) != SQLITE_ROW) throw std::runtime_error("a row is missing");
    rows.push_back({key, sqlite3_column_int64(select, 0), column_bytes(select, 1)});
    check_sqlite(sqlite3_reset(select), "reset");
  }
  return rows;
}

std::string upsert_sql(const std::string& table) {
  return "INSERT INTO " + table +
         "(key, version, value, metadata) VALUES(?1, ?2, ?3, NULL) ON CONFLICT(key) DO UPDATE SET "
         "version = excluded.version, value = excluded.value, metadata = excluded.metadata";
}

void upsert(sqlite3_stmt* statement, const StoredRow& row) {
  bind_blob(statement, 1, row.key);
  check_sqlite(sqlite3_bind_int64(statement, 2, row.version), "bind");
  bind_blob(statement, 3, row.value);
  check_sqlite(sqlite3_step(statement), "step");
  check_sqlite(sqlite3_reset(statement), "reset");
}

std::string encoded_text_key(std::string_view ascii) { return '\x02' + std::string(ascii); }

}  // namespace cairn::bench
