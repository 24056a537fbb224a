#include "support/counting_vfs.h"

namespace cairn::unit {
namespace {

CountingVfs* current = nullptr;

// The system's methods with some replaced. All files of the system's VFS have the same ones. They are
// never taken away again, since files may be open for longer than the counting.
const sqlite3_io_methods* system_methods = nullptr;
sqlite3_io_methods database_methods;
sqlite3_io_methods journal_methods;

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
  if (system_methods == nullptr) {
    system_methods = file->pMethods;
    database_methods = journal_methods = *system_methods;
    database_methods.xWrite = write;
    journal_methods.xSync = sync_journal;
  }
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) file->pMethods = &database_methods;
  if ((flags & SQLITE_OPEN_WAL) != 0) file->pMethods = &journal_methods;
  return code;
}

int CountingVfs::write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (current != nullptr)
    ++(std::this_thread::get_id() == current->thread_ ? current->writes_here
                                                      : current->writes_elsewhere);
  return system_methods->xWrite(file, data, size, offset);
}

int CountingVfs::sync_journal(sqlite3_file* file, int flags) {
  if (current != nullptr) {
    ++current->journal_syncs;
    int code = current->on_journal_sync ? current->on_journal_sync() : SQLITE_OK;
    if (code != SQLITE_OK) return code;
  }
  return system_methods->xSync(file, flags);
}

}  // namespace cairn::unit
