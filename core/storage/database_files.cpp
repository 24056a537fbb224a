#include "core/storage/database_files.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <set>

#include "core/platform/clock.h"
#include "core/platform/file.h"
#include "core/platform/mutex.h"

namespace cairn {
namespace {

Status status_of(const std::error_code& code) {
  if (code == std::errc::no_space_on_device) return Status::kDiskFull;
  if (code == std::errc::permission_denied || code == std::errc::read_only_file_system ||
      code == std::errc::operation_not_permitted)
    return Status::kReadOnly;
  return code == std::errc::no_such_file_or_directory ? Status::kCannotOpen : Status::kIo;
}

// "20261125T084512Z".
std::string stamp() {
  using namespace std::chrono;
  sys_seconds now = floor<seconds>(sys_time<milliseconds>(milliseconds(now_ms())));
  auto day = floor<days>(now);
  year_month_day date(day);
  hh_mm_ss time(now - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

// A name that nothing has yet: a second file within a second gets "-2".
std::string free_name(const std::string& wanted) {
  std::string name = wanted;
  for (int i = 2; file_exists(name) || file_exists(name + "-wal"); ++i)
    name = wanted + "-" + std::to_string(i);
  return name;
}

void expect_unused(bool unused, const std::string& path) {
  if (unused) return;
  throw Error(Status::kBusy, path + " is open; close it everywhere and try again", 0, true);
}

// Held by nobody, here or in another process.
class Claim {
 public:
  explicit Claim(const std::string& path) {
    expect_unused(!OpenFile::is_open(path), path);
    claim_.emplace(path);
    expect_unused(claim_->granted(), path);
  }

 private:
  std::optional<FileClaim> claim_;
};

struct OpenFiles {
  Mutex mutex;
  std::multiset<FileIdentity> files;
};

OpenFiles& open_files() {
  static OpenFiles files;
  return files;
}

}  // namespace

FileIdentity identity_of(const std::string& path) { return file_identity(path); }

OpenFile::OpenFile(const std::string& path) : file_(file_identity(path)) {
  MutexLock lock(open_files().mutex);
  open_files().files.insert(file_);
}

OpenFile::~OpenFile() {
  MutexLock lock(open_files().mutex);
  open_files().files.erase(open_files().files.find(file_));
}

bool OpenFile::is_open(const std::string& path) {
  MutexLock lock(open_files().mutex);
  return open_files().files.contains(file_identity(path));
}

void expect_done(const std::error_code& code, const char* doing, const std::string& path) {
  if (!code) return;
  throw Error(status_of(code), std::string("cannot ") + doing + " " + path + ": " + code.message());
}

Draft::Draft(const std::string& path) : path_(path + ".partial") { remove_database(path_); }

Draft::~Draft() {
  try {
    remove_database(path_);
  } catch (...) {
    // The next draft of that name removes it.
  }
}

void expect_free(const std::string& path) {
  for (const char* ending : {"", "-wal"})
    if (file_exists(path + ending))
      throw Error(Status::kCannotOpen,
                  "there is a file " + path + ending + " already: give the path of a new one");
}

void expect_closed(const std::string& path) { expect_unused(!OpenFile::is_open(path), path); }

bool is_damage(Status status) {
  return status == Status::kCorrupt || status == Status::kTruncated ||
         status == Status::kNotADatabase;
}

// https://sqlite.org/fileformat2.html#the_database_header
bool is_cut_off(const std::string& path) {
  if (OpenFile::is_open(path)) return false;
  std::string header = file_start(path, 100);
  if (header.size() < 100) return !header.empty();
  auto number = [&](size_t at, size_t size) {
    uint64_t value = 0;
    for (size_t i = at; i < at + size; ++i) value = value << 8 | static_cast<uint8_t>(header[i]);
    return value;
  };
  uint64_t page_size = number(16, 2) == 1 ? 65536 : number(16, 2);
  return file_size(path + "-wal") == 0 && number(28, 4) * page_size > file_size(path);
}

bool was_ours(const std::string& path) {
  if (OpenFile::is_open(path)) return true;
  std::string start = file_start(path, 64 << 10);
  bool zeros = std::all_of(start.begin(), start.end(), [](char byte) { return byte == 0; });
  // The application id in SQLite's header, or the name of the first table.
  return zeros || start.compare(std::min<size_t>(start.size(), 68), 4, "Carn") == 0 ||
         start.find("cairn_format") != std::string::npos;
}

void expect_ours(const std::string& path) {
  expect_closed(path);
  if (!file_exists(path) || was_ours(path)) return;
  throw Error(Status::kForeignDatabase,
              path + " is there and is no Cairn database; choose another path");
}

void expect_replaceable(const std::string& path) {
  expect_ours(path);
  if (!file_exists(path)) return;
  Claim claim(path);
  if (file_exists(path + "-wal"))
    throw Error(Status::kBusy, path +
                                   " has a journal: it is no backup but a database in use; "
                                   "choose another path");
}

namespace {

// A database's files on the way to other names, all of which are made beforehand.
struct Move {
  Move(const std::string& from, const std::string& to)
      : file(from),
        journal(from + "-wal"),
        index(from + "-shm"),
        to_file(to),
        to_journal(to + "-wal"),
        has_journal(file_size(journal) != 0) {}

  std::string file, journal, index, to_file, to_journal;
  bool has_journal;
};

// Gives both files their second names, or renames them where there is no such thing. Linked, both
// are there before either is gone, so that a crash in between parts no file from its journal.
bool link_both(const Move& names) {
  if (link_file(names.file, names.to_file) &&
      (!names.has_journal || link_file(names.journal, names.to_journal)))
    return true;
  (void)remove_file(names.to_file);
  return false;
}

void move_both(const Move& names) {
  if (names.has_journal)
    expect_done(rename_file(names.journal, names.to_journal), "set aside", names.journal);
  std::error_code code = rename_file(names.file, names.to_file);
  if (code && names.has_journal) (void)rename_file(names.to_journal, names.journal);
  expect_done(code, "set aside", names.file);
}

// Undoes either of them. Renaming a file to another name of its own does nothing, so that what is
// left of that name is removed.
void move_back(const Move& names) {
  (void)rename_file(names.to_file, names.file);
  (void)remove_file(names.to_file);
  if (!names.has_journal) return;
  (void)rename_file(names.to_journal, names.journal);
  (void)remove_file(names.to_journal);
}

std::error_code remove_rest(const Move& names) {
  std::error_code code = remove_file(names.journal);
  return code ? code : remove_file(names.index);
}

}  // namespace

// The file goes before its journal: SQLite ignores a journal without a file, and a file without its
// journal would be an older state that looks sound.
std::string set_aside(const std::string& path, const FileIdentity& file, const std::string& why) {
  Claim claim(path);
  if (file_identity(path) != file) return {};
  Move names(path, free_name(path + "." + why + "-" + stamp()));
  if (link_both(names)) {
    sync_folder_of(path);
    expect_done(remove_file(path), "set aside", path);
  } else {
    move_both(names);
  }
  expect_done(remove_rest(names), "set aside what is beside", path);
  sync_folder_of(path);
  return names.to_file;
}

std::string replace_database(const std::string& file, const std::string& path,
                             const std::string& why) {
  if (!file_exists(path)) {
    put_in_place(file, path);
    return {};
  }
  Claim claim(path);
  expect_done(sync_file(file), "sync", file);
  Move names(path, free_name(path + "." + why + "-" + stamp()));
  if (!link_both(names)) move_both(names);
  std::error_code code = remove_rest(names);
  if (!code) code = rename_file(file, path);
  if (code) move_back(names);
  expect_done(code, "put a file in the place of", path);
  sync_folder_of(path);
  return names.to_file;
}

std::string newest_set_aside(const std::string& path, const std::string& why) {
  std::string newest;
  for (const std::string& found : files_beside(path, "." + why + "-"))
    if (!found.ends_with("-wal") && !found.ends_with("-shm")) newest = found;
  return newest;
}

void copy_database(const std::string& from, const std::string& to) {
  Claim claim(from);
  remove_database(to);
  expect_done(copy_file(from, to), "copy", from);
  if (file_exists(from + "-wal"))
    expect_done(copy_file(from + "-wal", to + "-wal"), "copy", from + "-wal");
}

void put_in_place(const std::string& file, const std::string& path) {
  if (file_size(file + "-wal") != 0)
    throw Error(Status::kIo, "the journal of " + file + " could not be moved into it; try again");
  expect_done(sync_file(file), "sync", file);
  expect_done(rename_file(file, path), "rename", file);
  sync_folder_of(path);
}

void remove_database(const std::string& path) {
  for (const char* suffix : {"-wal", "-shm", ""})
    expect_done(remove_file(path + suffix), "remove", path + suffix);
}

}  // namespace cairn
