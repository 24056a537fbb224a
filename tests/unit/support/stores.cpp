#include "support/stores.h"

#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "core/storage/native_connection.h"

namespace cairn::unit {

std::string kind_name(const ::testing::TestParamInfo<Kind>& test) {
  static constexpr const char* kNames[] = {"File", "Memory", "Host"};
  return kNames[static_cast<size_t>(test.param)];
}

TempFolder::TempFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "cairn-unit-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  path_ = pattern;
}

TempFolder::~TempFolder() { std::filesystem::remove_all(path_); }

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

SqlHost sql_host(cairn::testing::ExecutorHost& host) {
  cairn_sql_executor table = host.table();
  return {table.user_data, table.destroy, table.execute, table.transaction};
}

RawDatabase::RawDatabase(const std::string& path) {
  if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK)
    throw std::runtime_error("cannot open " + path);
}

RawDatabase::~RawDatabase() {
  if (owned_) sqlite3_close(database_);
}

namespace {

// Runs a statement, and gives its first row's first column to `take`.
void run_raw(sqlite3* database, const std::string& sql, std::string_view blob,
             const std::function<void(sqlite3_stmt*)>& take) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
  if (code == SQLITE_OK && sqlite3_bind_parameter_count(statement) == 1)
    code =
        sqlite3_bind_blob(statement, 1, blob.data(), static_cast<int>(blob.size()), SQLITE_STATIC);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  if (code == SQLITE_ROW) take(statement);
  sqlite3_finalize(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(database));
}

}  // namespace

void RawDatabase::run(const std::string& sql, std::string_view blob) {
  run_raw(database_, sql, blob, [](sqlite3_stmt*) {});
}

int64_t RawDatabase::integer(const std::string& sql) {
  int64_t value = 0;
  run_raw(database_, sql, {}, [&](sqlite3_stmt* row) { value = sqlite3_column_int64(row, 0); });
  return value;
}

std::string RawDatabase::blob(const std::string& sql) {
  std::string value;
  run_raw(database_, sql, {}, [&](sqlite3_stmt* row) {
    value.assign(static_cast<const char*>(sqlite3_column_blob(row, 0)),
                 static_cast<size_t>(sqlite3_column_bytes(row, 0)));
  });
  return value;
}

StoreOptions quick_options(const std::string& path) {
  StoreOptions options;
  options.path = path;
  options.background = false;
  options.busy_timeout_ms = 50;
  return options;
}

StoreTest::~StoreTest() {
  for (const auto& host : hosts_)
    for (const std::string& violation : host->violations()) ADD_FAILURE() << violation;
}

std::shared_ptr<Store> StoreTest::open_store() { return open_store(quick_options(path())); }

std::shared_ptr<Store> StoreTest::open_store(StoreOptions options) {
  if (options.path.empty()) options.path = path();
  if (is_file()) return Store::open_file(options);
  if (in_memory()) return Store::open_memory(options);
  hosts_.push_back(std::make_unique<cairn::testing::ExecutorHost>(options.path));
  return Store::open_host(sql_host(*hosts_.back()), options);
}

void StoreTest::behind(Store& store, const std::function<void(RawDatabase&)>& work) {
  if (in_memory()) {
    Lease lease = store.writer();
    RawDatabase raw(dynamic_cast<NativeConnection&>(*lease).handle());
    work(raw);
  } else {
    RawDatabase raw(path());
    work(raw);
  }
}

std::string StoreTest::state_of_storage(Store& store) {
  if (!in_memory()) return read_bytes(path()) + read_bytes(path() + "-wal");
  Lease lease = store.writer();
  return std::to_string(sqlite3_total_changes(dynamic_cast<NativeConnection&>(*lease).handle()));
}

}  // namespace cairn::unit
