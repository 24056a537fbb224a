// Files, as far as SQLite does not do it. Renaming, linking and removing take no memory, so that a
// sequence of them is not ended half-way by its lack. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace cairn {

bool file_exists(const std::string& path);

// What tells a file from another that takes its name later; {0, 0} where there is none.
std::pair<uint64_t, uint64_t> file_identity(const std::string& path);

// The size in bytes, 0 where there is no such file.
uint64_t file_size(const std::string& path);

// At most `size` bytes from the start of a file; nothing where it cannot be read.
std::string file_start(const std::string& path, size_t size);

// Copies a file over `to`.
std::error_code copy_file(const std::string& from, const std::string& to);

// Gives a file another name, and replaces what has that name.
std::error_code rename_file(const std::string& from, const std::string& to);

// Gives a file a second name; false where the file system has no such thing.
bool link_file(const std::string& path, const std::string& name);

// Does nothing where there is no such file.
std::error_code remove_file(const std::string& path);

// Makes a folder that only its owner may use; does nothing where there is a folder of that name.
std::error_code make_private_folder(const std::string& path);

// Puts a file's contents on the disk.
std::error_code sync_file(const std::string& path);

// Puts the names of the files beside `path` on the disk, where the system has that notion.
void sync_folder_of(const std::string& path);

// The names beside `path` that begin with its own name and `suffix`, as paths, sorted.
std::vector<std::string> files_beside(const std::string& path, const std::string& suffix);

// A claim to a database file that no other process has open through SQLite: a lock on the bytes
// that SQLite locks (https://sqlite.org/src/file/src/os.h, PENDING_BYTE). Systems without locks of
// open files give every claim.
class FileClaim {
 public:
  explicit FileClaim(const std::string& path);
  FileClaim(const FileClaim&) = delete;
  FileClaim& operator=(const FileClaim&) = delete;
  ~FileClaim();

  bool granted() const { return granted_; }

 private:
  int handle_ = -1;
  bool granted_ = true;
};

}  // namespace cairn
