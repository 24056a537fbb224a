#include "core/storage/wal_sync.h"

#include "core/platform/file.h"
#include "core/storage/wal_rewrite.h"

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
  // Whoever opens the file again sees what is left of the journal, and no more.
  lost_ = false;
}

void WalSync::set_busy_timeout(uint32_t milliseconds) {
  MutexLock lock(mutex_);
  changed_.wait(lock, [&] { return !running_; });
  if (connection_ == nullptr) connection_ = connect_();
  connection_->set_busy_timeout(milliseconds);
}

void WalSync::expect_whole() const {
  if (!lost_) return;
  throw Error(Status::kIo,
              "the disk has failed, and the system has dropped a part of the journal (close the "
              "database everywhere and open it again: it then has all that was told to be on the "
              "disk)",
              SQLITE_IOERR_DATA);
}

void WalSync::write_again() {
  expect_whole();
  lost_ = !rewrite_journal(*connection_);
  expect_whole();
}

void WalSync::sync_file() {
  if (connection_ == nullptr) connection_ = connect_();
  uint64_t doubts = doubts_;
  if (settled_ != doubts) write_again();
  sqlite3_file* journal = journal_of(*connection_);
  int code = journal->pMethods->xSync(journal, SQLITE_SYNC_NORMAL);
  if (code != SQLITE_OK) {
    suspect();
    throw_sqlite(code, sqlite3_errstr(code), "sync the journal");
  }
  // The journal's name has to be on the disk as well, whoever created the file.
  if (!folder_synced_) sync_folder_of(sqlite3_db_filename(connection_->handle(), "main"));
  folder_synced_ = true;
  settled_ = doubts;
}

}  // namespace cairn
