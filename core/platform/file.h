// Files, as far as SQLite does not do it. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace cairn {

// The size in bytes, 0 where there is no such file.
uint64_t file_size(const std::string& path);

// Puts the names of the files beside `path` on the disk, where the system has that notion.
void sync_folder_of(const std::string& path);

}  // namespace cairn
