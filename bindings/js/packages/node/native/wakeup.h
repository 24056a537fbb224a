// The wakeup of a coordinator: from any thread of the engine to a function of JavaScript. Wakeups
// that come before the function was called count as one. It never keeps the process alive, and the
// engine may outlive the JavaScript thread.
#pragma once

#include <cairn/coordinator.h>
#include <napi.h>

#include <atomic>
#include <memory>
#include <mutex>

namespace cairn::node {

class Wakeup;
using WakeupPtr = std::shared_ptr<Wakeup>;

class Wakeup {
 public:
  // On the JavaScript thread. Throws an exception of JavaScript if that fails.
  static WakeupPtr make(Napi::Env env, const Napi::Function& function);

  // The struct for the engine, which holds a part of the wakeup until it calls `destroy`.
  static cairn_wakeup table(const WakeupPtr& wakeup);

  // On the JavaScript thread: the function is not called any more.
  void remove() { removed_ = true; }

 private:
  static void wake(void* user_data);
  static void destroy(void* user_data);
  static void call(napi_env env, napi_value function, void* context, void* data);
  static void finalized(napi_env env, void* wakeup, void* context);

  std::mutex mutex_;                          // of the next one
  napi_threadsafe_function there_ = nullptr;  // null once it must not be used any more
  std::atomic<bool> pending_ = false;
  bool removed_ = false;  // the JavaScript thread's
};

}  // namespace cairn::node
