// A connection by SQLite itself. One thread at a time, interrupt() aside.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <string>

#include "core/storage/connection.h"

namespace cairn {

// Whether a result code of SQLite's tells a caller more than that something failed.
bool has_meaning(int code);

// Throws the Error for a result code of SQLite's; `doing` says what failed.
[[noreturn]] void throw_sqlite(int code, const std::string& message, const std::string& doing);

class NativeConnection : public Connection {
 public:
  enum class Mode { kReadWrite, kReadOnly, kMemory };

  // Waits for locks until the time is over or `interrupts` (may be null) changes.
  NativeConnection(const std::string& path, Mode mode, uint32_t busy_timeout_ms,
                   const std::atomic<uint64_t>* interrupts = nullptr);
  ~NativeConnection() override;

  void execute(const std::string& sql) override;
  void transaction(const std::function<void()>& body) override;
  void begin_read() override;
  void end_read() override;
  int64_t chunk_rows() const override { return INT64_MAX; }
  std::optional<int64_t> changes() override { return sqlite3_changes64(database_); }

  // A write transaction over several calls.
  void begin();
  void commit();
  void rollback() noexcept;
  // Whether a transaction is open, of whatever kind.
  bool is_open() const { return sqlite3_get_autocommit(database_) == 0; }

  // The first column of a statement's first row, 0 where there is none.
  int64_t integer(const std::string& sql);

  void set_busy_timeout(uint32_t milliseconds) { busy_timeout_ms_ = milliseconds; }

  // Any thread.
  void interrupt() { sqlite3_interrupt(database_); }

  sqlite3* handle() const { return database_; }

 protected:
  std::unique_ptr<Statement> prepare(const std::string& sql) override;

 private:
  int keep(sqlite3_stmt*& kept, const char* sql) noexcept;
  void run(sqlite3_stmt*& kept, const char* sql);
  void start(sqlite3_stmt*& kept, const char* sql);
  static int wait_for_lock(void* self, int tries);

  uint32_t busy_timeout_ms_;
  const std::atomic<uint64_t>* interrupts_;
  std::chrono::steady_clock::time_point wait_until_;
  uint64_t interrupts_at_start_ = 0;
  bool interrupted_ = false;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* begin_read_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  sqlite3_stmt* rollback_ = nullptr;
};

}  // namespace cairn
