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

// Runs `fill` on a file beside `path`, verifies it and has it put in place; nothing is left of it
// if that fails.
template <typename Fill, typename Place>
BackupReport make_copy(const std::string& path, Fill fill, Place place) {
  Draft draft(path);
  fill(draft.path());
  BackupReport report = verify(draft.path());
  report.replaced = place(draft.path());
  return report;
}

// Moves the journal of a database that nobody has open into its file, as far as it can be read, so
// that one name stands for all of it.
void settle(const std::string& path) {
  if (identity_of(path) == FileIdentity{} || OpenFile::is_open(path)) return;
  DatabaseOptions options;
  options.store.path = path;
  options.store.background = false;
  try {
    Database::open(options);
  } catch (const Error&) {
    // A damaged one is set aside with its journal.
  }
}

}  // namespace

BackupReport Database::backup(const std::string& path) {
  expect_replaceable(path);
  return make_copy(
      path, [&](const std::string& part) { store_->copy_to(part); },
      [&](const std::string& part) {
        expect_replaceable(path);
        put_in_place(part, path);
        return std::string();
      });
}

BackupReport restore(const std::string& from, const std::string& to) {
  expect_ours(to);
  return make_copy(
      to, [&](const std::string& part) { copy_database(from, part); },
      [&](const std::string& part) {
        settle(to);
        return replace_database(part, to, "replaced");
      });
}

}  // namespace cairn
