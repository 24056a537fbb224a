#include "core/storage/page_copy.h"

namespace cairn {
namespace {

constexpr int kPagesAStep = 512;

// Ends with its scope, finished or not.
class Backup {
 public:
  Backup(sqlite3* from, sqlite3* to)
      : to_(to), backup_(sqlite3_backup_init(to, "main", from, "main")) {
    if (backup_ == nullptr)
      throw_sqlite(sqlite3_extended_errcode(to), sqlite3_errmsg(to), "begin a copy");
  }
  Backup(const Backup&) = delete;
  Backup& operator=(const Backup&) = delete;
  ~Backup() { sqlite3_backup_finish(backup_); }

  // False after the last page.
  bool step() {
    int code = sqlite3_backup_step(backup_, kPagesAStep);
    if (code == SQLITE_DONE) return false;
    if (code != SQLITE_OK) throw_sqlite(code, sqlite3_errstr(code), "copy pages");
    return true;
  }

  void finish() {
    int code = sqlite3_backup_finish(std::exchange(backup_, nullptr));
    if (code != SQLITE_OK) throw_sqlite(code, sqlite3_errmsg(to_), "finish a copy");
  }

 private:
  sqlite3* to_;
  sqlite3_backup* backup_;
};

}  // namespace

void copy_pages(NativeConnection& from, const std::string& to, const Interruptible& interruptible) {
  NativeConnection target(to, NativeConnection::Mode::kReadWrite, 0);
  Backup backup(from.handle(), target.handle());
  while (backup.step()) interruptible.check();
  backup.finish();
}

}  // namespace cairn
