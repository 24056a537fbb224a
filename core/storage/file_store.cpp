#include "core/storage/file_store.h"

#include <algorithm>

#include "core/platform/file.h"
#include "core/storage/format.h"

namespace cairn {
namespace {

constexpr int64_t kApplicationId = 0x4361726e;  // "Carn"

// Pages of 4 KiB. From the first on the journal is moved into the file, from the second on it is
// shortened even if that holds up a commit or ends a cursor.
constexpr int kCheckpointPages = 1000;
constexpr int kLongJournalPages = 16384;
constexpr int kVacuumPages = 256;
constexpr size_t kMaxIdleReaders = 4;

// A path to which SQLite gives no meaning of its own, such as a temporary database or a URI.
std::string plain_path(const std::string& path) {
  if (path.empty()) throw Error(Status::kInvalidArgument, "a database needs a path");
  return path.starts_with(":") || path.starts_with("file:") ? "./" + path : path;
}

}  // namespace

std::shared_ptr<Store> Store::open_file(const StoreOptions& options) {
  return std::make_shared<FileStore>(options);
}

FileStore::FileStore(const StoreOptions& options) : options_(options) {
  options_.path = plain_path(options.path);
  auto mode =
      options_.read_only ? NativeConnection::Mode::kReadOnly : NativeConnection::Mode::kReadWrite;
  writer_ = std::make_unique<NativeConnection>(options_.path, mode, options_.busy_timeout_ms,
                                               &interrupts());
  prepare_file();
  if (options_.read_only) return;
  sqlite3_wal_hook(
      writer_->handle(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<FileStore*>(self)->journal_pages_.store(pages, std::memory_order_relaxed);
        return SQLITE_OK;
      },
      this);
  sync_ = std::make_unique<WalSync>(connect());
  upkeep_ = connect();
  if (options_.background)
    worker_.start([this] {
      try {
        for (int step = 0; step < 64 && upkeep_step(); ++step) {
        }
      } catch (const Error&) {
        // Nothing is lost by upkeep that was not done: the next commit asks for it again.
      }
    });
}

FileStore::~FileStore() { worker_.stop(); }

// Says whose file it is, and creates what is missing. Another process may be doing the same.
void FileStore::prepare_file() {
  bool is_new = identify();
  if (options_.read_only) {
    if (read_format(*writer_) == 0)
      throw Error(Status::kCannotOpen,
                  "the file has no Cairn database in it yet; open it writable "
                  "once to create it");
    return;
  }
  // Only where nothing is there: on a file that has it already, SQLite would write it again.
  if (is_new) writer_->execute("PRAGMA auto_vacuum = INCREMENTAL");
  read_format(*writer_);  // refuses a newer format before anything is changed
  use_wal();
  writer_->execute(
      "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8192");
  ensure_format(*writer_);
  if (writer_->integer("PRAGMA application_id") != kApplicationId)
    writer_->execute("PRAGMA application_id = " + std::to_string(kApplicationId));
}

// True where there is no table yet. Throws kForeignDatabase.
bool FileStore::identify() {
  // A busy file is being created by somebody else: SQLite waits.
  int64_t tables = writer_->integer("SELECT count(*) FROM sqlite_master");
  if (tables == 0) return true;
  if (writer_->integer("PRAGMA application_id") == kApplicationId) return false;
  if (writer_->integer("SELECT count(*) FROM sqlite_master WHERE name = 'cairn_format'") != 0)
    return false;
  throw Error(Status::kForeignDatabase,
              options_.path + " is a SQLite database of another application; choose another path");
}

void FileStore::use_wal() {
  auto until =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.busy_timeout_ms);
  while (true) {
    try {
      // The change of mode needs the file for itself, and SQLite does not always wait for that.
      writer_->execute("PRAGMA journal_mode = WAL");
      break;
    } catch (const Error& error) {
      if (error.status() != Status::kBusy || std::chrono::steady_clock::now() > until) throw;
      pause_ms(5);
    }
  }
}

std::unique_ptr<NativeConnection> FileStore::connect() {
  auto mode =
      options_.read_only ? NativeConnection::Mode::kReadOnly : NativeConnection::Mode::kReadWrite;
  auto connection = std::make_unique<NativeConnection>(options_.path, mode,
                                                       options_.busy_timeout_ms, &interrupts());
  connection->execute("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
  return connection;
}

Lease FileStore::writer() {
  if (options_.read_only)
    throw Error(Status::kReadOnly, "the database is open read-only; open it without read_only");
  gate_.enter(options_.busy_timeout_ms, interrupts());
  return Lease(*this, *writer_, true);
}

Lease FileStore::reader() { return Lease(*this, *take_reader(), false); }

NativeConnection* FileStore::take_reader() {
  {
    MutexLock lock(readers_mutex_);
    if (!idle_.empty()) {
      NativeConnection* connection = idle_.back();
      idle_.pop_back();
      return connection;
    }
  }
  auto connection = connect();
  connection->execute("PRAGMA query_only = 1");
  MutexLock lock(readers_mutex_);
  readers_.push_back(std::move(connection));
  return readers_.back().get();
}

void FileStore::return_reader(NativeConnection* connection) {
  std::unique_ptr<NativeConnection> surplus;
  MutexLock lock(readers_mutex_);
  if (idle_.size() < kMaxIdleReaders) return idle_.push_back(connection);
  auto place = std::find_if(readers_.begin(), readers_.end(),
                            [&](const auto& reader) { return reader.get() == connection; });
  surplus = std::move(*place);
  readers_.erase(place);
}

void FileStore::give_back(Connection& connection, bool writes) {
  if (writes) return gate_.leave();
  return_reader(static_cast<NativeConnection*>(&connection));
}

void FileStore::begin(Connection&) { writer_->begin(); }
void FileStore::rollback(Connection&) noexcept { writer_->rollback(); }

void FileStore::commit(Connection&) {
  writer_->commit();
  int pages = journal_pages_.load(std::memory_order_relaxed);
  if (pages < kCheckpointPages) return;
  if (options_.background) {
    worker_.wake();
  } else if (pages >= kLongJournalPages) {
    // The host was to do it and did not.
    sqlite3_wal_checkpoint_v2(writer_->handle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr,
                              nullptr);
  }
}

bool FileStore::sync() {
  if (sync_ != nullptr) sync_->sync();
  return true;
}

// Moves the journal into the file; true when there was something to move.
bool FileStore::checkpoint() {
  int pages = 0, moved = 0;
  int code = sqlite3_wal_checkpoint_v2(upkeep_->handle(), "main", SQLITE_CHECKPOINT_PASSIVE, &pages,
                                       &moved);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
    throw_sqlite(code, sqlite3_errmsg(upkeep_->handle()), "move the journal into the file");
  return pages > moved;
}

// Ends a journal that would otherwise never end: writers wait for a moment, and if cursors hold it,
// the oldest ends. True when there may be more to do.
bool FileStore::shorten_journal() {
  if (journal_pages_.load(std::memory_order_relaxed) < kLongJournalPages) return false;
  gate_.enter(options_.busy_timeout_ms, interrupts());
  // Most of it is moved while readers go on; ending it then takes a moment.
  sqlite3_wal_checkpoint_v2(writer_->handle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  writer_->set_busy_timeout(0);
  int code = sqlite3_wal_checkpoint_v2(writer_->handle(), "main", SQLITE_CHECKPOINT_TRUNCATE,
                                       nullptr, nullptr);
  writer_->set_busy_timeout(options_.busy_timeout_ms);
  if (code == SQLITE_OK) journal_pages_.store(0, std::memory_order_relaxed);
  gate_.leave();
  return code != SQLITE_OK && expire_oldest();
}

// Gives free pages back to the system, some at a time; true when there are more.
bool FileStore::vacuum_step() {
  int64_t free_pages = upkeep_->integer("PRAGMA freelist_count");
  if (free_pages < kVacuumPages || free_pages * 16 < upkeep_->integer("PRAGMA page_count"))
    return false;
  Lease lease = writer();
  writer_->execute("PRAGMA incremental_vacuum(" + std::to_string(kVacuumPages) + ")");
  return true;
}

bool FileStore::upkeep_step() {
  MutexLock lock(upkeep_mutex_);
  checkpoint();
  bool more = shorten_journal();
  return vacuum_step() || more;
}

bool FileStore::maintain(uint32_t budget_ms) {
  if (options_.read_only) return true;
  auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(budget_ms);
  while (upkeep_step())
    if (std::chrono::steady_clock::now() >= until) return false;
  return true;
}

bool FileStore::expire_oldest() {
  MutexLock lock(readers_mutex_);
  if (snapshots_.empty()) return false;
  FileSnapshot* oldest = snapshots_.front();
  snapshots_.pop_front();
  MutexLock use(oldest->mutex_);
  NativeConnection* connection = std::exchange(oldest->connection_, nullptr);
  oldest->place_ = snapshots_.end();
  connection->end_read();
  idle_.push_back(connection);
  return true;
}

void FileStore::interrupt_connections() {
  if (writer_ != nullptr) writer_->interrupt();
  MutexLock lock(readers_mutex_);
  for (const auto& reader : readers_) reader->interrupt();
}

StoreInfo FileStore::info() {
  StoreInfo info;
  info.file_bytes = file_size(options_.path);
  info.journal_bytes = file_size(options_.path + "-wal");
  NativeConnection* connection = take_reader();
  info.free_bytes = static_cast<uint64_t>(connection->integer("PRAGMA freelist_count") *
                                          connection->integer("PRAGMA page_size"));
  return_reader(connection);
  return info;
}

bool FileStore::check_pages(int limit, const std::function<void(const std::string&)>& found) {
  Lease lease = reader();
  auto& connection = static_cast<NativeConnection&>(*lease);
  std::string sql = "PRAGMA integrity_check(" + std::to_string(limit) + ")";
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(connection.handle(), sql.c_str(), -1, &statement, nullptr);
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW) break;
    auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    if (text != nullptr && std::string_view(text) != "ok") found(text);
  }
  std::string message = sqlite3_errmsg(connection.handle());
  sqlite3_finalize(statement);
  if (code == SQLITE_CORRUPT || (code & 0xff) == SQLITE_CORRUPT)
    found(message);
  else if (code != SQLITE_DONE)
    throw_sqlite(code, message, "check the pages");
  return true;
}

std::unique_ptr<Snapshot> FileStore::snapshot() { return std::make_unique<FileSnapshot>(*this); }

FileSnapshot::FileSnapshot(FileStore& store) : store_(store), connection_(store.take_reader()) {
  try {
    connection_->begin_read();
    connection_->integer("SELECT 1 FROM cairn_format");  // the snapshot begins with the first read
  } catch (...) {
    connection_->end_read();
    store_.return_reader(connection_);
    throw;
  }
  MutexLock lock(store_.readers_mutex_);
  place_ = store_.snapshots_.insert(store_.snapshots_.end(), this);
}

FileSnapshot::~FileSnapshot() {
  {
    MutexLock lock(store_.readers_mutex_);
    if (connection_ == nullptr) return;
    store_.snapshots_.erase(place_);
  }
  connection_->end_read();
  store_.return_reader(connection_);
}

void FileSnapshot::use(const std::function<void(Connection&)>& read) {
  MutexLock lock(mutex_);
  if (connection_ == nullptr)
    throw Error(Status::kSnapshotExpired,
                "the journal grew too long while this cursor was open, so it was ended; load again",
                0, true);
  read(*connection_);
}

}  // namespace cairn
