// A database's files as wholes: setting a file and its journal aside without losing either (damaged
// ones, and those that a restore replaces), copies, and putting a finished copy in a file's place.
// Failures are errors that name the path. Any thread; other processes may be at the same file.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include "core/value/status.h"

namespace cairn {

// Which file stands at a path: another one that takes its name later is not the same.
using FileIdentity = std::pair<uint64_t, uint64_t>;
FileIdentity identity_of(const std::string& path);

// Notes that this process has a file open through SQLite: it must not be opened in any other way
// then, since closing any handle of a file ends all locks that the process has on it.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path);
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();

  static bool is_open(const std::string& path);

 private:
  FileIdentity file_;
};

// Throws kDiskFull, kReadOnly, kCannotOpen where there is no such file, else kIo.
void expect_done(const std::error_code& code, const char* doing, const std::string& path);

// Where a database is made before it takes its name: `path` + ".partial". What is there, of one
// that was stopped, is removed first, and what has not been given its name in the end.
class Draft {
 public:
  explicit Draft(const std::string& path);
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Throws kCannotOpen where there is a file or a journal of that name.
void expect_free(const std::string& path);

// Throws kBusy where this process has the file open.
void expect_closed(const std::string& path);

// Whether an error says that a file is damaged, and not that somebody is in the way.
bool is_damage(Status status);

// Whether a file ends before the last page that its header tells of, and no journal could have it.
bool is_cut_off(const std::string& path);

// Whether a file that SQLite does not take for a database was one of Cairn's: its first pages still
// have Cairn's names in them, or nothing but zeros, as a power loss leaves them.
bool was_ours(const std::string& path);

// Throws kForeignDatabase where there is a file at `path` that was never Cairn's.
void expect_ours(const std::string& path);

// The same, and throws kBusy where the file is in use or has a journal: it may not be written over.
void expect_replaceable(const std::string& path);

// Moves the file and its journal to `path` + "." + `why` + "-" and the time in UTC, and gives that
// name; does nothing and gives no name if another file than `file` has come to the path. Throws
// kBusy where somebody has the file open.
std::string set_aside(const std::string& path, const FileIdentity& file, const std::string& why);

// The newest file that was set aside for that reason; empty where there is none.
std::string newest_set_aside(const std::string& path, const std::string& why);

// Copies a file that nobody has open, and its journal, over `to`. Throws kBusy where somebody has.
void copy_database(const std::string& from, const std::string& to);

// Gives a whole file, which nobody has open, the name `path`; what is there is set aside as above,
// and that name given. On the disk when it returns; where it fails, all is as it was.
std::string replace_database(const std::string& file, const std::string& path,
                             const std::string& why);

// Gives a whole file, which nobody has open, the name `path`; on the disk when it returns. Throws
// kIo where it still has a journal.
void put_in_place(const std::string& file, const std::string& path);

// Removes a database's file and what stands beside it.
void remove_database(const std::string& path);

}  // namespace cairn
