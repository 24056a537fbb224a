#include "core/platform/file.h"

#include <filesystem>

#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace cairn {

uint64_t file_size(const std::string& path) {
  std::error_code error;
  auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<uint64_t>(size);
}

void sync_folder_of(const std::string& path) {
#if !defined(_WIN32)
  std::string folder = std::filesystem::path(path).parent_path().string();
  int handle = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return;
  // Some file systems refuse this; then there is nothing more that could be done.
  (void)::fsync(handle);
  ::close(handle);
#else
  (void)path;
#endif
}

}  // namespace cairn
