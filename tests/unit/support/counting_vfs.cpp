#include "support/counting_vfs.h"

namespace cairn::unit {
namespace {

CountingVfs* current = nullptr;

// The methods that the system has for one sort of file, and the same with some replaced. They are
// never taken away again, since files may be open for longer than the counting.
struct Methods {
  const sqlite3_io_methods* system = nullptr;
  sqlite3_io_methods replaced;

  // False where they have been replaced before.
  bool take(sqlite3_file* file) {
    bool first = system == nullptr;
    if (first) {
      system = file->pMethods;
      replaced = *system;
    }
    file->pMethods = &replaced;
    return first;
  }
};
Methods database_methods, journal_methods;

}  // namespace

CountingVfs::CountingVfs()
    : system_(sqlite3_vfs_find(nullptr)), vfs_(*system_), thread_(std::this_thread::get_id()) {
  vfs_.zName = "cairn-counting";
  vfs_.xOpen = open;
  current = this;
  sqlite3_vfs_register(&vfs_, 1);
}

CountingVfs::~CountingVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(system_, 1);
  current = nullptr;
}

int CountingVfs::open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags,
                      int* out_flags) {
  sqlite3_vfs* system = current->system_;
  int code = system->xOpen(system, name, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0 && database_methods.take(file))
    database_methods.replaced.xWrite = write;
  if ((flags & SQLITE_OPEN_WAL) != 0 && journal_methods.take(file)) {
    journal_methods.replaced.xSync = sync_journal;
    journal_methods.replaced.xWrite = write_journal;
  }
  return code;
}

int CountingVfs::write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (current != nullptr)
    ++(std::this_thread::get_id() == current->thread_ ? current->writes_here
                                                      : current->writes_elsewhere);
  return database_methods.system->xWrite(file, data, size, offset);
}

int CountingVfs::write_journal(sqlite3_file* file, const void* data, int size,
                               sqlite3_int64 offset) {
  if (current != nullptr) {
    ++current->journal_writes;
    int code = current->on_journal_write ? current->on_journal_write() : SQLITE_OK;
    if (code != SQLITE_OK) return code;
  }
  return journal_methods.system->xWrite(file, data, size, offset);
}

int CountingVfs::sync_journal(sqlite3_file* file, int flags) {
  if (current != nullptr) {
    ++current->journal_syncs;
    int code = current->on_journal_sync ? current->on_journal_sync() : SQLITE_OK;
    if (code != SQLITE_OK) return code;
  }
  return journal_methods.system->xSync(file, flags);
}

}  // namespace cairn::unit
