// What the addon exports: plain functions, over which the package's TypeScript puts its classes.
// Node calls this once for each JavaScript thread that loads the addon.
#include <cairn/schemas/schemas.h>
#include <cairn/version.h>
#include <napi.h>

#include <cinttypes>
#include <cstdio>

#include "handle.h"

namespace cairn::node {
namespace {

std::string schema_hash() {
  char text[17] = {};
  std::snprintf(text, sizeof text, "%016" PRIx64, cairn_schema_hash());
  return text;
}

Napi::Value live_objects(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(cairn_live_objects()));
}

// Runs before Node finalizes what is left, so that handles are closed there and then.
void stop(StatePtr* state) { (*state)->stopping = true; }

void keep_state(Napi::Env env) {
  auto* state = new StatePtr(std::make_shared<State>());
  env.SetInstanceData<StatePtr>(state);
  env.AddCleanupHook(stop, state);
}

}  // namespace

Napi::Object start(Napi::Env env, Napi::Object exports) {
  cairn_error* error = nullptr;
  cairn_status status = cairn_check_version(CAIRN_ABI_VERSION, kSchemaHash, &error);
  if (status != CAIRN_OK) throw Napi::Error::New(env, Failure(status, error).message);
  keep_state(env);
  exports.Set("version", cairn_version());
  exports.Set("abiVersion", Napi::Number::New(env, cairn_abi_version()));
  exports.Set("schemaHash", schema_hash());
  export_function<live_objects>(exports, "liveObjects");
  export_databases(exports);
  export_collections(exports);
  export_cursors(exports);
  export_coordinators(exports);
  export_replicas(exports);
  export_executors(exports);
  return exports;
}

}  // namespace cairn::node

// Node looks for its entry points by their names, outside of any namespace.
static Napi::Object start_addon(Napi::Env env, Napi::Object exports) {
  return cairn::node::start(env, exports);
}
NODE_API_MODULE(cairn, start_addon)
