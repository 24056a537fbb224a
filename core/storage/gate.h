// The turn to write, among the threads of one process: waiting is bounded, and a turn may be taken
// by one thread and given back by another. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "core/platform/mutex.h"
#include "core/value/status.h"

namespace cairn {

class Gate {
 public:
  using Clock = std::chrono::steady_clock;

  // Throws kBusy when the turn does not come in time, kCancelled when `interrupts` changes first.
  void enter(uint32_t timeout_ms, const std::atomic<uint64_t>& interrupts) {
    auto until = Clock::now() + std::chrono::milliseconds(timeout_ms);
    uint64_t start = interrupts.load(std::memory_order_relaxed);
    MutexLock lock(mutex_);
    while (taken_) {
      auto look = std::min(until, Clock::now() + std::chrono::milliseconds(kLookMs));
      if (changed_.wait_until(lock, look, [this] { return !taken_; })) break;
      if (interrupts.load(std::memory_order_relaxed) != start)
        throw Error(Status::kCancelled, "interrupted");
      if (Clock::now() < until) continue;
      throw Error(Status::kBusy,
                  "another transaction of this process is still open; commit or close it first, or "
                  "raise busy_timeout_ms",
                  0, true);
    }
    taken_ = true;
  }

  void leave() {
    MutexLock lock(mutex_);
    taken_ = false;
    changed_.notify_one();
  }

 private:
  static constexpr int kLookMs = 20;  // how soon an interrupt is noticed

  Mutex mutex_;
  Condition changed_;
  bool taken_ = false;
};

// Takes the turn for as long as it lives.
class Turn {
 public:
  Turn(Gate& gate, uint32_t timeout_ms, const std::atomic<uint64_t>& interrupts) : gate_(gate) {
    gate_.enter(timeout_ms, interrupts);
  }
  ~Turn() { gate_.leave(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Gate& gate_;
};

}  // namespace cairn
