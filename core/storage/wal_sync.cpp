#include "core/storage/wal_sync.h"

#include "core/platform/file.h"

namespace cairn {

void WalSync::sync() {
  MutexLock lock(mutex_);
  uint64_t mine = ++asked_;
  while (covered_ < mine) {
    if (running_) {
      changed_.wait(lock, [&] { return !running_; });
      continue;
    }
    running_ = true;
    uint64_t covers = asked_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      sync_file();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    running_ = false;
    changed_.notify_all();
    if (failure != nullptr) std::rethrow_exception(failure);
    if (covered_ < covers) covered_ = covers;
  }
}

void WalSync::release() {
  MutexLock lock(mutex_);
  changed_.wait(lock, [&] { return !running_; });
  connection_.reset();
}

void WalSync::sync_file() {
  if (connection_ == nullptr) connection_ = connect_();
  sqlite3_file* journal = nullptr;
  sqlite3* database = connection_->handle();
  sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
  if (journal == nullptr || journal->pMethods == nullptr) {
    // SQLite opens the journal with the first read.
    connection_->integer("SELECT 1 FROM cairn_format");
    sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
  }
  if (journal == nullptr || journal->pMethods == nullptr)
    throw Error(Status::kIo, "cannot sync: the journal is not open", SQLITE_IOERR_FSYNC, true);
  int code = journal->pMethods->xSync(journal, SQLITE_SYNC_NORMAL);
  if (code != SQLITE_OK) throw_sqlite(code, sqlite3_errstr(code), "sync the journal");
  // The journal's name has to be on the disk as well, whoever created the file.
  if (folder_synced_) return;
  sync_folder_of(sqlite3_db_filename(database, "main"));
  folder_synced_ = true;
}

}  // namespace cairn
