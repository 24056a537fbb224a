// A VFS over the system's own that counts what SQLite writes and syncs, and by which thread; syncs
// of the journal can be made to wait or to fail. It serves every connection that is opened while an
// object of this class exists; there may be one at a time. Any thread.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <functional>
#include <thread>

namespace cairn::unit {

class CountingVfs {
 public:
  CountingVfs();
  ~CountingVfs();
  CountingVfs(const CountingVfs&) = delete;
  CountingVfs& operator=(const CountingVfs&) = delete;

  // Writes into database files, by the thread that made this object and by others.
  std::atomic<int> writes_here{0};
  std::atomic<int> writes_elsewhere{0};
  std::atomic<int> journal_syncs{0};
  std::atomic<int> journal_writes{0};

  // Called before each sync of a journal, or write into it; a result other than SQLITE_OK is that
  // one's.
  std::function<int()> on_journal_sync;
  std::function<int()> on_journal_write;

 private:
  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
                  int* out_flags);
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset);
  static int write_journal(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset);
  static int sync_journal(sqlite3_file* file, int flags);

  sqlite3_vfs* system_;
  sqlite3_vfs vfs_;
  std::thread::id thread_;
};

}  // namespace cairn::unit
