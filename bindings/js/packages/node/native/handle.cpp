// Objects of JavaScript that hold handles; see handle.h.
#include "handle.h"

namespace cairn::node {
namespace {

// Marks our objects, so that a foreign one is refused instead of read.
constexpr napi_type_tag kTag = {0x6361697263616972, 0x6e6f64652d616464};

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::kDatabase:
      return "database";
    case Kind::kCollection:
      return "collection";
    case Kind::kCursor:
      return "cursor";
    case Kind::kCoordinator:
      return "coordinator";
    case Kind::kReplica:
      return "replica";
  }
  return "handle";
}

// Lets go of what a handle has, after the calls that were made before.
auto closing(Handle& handle) {
  if (handle.wakeup != nullptr) handle.wakeup->remove();
  return [object = std::move(handle.native->object),
          keeps = std::move(handle.native->keeps)](Result&) mutable {
    object.reset();
    keeps.reset();
  };
}

// The garbage collector has found that nobody can call the handle any more. A coordinator that a
// replica keeps stays open until that one is closed.
void finalize(napi_env, void* data, void*) {
  std::unique_ptr<Handle> handle(static_cast<Handle*>(data));
  if (handle->native->object == nullptr) return;
  handle->lane->add_later(
      [native = std::move(handle->native)](Result&) mutable { native.reset(); });
}

}  // namespace

Handle& handle_of(const Napi::CallbackInfo& info, size_t argument, Kind kind) {
  Napi::Value value = info[argument];
  void* data = nullptr;
  bool ours = value.IsObject() && value.As<Napi::Object>().CheckTypeTag(&kTag) &&
              napi_unwrap(info.Env(), value, &data) == napi_ok;
  auto* handle = static_cast<Handle*>(data);
  if (ours && handle->kind == kind) return *handle;
  throw Napi::TypeError::New(info.Env(), std::string("this is no ") + name_of(kind));
}

Failure closed(Kind kind) {
  return {CAIRN_WRONG_STATE, std::string("the ") + name_of(kind) + " is closed"};
}

napi_value give_handle(napi_env env, Kind kind, NativePtr native, LanePtr lane) {
  auto handle = std::make_unique<Handle>(Handle{kind, std::move(native), std::move(lane), nullptr});
  napi_value object = nullptr;
  if (napi_create_object(env, &object) != napi_ok) return nullptr;
  if (napi_type_tag_object(env, object, &kTag) != napi_ok) return nullptr;
  if (napi_wrap(env, object, handle.get(), finalize, nullptr, nullptr) != napi_ok) return nullptr;
  (void)handle.release();
  return object;
}

LanePtr lane_of_child(Napi::Env env, const LanePtr& parent) {
  if (parent->where() == Lane::Where::kInline) return parent;
  return std::make_shared<Lane>(env, Lane::Where::kPool);
}

Napi::Value close_handle(Handle& handle) { return handle.lane->add(closing(handle), give_nothing); }

napi_value give_nothing(napi_env env, Result&) {
  napi_value undefined = nullptr;
  napi_get_undefined(env, &undefined);
  return undefined;
}

napi_value give_buffer(napi_env env, Result& result) {
  if (result.buffers.empty()) return nullptr;
  return give_bytes(env, std::move(result.buffers[0]));
}

napi_value give_buffers(napi_env env, Result& result) {
  napi_value list = nullptr;
  if (napi_create_array_with_length(env, result.buffers.size(), &list) != napi_ok) return nullptr;
  for (uint32_t i = 0; i < result.buffers.size(); ++i) {
    napi_value bytes = give_bytes(env, std::move(result.buffers[i]));
    if (bytes == nullptr || napi_set_element(env, list, i, bytes) != napi_ok) return nullptr;
  }
  return list;
}

}  // namespace cairn::node
