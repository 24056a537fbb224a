// The calls on a replica. On the JavaScript thread; their work is done in the pool.
#include "handle.h"

namespace cairn::node {
namespace {

struct Coordinator {
  NativePtr native;                           // for the replica to keep
  std::shared_ptr<cairn_coordinator> object;  // for the call
};

// The coordinator of an argument that may be null.
Coordinator coordinator_of(const Napi::CallbackInfo& info, size_t argument) {
  if (info[argument].IsNull()) return {};
  NativePtr native = handle_of(info, argument, Kind::kCoordinator).native;
  return {native, std::static_pointer_cast<cairn_coordinator>(native->object)};
}

// collectionOpenReplica(collection, coordinator or null, options)
Napi::Value open_replica(const Napi::CallbackInfo& info) {
  Coordinator coordinator = coordinator_of(info, 1);
  if (coordinator.native != nullptr && coordinator.object == nullptr)
    return rejected(info.Env(), closed(Kind::kCoordinator));
  auto call = [with = std::move(coordinator.object), options = Input(info[2])](
                  cairn_collection* collection, Result& result) mutable {
    open_into<cairn_replica>(result, [&](cairn_replica** out, cairn_error** error) {
      return cairn_replica_open(collection, with.get(), options.data(), options.size(), out, error);
    });
    // If the coordinator was closed meanwhile this closes it, which belongs off the thread.
    with.reset();
  };
  Target<cairn_collection> target(info);
  return target.add(std::move(call),
                    give_opened<cairn_replica>(target.handle.lane, std::move(coordinator.native)));
}

bool send_events(cairn_replica* replica, const std::vector<Input>& events, Result& result) {
  for (const Input& event : events) {
    bool sent = result.run([&](cairn_error** error) {
      return cairn_replica_send(replica, event.data(), event.size(), error);
    });
    if (!sent) return false;
  }
  return true;
}

void take_effects(cairn_replica* replica, double max_bytes, Result& result) {
  auto next = [&](cairn_buffer** out, cairn_error** error) {
    return cairn_replica_next(replica, out, error);
  };
  double bytes = 0;
  while (bytes <= max_bytes) {
    if (!result.take(next, CAIRN_DONE) || result.status == CAIRN_DONE) break;
    bytes += static_cast<double>(cairn_buffer_size(result.buffers.back().get()));
  }
  result.more = result.status != CAIRN_DONE;
  // An effect that there was no memory for comes again; those before it must not be lost.
  if (!result.buffers.empty()) result.failure.reset();
}

napi_value give_effects(napi_env env, Result& result) {
  napi_value exchanged = nullptr;
  napi_value more = nullptr;
  napi_value effects = give_buffers(env, result);
  if (effects == nullptr || napi_create_object(env, &exchanged) != napi_ok) return nullptr;
  napi_get_boolean(env, result.more, &more);
  napi_set_named_property(env, exchanged, "effects", effects);
  if (napi_set_named_property(env, exchanged, "more", more) != napi_ok) return nullptr;
  return exchanged;
}

// replicaExchange(replica, events, max_bytes)
Napi::Value exchange(const Napi::CallbackInfo& info) {
  auto call = [events = inputs_of(info[1]), max_bytes = info[2].ToNumber().DoubleValue()](
                  cairn_replica* replica, Result& result) {
    if (send_events(replica, events, result)) take_effects(replica, max_bytes, result);
  };
  return Target<cairn_replica>(info).add(std::move(call), give_effects);
}

}  // namespace

void export_replicas(Napi::Object exports) {
  export_function<open_replica>(exports, "collectionOpenReplica");
  export_function<exchange>(exports, "replicaExchange");
  export_function<close<cairn_replica>>(exports, "replicaClose");
}

}  // namespace cairn::node
