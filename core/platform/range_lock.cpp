#include "core/platform/range_lock.h"

#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace cairn {

#if defined(F_OFD_SETLK)

namespace {

// `size` 0 means everything from `start` on.
bool change_lock(const Descriptor& file, short type, int64_t start, int64_t size) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(start);
  lock.l_len = static_cast<off_t>(size);
  return ::fcntl(file.get(), F_OFD_SETLK, &lock) == 0;
}

}  // namespace

RangeLock::RangeLock(const std::string& path, std::error_code& code)
    : file_([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); }, code) {}

// A program that is being started just now may have the file open for a moment longer, and the
// locks would last as long.
RangeLock::~RangeLock() {
  if (file_.is_open()) change_lock(file_, F_UNLCK, 0, 0);
}

// A forked child has no descriptor, so it neither gets a lock nor gives back one of its parent's.
bool RangeLock::try_lock(int64_t byte) { return change_lock(file_, F_WRLCK, byte, 1); }
void RangeLock::unlock(int64_t byte) { change_lock(file_, F_UNLCK, byte, 1); }

#else

RangeLock::RangeLock(const std::string&, std::error_code& code) {
  code = std::make_error_code(std::errc::function_not_supported);
}

RangeLock::~RangeLock() = default;
bool RangeLock::try_lock(int64_t) { return false; }
void RangeLock::unlock(int64_t) {}

#endif

}  // namespace cairn
