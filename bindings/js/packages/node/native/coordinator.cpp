// The calls on a coordinator. On the JavaScript thread; their work is done in the pool, but for the
// change of the wakeup, which takes no longer than a lock.
#include "handle.h"

namespace cairn::node {
namespace {

void take_actions(cairn_coordinator* coordinator, Result& result) {
  auto next = [&](cairn_buffer** out, cairn_error** error) {
    return cairn_coordinator_next(coordinator, out, error);
  };
  while (result.take(next, CAIRN_DONE) && result.status == CAIRN_OK) {
  }
  // An action that there was no memory for comes again; those before it must not be lost.
  if (!result.buffers.empty()) result.failure.reset();
}

// coordinatorTake(coordinator)
Napi::Value take(const Napi::CallbackInfo& info) {
  return Target<cairn_coordinator>(info).add(take_actions, give_buffers);
}

void set_wakeup(const Target<cairn_coordinator>& target, const cairn_wakeup* table) {
  Result result;
  result.run([&](cairn_error** error) {
    return cairn_coordinator_set_wakeup(target.object.get(), table, error);
  });
  if (result.failure) throw Napi::Error(target.env, result.failure->to_js(target.env));
}

// coordinatorOnWakeup(coordinator, function or null): at once, and throws what others reject with.
Napi::Value on_wakeup(const Napi::CallbackInfo& info) {
  Target<cairn_coordinator> target(info);
  if (target.handle.wakeup != nullptr) target.handle.wakeup->remove();
  target.handle.wakeup = nullptr;
  bool removes = !info[1].IsFunction();
  if (target.object == nullptr) {
    if (removes) return info.Env().Undefined();
    throw Napi::Error(info.Env(), closed(Kind::kCoordinator).to_js(info.Env()));
  }
  if (removes) {
    set_wakeup(target, nullptr);
    return info.Env().Undefined();
  }
  WakeupPtr wakeup = Wakeup::make(info.Env(), info[1].As<Napi::Function>());
  cairn_wakeup table = Wakeup::table(wakeup);
  set_wakeup(target, &table);
  target.handle.wakeup = std::move(wakeup);
  return info.Env().Undefined();
}

}  // namespace

void export_coordinators(Napi::Object exports) {
  using T = cairn_coordinator;
  export_function<order<T, cairn_coordinator_send>>(exports, "coordinatorSend");
  export_function<take>(exports, "coordinatorTake");
  export_function<on_wakeup>(exports, "coordinatorOnWakeup");
  export_function<close<T>>(exports, "coordinatorClose");
}

}  // namespace cairn::node
