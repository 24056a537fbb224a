#include "core/coordination/signal.h"

#include <chrono>
#include <utility>

namespace cairn {

void Signal::set_wakeup(std::optional<Wakeup> wakeup) {
  std::unique_ptr<Callback> next;
  if (wakeup) next = std::make_unique<Callback>(*wakeup);
  {
    MutexLock lock(mutex_);
    std::swap(callback_, next);
    told_ = false;
    if (next != nullptr) changed_.wait(lock, [&] { return next->running == 0; });
  }
  next.reset();  // which calls `destroy`, under no lock
  if (wakeup) drained();
}

void Signal::raise() {
  Callback* callback = nullptr;
  {
    MutexLock lock(mutex_);
    changed_.notify_all();
    if (callback_ == nullptr || std::exchange(told_, true)) return;
    callback = callback_.get();
    ++callback->running;
  }
  callback->wakeup.wakeup(callback->wakeup.user_data);
  MutexLock lock(mutex_);
  --callback->running;
  changed_.notify_all();
}

void Signal::drained() {
  {
    MutexLock lock(mutex_);
    told_ = false;
    if (!anything()) return;
  }
  raise();
}

void Signal::begin_work() {
  MutexLock lock(mutex_);
  ++working_;
}

void Signal::end_work() {
  MutexLock lock(mutex_);
  --working_;
}

bool Signal::wait(uint32_t timeout_ms) {
  auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  MutexLock lock(mutex_);
  return changed_.wait_until(lock, until, [this] { return anything(); });
}

}  // namespace cairn
