#include "core/storage/file_store.h"

#include <algorithm>

#include "core/platform/file.h"
#include "core/storage/format.h"
#include "core/storage/page_copy.h"

namespace cairn {
namespace {

constexpr int64_t kApplicationId = 0x4361726e;  // "Carn"

// Pages of 4 KiB. So many that are not in the file yet are moved there; of so many in the journal
// the last are moved while commits wait, since it can only begin anew where all are in the file;
// and so many are shortened even if that ends a cursor.
constexpr int kCheckpointPages = 1000;
constexpr int kBusyJournalPages = 4096;
constexpr int kLongJournalPages = 16384;
constexpr int kVacuumPages = 256;
constexpr size_t kMaxIdleReaders = 4;

// Whether SQLite is not to end the journal with its last connection.
void keep_journal(NativeConnection& connection, bool keep) {
  sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, nullptr);
}

// A path to which SQLite gives no meaning of its own, such as a temporary database or a URI.
std::string plain_path(const std::string& path) {
  if (path.empty()) throw Error(Status::kInvalidArgument, "a database needs a path");
  return path.starts_with(":") || path.starts_with("file:") ? "./" + path : path;
}

// Where a line of SQLite's check says that a page could not be read, and not that it is damaged:
// the error; else 0.
int unread_page(std::string_view line) {
  constexpr std::string_view kMark = "unable to get the page. error code=";
  size_t at = line.find(kMark);
  if (at == std::string_view::npos) return 0;
  int code = std::atoi(line.data() + at + kMark.size());
  return (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_NOMEM ? code : 0;
}

std::vector<std::string> page_problems(sqlite3* database, int limit) {
  std::vector<std::string> problems;
  std::string sql = "PRAGMA integrity_check(" + std::to_string(limit) + ")";
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> owner(statement, &sqlite3_finalize);
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW) break;
    auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    if (text == nullptr || std::string_view(text) == "ok") continue;
    if (int unread = unread_page(text)) throw_sqlite(unread, text, "check the pages");
    problems.emplace_back(text);
  }
  if (code == SQLITE_DONE) return problems;
  std::string message = sqlite3_errmsg(database);
  if ((code & 0xff) != SQLITE_CORRUPT) throw_sqlite(code, message, "check the pages");
  problems.push_back(std::move(message));
  return problems;
}

}  // namespace

std::shared_ptr<Store> Store::open_file(const StoreOptions& options) {
  return std::make_shared<FileStore>(options);
}

FileStore::FileStore(const StoreOptions& options) : options_(options) {
  options_.path = plain_path(options.path);
  open_writer();
  if (options_.read_only) return;
  sync_ = std::make_unique<WalSync>([this] { return connect(); });
  if (journal_was_left_) sync_->suspect();
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

FileStore::~FileStore() {
  worker_.stop();
  if (writer_ == nullptr || sync_ == nullptr || !sync_->is_suspect()) return;
  if (!sound_ || mend_journal() != SQLITE_OK) keep_journal(*writer_, true);
}

void FileStore::set_sound() {
  sound_ = true;
  keep_journal(*writer_, false);
  if (options_.background && sync_ != nullptr && sync_->is_suspect()) worker_.wake();
}

// Opens the connection that writes, and makes the file a database where it is none yet.
void FileStore::open_writer() {
  auto mode =
      options_.read_only ? NativeConnection::Mode::kReadOnly : NativeConnection::Mode::kReadWrite;
  journal_was_left_ = file_size(options_.path + "-wal") != 0;
  auto writer = std::make_unique<NativeConnection>(options_.path, mode, options_.busy_timeout_ms,
                                                   &interrupts());
  {
    MutexLock lock(readers_mutex_);
    writer_ = std::move(writer);
  }
  // Unless the file turns out to be sound, its journal is left as it is.
  keep_journal(*writer_, !sound_ && journal_was_left_);
  try {
    prepare_file();
  } catch (const Error& error) {
    if (error.status() == Status::kCorrupt && is_cut_off(options_.path))
      throw Error(
          Status::kTruncated,
          options_.path + " ends before its last page; restore a backup, or salvage what is left",
          error.sqlite_code());
    if (!is_damage(error.status())) keep_journal(*writer_, false);
    throw;
  }
  if (open_file_ == nullptr) open_file_ = std::make_unique<OpenFile>(options_.path);
  if (options_.read_only) return;
  sqlite3_wal_hook(
      writer_->handle(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<FileStore*>(self)->note_journal(pages);
        return SQLITE_OK;
      },
      this);
}

// Says whose file it is, and creates what is missing. Another process may be doing the same.
void FileStore::prepare_file() {
  bool is_new = identify();
  is_new_ = is_new_ || is_new;
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
  keep_journal(*connection, true);  // that is for the writer, which closes last
  return connection;
}

Lease FileStore::writer() {
  if (options_.read_only)
    throw Error(Status::kReadOnly, "the database is open read-only; open it without read_only");
  gate_.enter(options_.busy_timeout_ms, interrupts());
  try {
    sync_->expect_whole();
    if (writer_ == nullptr) reopen_writer();
  } catch (...) {
    gate_.leave();
    throw;
  }
  return Lease(*this, *writer_, true);
}

// A commit has left so many pages in the journal: fewer than before where it began it anew.
void FileStore::note_journal(int pages) {
  int before = journal_pages_.exchange(pages, std::memory_order_relaxed);
  if (pages <= before) moved_pages_.store(0, std::memory_order_relaxed);
}

// How much of the journal is not in the file, as far as is known here.
int FileStore::unmoved_pages() const {
  return journal_pages_.load(std::memory_order_relaxed) -
         moved_pages_.load(std::memory_order_relaxed);
}

void FileStore::reopen_writer() {
  try {
    open_writer();
  } catch (...) {
    MutexLock lock(readers_mutex_);
    // One that is half prepared would write by other rules.
    if (writer_ != nullptr) keep_journal(*writer_, true);
    writer_.reset();
    throw;
  }
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
  idle_.reserve(readers_.size() + 1);  // so that giving it back cannot fail
  readers_.push_back(std::move(connection));
  return readers_.back().get();
}

void FileStore::return_reader(NativeConnection* connection) {
  std::unique_ptr<NativeConnection> surplus;
  MutexLock lock(readers_mutex_);
  // One whose transaction could not be ended would go on reading the past.
  if (idle_.size() < kMaxIdleReaders && !connection->is_open()) return idle_.push_back(connection);
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
  if (options_.background) {
    if (unmoved_pages() >= kCheckpointPages) worker_.wake();
  } else if (journal_pages_.load(std::memory_order_relaxed) >= kLongJournalPages) {
    // The host was to do it and did not.
    move_journal(*writer_, SQLITE_CHECKPOINT_PASSIVE);
  }
}

bool FileStore::sync() {
  if (sync_ != nullptr) sync_->sync();
  return true;
}

// Has a suspect journal written again and synced before it is closed. Where somebody else writes it
// stays as it is: it is theirs then, too.
int FileStore::mend_journal() noexcept try {
  if (sync_->is_suspect()) {
    sync_->set_busy_timeout(0);
    sync_->sync();
  }
  return SQLITE_OK;
} catch (const Error& error) {
  return error.sqlite_code() != SQLITE_OK ? error.sqlite_code() : SQLITE_IOERR_FSYNC;
} catch (...) {
  return SQLITE_NOMEM;
}

// Moves the journal into the file, unless it is suspect: a power loss would then leave newer pages
// in the file than a journal with gaps could go on from. Where the sync of the file fails, the next
// checkpoint writes its pages again, since SQLite has not noted them as moved.
int FileStore::move_journal(NativeConnection& connection, int mode) {
  if (sync_->is_suspect()) return SQLITE_BUSY;
  int pages = 0, moved = 0;
  int code = sqlite3_wal_checkpoint_v2(connection.handle(), "main", mode, &pages, &moved);
  if (moved >= 0) moved_pages_.store(moved, std::memory_order_relaxed);
  // It may have been the sync of the journal, with which it begins.
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) sync_->suspect();
  return code;
}

void FileStore::checkpoint() {
  if (sync_->is_suspect()) sync_->sync();
  NativeConnection& upkeep = upkeep_connection();
  int code = move_journal(upkeep, SQLITE_CHECKPOINT_PASSIVE);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
    throw_sqlite(code, sqlite3_errmsg(upkeep.handle()), "move the journal into the file");
  // Of one commit after another the last ones are always left, unless they wait.
  int left = unmoved_pages();
  if (left <= 0 || left >= kCheckpointPages ||
      journal_pages_.load(std::memory_order_relaxed) < kBusyJournalPages)
    return;
  Lease lease = writer();
  move_journal(*writer_, SQLITE_CHECKPOINT_PASSIVE);
}

// Ends a journal that would otherwise never end: writers wait for a moment, and if cursors hold it,
// the oldest ends. True when there may be more to do.
bool FileStore::shorten_journal() {
  if (journal_pages_.load(std::memory_order_relaxed) < kLongJournalPages) return false;
  int code = SQLITE_OK;
  {
    Lease lease = writer();
    // Most of it is moved while readers go on; ending it then takes a moment.
    move_journal(*writer_, SQLITE_CHECKPOINT_PASSIVE);
    writer_->set_busy_timeout(0);
    code = move_journal(*writer_, SQLITE_CHECKPOINT_TRUNCATE);
    writer_->set_busy_timeout(options_.busy_timeout_ms);
    if (code == SQLITE_OK) journal_pages_.store(0, std::memory_order_relaxed);
  }
  // A suspect journal has to be mended first, which no cursor is in the way of.
  return code != SQLITE_OK && !sync_->is_suspect() && expire_oldest();
}

// Gives free pages back to the system, some at a time; true when there are more.
bool FileStore::vacuum_step() {
  NativeConnection& upkeep = upkeep_connection();
  int64_t free_pages = upkeep.integer("PRAGMA freelist_count");
  if (free_pages < kVacuumPages || free_pages * 16 < upkeep.integer("PRAGMA page_count"))
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

NativeConnection& FileStore::upkeep_connection() {
  if (upkeep_ == nullptr) upkeep_ = connect();
  return *upkeep_;
}

void FileStore::copy_to(const std::string& path) {
  Lease lease = reader();
  auto& connection = static_cast<NativeConnection&>(*lease);
  connection.begin_read();
  try {
    copy_pages(connection, path, Interruptible(*this));
  } catch (...) {
    connection.end_read();
    throw;
  }
  connection.end_read();
}

void FileStore::compact() {
  {
    Lease lease = writer();
    writer_->execute("VACUUM");
  }
  maintain(options_.busy_timeout_ms);
}

// Closes the readers that are idle, and waits a while for the others; false where some go on.
bool FileStore::close_readers() {
  auto until =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.busy_timeout_ms);
  while (true) {
    {
      MutexLock lock(readers_mutex_);
      std::erase_if(readers_, [&](const auto& reader) {
        return std::find(idle_.begin(), idle_.end(), reader.get()) != idle_.end();
      });
      idle_.clear();
      if (readers_.empty()) return true;
    }
    if (std::chrono::steady_clock::now() >= until) return false;
    pause_ms(2);
  }
}

void FileStore::suspend() {
  MutexLock upkeep(upkeep_mutex_);
  Turn turn(gate_, options_.busy_timeout_ms, interrupts());
  while (expire_oldest()) {
  }
  if (!close_readers())
    throw Error(Status::kBusy,
                "a call is still reading; let it end, or interrupt it, and try again", 0, true);
  int code = close_writer();
  // A journal that another process reads stays; nothing is lost by that.
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
    throw_sqlite(code, sqlite3_errstr(code), "move the journal into the file");
}

// Moves the journal into the file and closes what is left open; what SQLite says to the former.
int FileStore::close_writer() {
  int code = SQLITE_OK;
  if (sync_ != nullptr && writer_ != nullptr) {
    code = mend_journal();
    if (code == SQLITE_OK) code = move_journal(*writer_, SQLITE_CHECKPOINT_TRUNCATE);
    if (sync_->is_suspect()) keep_journal(*writer_, true);
  }
  if (sync_ != nullptr) {
    sync_->release();
    // Others may go on with the journal, and nobody here sees whether a sync of theirs fails.
    sync_->suspect();
  }
  upkeep_.reset();
  MutexLock lock(readers_mutex_);
  writer_.reset();
  return code;
}

void FileStore::interrupt_connections() {
  MutexLock lock(readers_mutex_);
  if (writer_ != nullptr) writer_->interrupt();
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
  sqlite3* database = static_cast<NativeConnection&>(*lease).handle();
  std::vector<std::string> problems = page_problems(database, limit);
  // What SQLite cannot read for a moment it lists as damage as well: that is not there again.
  if (!problems.empty()) problems = page_problems(database, limit);
  for (const std::string& problem : problems) found(problem);
  return true;
}

std::unique_ptr<Snapshot> FileStore::snapshot() { return std::make_unique<FileSnapshot>(*this); }

FileSnapshot::FileSnapshot(FileStore& store) : store_(store), connection_(store.take_reader()) {
  try {
    connection_->begin_read();
    // The snapshot begins with the first read.
    Query(connection_->statement(Sql::kFormatRead)).with(0).step();
    MutexLock lock(store_.readers_mutex_);
    place_ = store_.snapshots_.insert(store_.snapshots_.end(), this);
  } catch (...) {
    connection_->end_read();
    store_.return_reader(connection_);
    throw;
  }
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
