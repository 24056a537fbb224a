#include "core/platform/file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>

#if !defined(_WIN32)
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#endif

namespace cairn {
namespace {

namespace fs = std::filesystem;

#if !defined(_WIN32)
std::error_code last_error() { return {errno, std::generic_category()}; }

// Opens, syncs and closes; the first failure.
std::error_code sync_path(const std::string& path, int flags) {
  int handle = ::open(path.c_str(), flags | O_CLOEXEC);
  if (handle < 0) return last_error();
  std::error_code code;
  if (::fsync(handle) != 0) code = last_error();
  ::close(handle);
  return code;
}
#endif

}  // namespace

bool file_exists(const std::string& path) {
  std::error_code code;
  return fs::exists(path, code);
}

std::pair<uint64_t, uint64_t> file_identity(const std::string& path) {
#if !defined(_WIN32)
  struct stat info = {};
  if (::stat(path.c_str(), &info) == 0)
    return {static_cast<uint64_t>(info.st_dev), static_cast<uint64_t>(info.st_ino)};
#else
  (void)path;
#endif
  return {};
}

uint64_t file_size(const std::string& path) {
  std::error_code error;
  auto size = fs::file_size(path, error);
  return error ? 0 : static_cast<uint64_t>(size);
}

std::string file_start(const std::string& path, size_t size) {
  std::ifstream file(path, std::ios::binary);
  std::string start(size, '\0');
  file.read(start.data(), static_cast<std::streamsize>(size));
  start.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return start;
}

std::error_code copy_file(const std::string& from, const std::string& to) {
  std::error_code code;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, code);
  return code;
}

#if !defined(_WIN32)

std::error_code rename_file(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str()) == 0 ? std::error_code() : last_error();
}

bool link_file(const std::string& path, const std::string& name) {
  return ::link(path.c_str(), name.c_str()) == 0;
}

std::error_code remove_file(const std::string& path) {
  return ::unlink(path.c_str()) == 0 || errno == ENOENT ? std::error_code() : last_error();
}

std::error_code make_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  std::error_code code = last_error();
  std::error_code ignored;
  return code == std::errc::file_exists && fs::is_directory(path, ignored) ? std::error_code()
                                                                           : code;
}

#else

std::error_code rename_file(const std::string& from, const std::string& to) {
  std::error_code code;
  fs::rename(from, to, code);
  return code;
}

bool link_file(const std::string& path, const std::string& name) {
  std::error_code code;
  fs::create_hard_link(path, name, code);
  return !code;
}

std::error_code remove_file(const std::string& path) {
  std::error_code code;
  fs::remove(path, code);
  return code;
}

std::error_code make_private_folder(const std::string& path) {
  std::error_code code;
  fs::create_directory(path, code);
  return code;
}

#endif

std::error_code sync_file(const std::string& path) {
#if !defined(_WIN32)
  return sync_path(path, O_RDONLY);
#else
  (void)path;
  return {};
#endif
}

void sync_folder_of(const std::string& path) {
#if !defined(_WIN32)
  std::string folder = fs::path(path).parent_path().string();
  // Some file systems refuse this; then there is nothing more that could be done.
  (void)sync_path(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
#else
  (void)path;
#endif
}

std::vector<std::string> files_beside(const std::string& path, const std::string& suffix) {
  fs::path folder = fs::path(path).parent_path();
  std::string start = fs::path(path).filename().string() + suffix;
  std::vector<std::string> found;
#if !defined(_WIN32)
  // Not with std::filesystem, whose iterator ends the program where memory runs out.
  DIR* names = ::opendir(folder.empty() ? "." : folder.c_str());
  std::unique_ptr<DIR, int (*)(DIR*)> owner(names, &::closedir);
  while (const dirent* entry = names == nullptr ? nullptr : ::readdir(names))
    if (std::string_view(entry->d_name).starts_with(start))
      found.push_back((folder / entry->d_name).string());
#endif
  std::sort(found.begin(), found.end());
  return found;
}

FileClaim::FileClaim(const std::string& path) {
#if defined(F_OFD_SETLK)
  handle_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (handle_ < 0) return;  // who cannot write to it cannot be asked either
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = 0x40000000;
  lock.l_len = 512;
  granted_ = ::fcntl(handle_, F_OFD_SETLK, &lock) == 0;
#else
  (void)path;
#endif
}

FileClaim::~FileClaim() {
#if defined(F_OFD_SETLK)
  if (handle_ >= 0) ::close(handle_);
#endif
}

}  // namespace cairn
