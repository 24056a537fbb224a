// Tells a host that there may be something to do: by a callback that is called once until the host
// has looked, and by waking those that wait. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "core/platform/mutex.h"

namespace cairn {

class Signal {
 public:
  struct Wakeup {
    void* user_data = nullptr;
    void (*wakeup)(void*) = nullptr;
    void (*destroy)(void*) = nullptr;  // called exactly once; may be null
  };

  // `has_work` is asked under this object's lock: it must not come back here.
  explicit Signal(std::function<bool()> has_work) : has_work_(std::move(has_work)) {}
  ~Signal() { set_wakeup(std::nullopt); }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  // Once this has returned the former wakeup is not called any more.
  void set_wakeup(std::optional<Wakeup> wakeup);
  // There may be something to do. Call it under no lock.
  void raise();
  // The host has looked, and found nothing more in one place. What is left elsewhere is told again.
  void drained();
  // Counts who has something to do of which `has_work` does not know.
  void begin_work();
  void end_work();
  // Until there is something to do; false after the timeout.
  bool wait(uint32_t timeout_ms);

 private:
  struct Callback {
    explicit Callback(const Wakeup& from) : wakeup(from) {}
    ~Callback() {
      if (wakeup.destroy != nullptr) wakeup.destroy(wakeup.user_data);
    }

    const Wakeup wakeup;
    int running = 0;
  };

  bool anything() const { return working_ > 0 || has_work_(); }

  const std::function<bool()> has_work_;
  Mutex mutex_;
  Condition changed_;
  std::unique_ptr<Callback> callback_;
  bool told_ = false;  // the callback was called, and the host has not looked since
  int working_ = 0;
};

}  // namespace cairn
