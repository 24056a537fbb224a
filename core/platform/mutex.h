// Locks, or nothing at all in a build without threads (CAIRN_THREADS=0).
#pragma once

#include <chrono>

#if CAIRN_THREADS
#include <condition_variable>
#include <mutex>
#endif

namespace cairn {

#if CAIRN_THREADS

using Mutex = std::mutex;
using MutexLock = std::unique_lock<std::mutex>;
using Condition = std::condition_variable;

#else

struct Mutex {
  void lock() {}
  void unlock() {}
};

class MutexLock {
 public:
  explicit MutexLock(Mutex&) {}
  void lock() {}
  void unlock() {}
};

// With one thread nobody else can make the condition true: waiting ends at once.
struct Condition {
  template <typename Predicate>
  bool wait_until(MutexLock&, std::chrono::steady_clock::time_point, Predicate ready) {
    return ready();
  }
  template <typename Predicate>
  void wait(MutexLock&, Predicate) {}
  void notify_one() {}
  void notify_all() {}
};

#endif

}  // namespace cairn
