// Backups and restores: a copy takes a file's place only after it has passed its check.

#include "core/collection/database.h"
#include "core/storage/database_files.h"

namespace cairn {
namespace {

// Opens a finished copy, checks it, and leaves it as one file without a journal.
BackupReport verify(const std::string& path) {
  DatabaseOptions options;
  options.store.path = path;
  options.store.background = false;
  BackupReport report;
  auto database = Database::open(options);
  report.rows = database->expect_sound();
  report.file_bytes = database->store().info().file_bytes;
  return report;
}

// Runs `fill` on a file beside `path`, verifies it and puts it in place; nothing is left of it if
// that fails.
template <typename Fill, typename Place>
BackupReport make_copy(const std::string& path, Fill fill, Place place) {
  std::string part = path + ".partial";
  remove_database(part);
  try {
    fill(part);
    BackupReport report = verify(part);
    place(report);
    put_in_place(part, path);
    return report;
  } catch (...) {
    try {
      remove_database(part);
    } catch (const Error&) {
      // The first error tells more.
    }
    throw;
  }
}

}  // namespace

BackupReport Database::backup(const std::string& path) {
  expect_replaceable(path);
  return make_copy(
      path, [&](const std::string& part) { store_->copy_to(part); },
      [&](BackupReport&) { expect_replaceable(path); });
}

BackupReport restore(const std::string& from, const std::string& to) {
  expect_ours(to);
  return make_copy(
      to, [&](const std::string& part) { copy_database(from, part); },
      [&](BackupReport& report) {
        FileIdentity old = identity_of(to);
        if (old != FileIdentity{}) report.replaced = set_aside(to, old, "replaced");
      });
}

}  // namespace cairn
