// The turn to write, among the threads of one process: waiting is bounded, and a turn may be taken by
// one thread and given back by another. Any thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/platform/mutex.h"
#include "core/value/status.h"

namespace cairn {

class Gate {
 public:
  // Throws kBusy when the turn does not come in time.
  void enter(uint32_t timeout_ms) {
    auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    MutexLock lock(mutex_);
    if (taken_ && !changed_.wait_until(lock, until, [this] { return !taken_; }))
      throw Error(Status::kBusy,
                  "another transaction of this process is still open; commit or close it first, or "
                  "raise busy_timeout_ms",
                  0, true);
    taken_ = true;
  }

  void leave() {
    MutexLock lock(mutex_);
    taken_ = false;
    changed_.notify_one();
  }

 private:
  Mutex mutex_;
  Condition changed_;
  bool taken_ = false;
};

}  // namespace cairn
