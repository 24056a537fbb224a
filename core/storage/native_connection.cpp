#include "core/storage/native_connection.h"

#include "core/platform/worker.h"
#include "core/storage/wal_vfs.h"

namespace cairn {
namespace {

struct Meaning {
  Status status;
  const char* advice;
  bool retryable;
};

Meaning meaning_of(int code) {
  if (code == SQLITE_IOERR_NOMEM) code = SQLITE_NOMEM;
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Status::kBusy, "another program is writing; try again, or raise busy_timeout_ms",
              true};
    case SQLITE_READONLY:
      return {Status::kReadOnly, "the file, its folder or the handle is read-only", false};
    case SQLITE_FULL:
      return {Status::kDiskFull, "the disk is full; free some space and try again", true};
    case SQLITE_CORRUPT:
      return {Status::kCorrupt, "the file is damaged; run a check, or restore a backup", false};
    case SQLITE_NOTADB:
      return {Status::kNotADatabase,
              "the file is not a SQLite database; choose another path, or restore a backup", false};
    case SQLITE_CANTOPEN:
      return {Status::kCannotOpen, "check that the folder exists and may be written", false};
    case SQLITE_ERROR:
    case SQLITE_FORMAT:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      // Every statement is the engine's own, so what is wrong with it is wrong with the file.
      return {Status::kCorrupt, "the file's tables are not as they should be; restore a backup",
              false};
    case SQLITE_PROTOCOL:
    case SQLITE_SCHEMA:
      return {Status::kBusy, "another program is changing the file", true};
    case SQLITE_INTERRUPT:
      return {Status::kCancelled, "interrupted", true};
    case SQLITE_NOMEM:
      return {Status::kOutOfMemory, "memory is exhausted", true};
    case SQLITE_TOOBIG:
      return {Status::kTooLarge, "a value is too large for SQLite", false};
    case SQLITE_IOERR:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Status::kIo, "the system refused to read or write the file", true};
    default:
      return {Status::kInternal, "an unexpected answer of SQLite", false};
  }
}

class NativeStatement : public Statement {
 public:
  NativeStatement(sqlite3* database, const std::string& sql) : database_(database) {
    int code = sqlite3_prepare_v3(database, sql.c_str(), static_cast<int>(sql.size() + 1),
                                  SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) throw_sqlite(code, sqlite3_errmsg(database), "prepare a statement");
  }
  ~NativeStatement() override { sqlite3_finalize(statement_); }

  void bind(int parameter, int64_t value) override {
    check(sqlite3_bind_int64(statement_, parameter, value));
  }
  void bind(int parameter, Bytes value) override {
    // A null pointer would bind NULL instead of no bytes.
    const void* data = value.data() == nullptr ? "" : static_cast<const void*>(value.data());
    check(sqlite3_bind_blob64(statement_, parameter, data, value.size(), SQLITE_STATIC));
  }
  void bind_null(int parameter) override { check(sqlite3_bind_null(statement_, parameter)); }

  bool step() override {
    int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    check(code);
    return false;
  }

  int64_t integer(int column) override { return sqlite3_column_int64(statement_, column); }

  Bytes bytes(int column) override {
    // The value is looked up once for both calls. Without a mutex on the connection it needs none.
    sqlite3_value* value = sqlite3_column_value(statement_, column);
    auto* data = static_cast<const uint8_t*>(sqlite3_value_blob(value));
    return {data, static_cast<size_t>(sqlite3_value_bytes(value))};
  }

  // Bound bytes are borrowed, but every use binds all its parameters anew before it steps.
  void reset() override { sqlite3_reset(statement_); }

 private:
  void check(int code) {
    if (code != SQLITE_OK) throw_sqlite(code, sqlite3_errmsg(database_), "run a statement");
  }

  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
};

int open_flags(NativeConnection::Mode mode) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (mode) {
    case NativeConnection::Mode::kReadOnly:
      return flags | SQLITE_OPEN_READONLY;
    case NativeConnection::Mode::kMemory:
      return flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY;
    default:
      return flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
}

}  // namespace

bool has_meaning(int code) { return meaning_of(code).status != Status::kInternal; }

void throw_sqlite(int code, const std::string& message, const std::string& doing) {
  Meaning meaning = meaning_of(code);
  throw Error(meaning.status, "cannot " + doing + ": " + message + " (" + meaning.advice + ")",
              code, meaning.retryable);
}

NativeConnection::NativeConnection(const std::string& path, Mode mode, uint32_t busy_timeout_ms,
                                   const std::atomic<uint64_t>* interrupts)
    : busy_timeout_ms_(busy_timeout_ms), interrupts_(interrupts) {
  std::string name = mode == Mode::kMemory ? ":memory:" : path;
  int code = sqlite3_open_v2(name.c_str(), &database_, open_flags(mode), wal_vfs());
  if (code != SQLITE_OK) {
    std::string message = database_ == nullptr ? "no memory" : sqlite3_errmsg(database_);
    sqlite3_close_v2(database_);
    throw_sqlite(code, message, "open " + name);
  }
  sqlite3_busy_handler(database_, &wait_for_lock, this);
  // The file may be hostile: its schema is not trusted, and damaged cells are noticed.
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // SQLite 3.53, for one, would prepare a statement anew whenever its LIMIT is bound.
  sqlite3_db_config(database_, SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);
}

NativeConnection::~NativeConnection() {
  forget_all();
  for (sqlite3_stmt* kept : {begin_, begin_read_, commit_, rollback_}) sqlite3_finalize(kept);
  sqlite3_close_v2(database_);
}

std::unique_ptr<Statement> NativeConnection::prepare(const std::string& sql) {
  return std::make_unique<NativeStatement>(database_, sql);
}

void NativeConnection::execute(const std::string& sql) {
  char* message = nullptr;
  int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &message);
  if (code == SQLITE_OK) return;
  std::string text = message == nullptr ? sqlite3_errmsg(database_) : message;
  sqlite3_free(message);
  throw_sqlite(code, text, "run a statement");
}

int64_t NativeConnection::integer(const std::string& sql) {
  NativeStatement statement(database_, sql);
  return statement.step() ? statement.integer(0) : 0;
}

// SQLite's own handler would not notice an interrupt.
int NativeConnection::wait_for_lock(void* context, int tries) {
  auto& self = *static_cast<NativeConnection*>(context);
  auto now = std::chrono::steady_clock::now();
  uint64_t interrupts =
      self.interrupts_ == nullptr ? 0 : self.interrupts_->load(std::memory_order_relaxed);
  if (tries == 0) {
    self.wait_until_ = now + std::chrono::milliseconds(self.busy_timeout_ms_);
    self.interrupts_at_start_ = interrupts;
  }
  self.interrupted_ = interrupts != self.interrupts_at_start_;
  if (self.interrupted_ || now >= self.wait_until_) return 0;
  pause_ms(tries < 10 ? 1 : 5);
  return 1;
}

int NativeConnection::keep(sqlite3_stmt*& kept, const char* sql) noexcept {
  if (kept != nullptr) return SQLITE_OK;
  return sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &kept, nullptr);
}

void NativeConnection::run(sqlite3_stmt*& kept, const char* sql) {
  int code = keep(kept, sql);
  if (code == SQLITE_OK) {
    code = sqlite3_step(kept);
    sqlite3_reset(kept);
  }
  if (code == SQLITE_DONE || code == SQLITE_OK) return;
  if (std::exchange(interrupted_, false)) throw Error(Status::kCancelled, "interrupted");
  throw_sqlite(code, sqlite3_errmsg(database_), std::string("run ") + sql);
}

// What ends a transaction is made before it begins, so that the end needs no memory; and one that
// could not be ended all the same ends here.
void NativeConnection::start(sqlite3_stmt*& kept, const char* sql) {
  int code = keep(rollback_, "ROLLBACK");
  if (code != SQLITE_OK) throw_sqlite(code, sqlite3_errmsg(database_), "prepare a transaction");
  rollback();
  run(kept, sql);
}

void NativeConnection::begin() { start(begin_, "BEGIN IMMEDIATE"); }
void NativeConnection::commit() { run(commit_, "COMMIT"); }

void NativeConnection::rollback() noexcept {
  // SQLite may have rolled back by itself, after an error of the disk for one.
  while (is_open()) {
    int code = keep(rollback_, "ROLLBACK");
    if (code == SQLITE_OK) {
      code = sqlite3_step(rollback_);
      sqlite3_reset(rollback_);
    }
    // An interrupt ends this statement, too, and must not leave the transaction open. What else
    // failed is told already: the transaction ends with the next one, or with the connection.
    if (code != SQLITE_DONE && code != SQLITE_INTERRUPT) return;
  }
}

void NativeConnection::begin_read() { start(begin_read_, "BEGIN"); }
void NativeConnection::end_read() { rollback(); }

void NativeConnection::transaction(const std::function<void()>& body) {
  begin();
  try {
    body();
    commit();
  } catch (...) {
    rollback();
    throw;
  }
}

}  // namespace cairn
