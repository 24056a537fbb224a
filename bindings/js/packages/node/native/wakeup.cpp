// Wakeups by a threadsafe function of Node-API; see wakeup.h.
#include "wakeup.h"

namespace cairn::node {

WakeupPtr Wakeup::make(Napi::Env env, const Napi::Function& function) {
  auto wakeup = std::make_shared<Wakeup>();
  // Node-API's own part of the wakeup: `finalized` lets it go.
  auto* context = new WakeupPtr(wakeup);
  napi_status made = napi_create_threadsafe_function(
      env, function, nullptr, Napi::String::New(env, "cairn wakeup"), 0, 1, context, finalized,
      context, call, &wakeup->there_);
  if (made != napi_ok) {
    delete context;
    throw Napi::Error::New(env);
  }
  napi_unref_threadsafe_function(env, wakeup->there_);
  return wakeup;
}

cairn_wakeup Wakeup::table(const WakeupPtr& wakeup) {
  cairn_wakeup table = {};
  table.struct_size = sizeof table;
  table.user_data = new WakeupPtr(wakeup);
  table.wakeup = wake;
  table.destroy = destroy;
  return table;
}

// On any thread.
void Wakeup::wake(void* user_data) {
  Wakeup& self = **static_cast<WakeupPtr*>(user_data);
  if (self.pending_.exchange(true)) return;
  std::lock_guard lock(self.mutex_);
  if (self.there_ != nullptr)
    napi_call_threadsafe_function(self.there_, nullptr, napi_tsfn_nonblocking);
}

// On any thread.
void Wakeup::destroy(void* user_data) {
  std::unique_ptr<WakeupPtr> part(static_cast<WakeupPtr*>(user_data));
  Wakeup& self = **part;
  std::lock_guard lock(self.mutex_);
  if (self.there_ != nullptr) napi_release_threadsafe_function(self.there_, napi_tsfn_release);
  self.there_ = nullptr;
}

// On the JavaScript thread; `env` is null where it is ending.
void Wakeup::call(napi_env env, napi_value function, void* context, void*) {
  Wakeup& self = **static_cast<WakeupPtr*>(context);
  self.pending_ = false;
  if (env == nullptr || self.removed_) return;
  napi_value undefined = nullptr;
  napi_get_undefined(env, &undefined);
  // Node reports what the function throws as an uncaught exception.
  napi_call_function(env, undefined, function, 0, nullptr, nullptr);
}

// On the JavaScript thread, after the last call: also where it ends before the engine's part does.
void Wakeup::finalized(napi_env, void* data, void*) {
  std::unique_ptr<WakeupPtr> part(static_cast<WakeupPtr*>(data));
  std::lock_guard lock((*part)->mutex_);
  (*part)->there_ = nullptr;
}

}  // namespace cairn::node
