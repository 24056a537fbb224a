// Exclusive locks on single bytes of a file, which need not exist. They belong to this object: they
// end with it and with the process, however that ends, and another object of the same process is
// kept out like another process. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include "core/platform/descriptor.h"

namespace cairn {

class RangeLock {
 public:
  // Opens the file, and makes it where it is missing. Systems without locks of open files give
  // `function_not_supported`: their other locks do not keep out objects of the same process.
  RangeLock(const std::string& path, std::error_code& code);
  RangeLock(const RangeLock&) = delete;
  RangeLock& operator=(const RangeLock&) = delete;
  ~RangeLock();

  // Does not wait. True as well where this object has the lock already.
  bool try_lock(int64_t byte);
  void unlock(int64_t byte);

 private:
  Descriptor file_;
};

}  // namespace cairn
