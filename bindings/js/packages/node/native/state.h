// What one instance of the addon keeps. Each JavaScript thread that loads the addon has an instance
// of its own, and nothing of JavaScript is shared between them. For that thread alone.
#pragma once

#include <napi.h>

#include <memory>

namespace cairn::node {

struct State {
  // The thread is ending: JavaScript cannot be called, and no new work begins.
  bool stopping = false;
};

using StatePtr = std::shared_ptr<State>;

// The instance that belongs to an environment.
inline const StatePtr& state_of(Napi::Env env) { return *env.GetInstanceData<StatePtr>(); }

}  // namespace cairn::node
