// A background thread that does a job when it is woken, and the waiting that goes with locks. In a
// build without threads it does nothing: hosts do the job by hand then.
#pragma once

#include <chrono>
#include <functional>

#include "core/platform/mutex.h"

#if CAIRN_THREADS
#include <thread>
#endif

namespace cairn {

class Worker {
 public:
  using Clock = std::chrono::steady_clock;

  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { stop(); }

  // Runs `job` on a thread of its own each time it was woken, and every so many milliseconds where
  // that is not 0. It must not throw.
  void start(std::function<void()> job, int every_ms = 0);
  // Any thread, at any time.
  void wake();
  // Waits for a job that runs; none runs afterwards. Does nothing in a forked child, which does not
  // have the thread.
  void stop();

 private:
#if CAIRN_THREADS
  void run();

  std::function<void()> job_;
  int every_ms_ = 0;
  Mutex mutex_;
  Condition changed_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
  uint64_t generation_ = 0;
#endif
};

// Sleeps for a few milliseconds, between two tries at a lock that cannot be waited for.
void pause_ms(int milliseconds);

}  // namespace cairn
