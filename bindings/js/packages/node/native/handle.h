// Handles of the C API as objects of JavaScript, and the shapes that most calls on them have. All
// of it belongs to the JavaScript thread; what is handed to a lane runs elsewhere.
//
// A handle is closed by the last that uses it: by close(), by the garbage collector where nobody
// has called that, or when the thread ends. The C API lets handles be closed in any order, but a
// replica is to be closed before its coordinator, so it keeps that.
#pragma once

#include <cairn/collection.h>
#include <cairn/coordinator.h>
#include <cairn/cursor.h>
#include <cairn/database.h>
#include <cairn/replica.h>
#include <napi.h>

#include <memory>
#include <utility>

#include "lane.h"
#include "state.h"
#include "wakeup.h"

namespace cairn::node {

enum class Kind { kDatabase, kCollection, kCursor, kCoordinator, kReplica };

// What is known of each type of handle.
template <class T>
struct Api;
template <>
struct Api<cairn_database> {
  static constexpr Kind kKind = Kind::kDatabase;
  static constexpr auto kClose = cairn_database_close;
};
template <>
struct Api<cairn_collection> {
  static constexpr Kind kKind = Kind::kCollection;
  static constexpr auto kClose = cairn_collection_close;
};
template <>
struct Api<cairn_cursor> {
  static constexpr Kind kKind = Kind::kCursor;
  static constexpr auto kClose = cairn_cursor_close;
};
template <>
struct Api<cairn_coordinator> {
  static constexpr Kind kKind = Kind::kCoordinator;
  static constexpr auto kClose = cairn_coordinator_close;
};
template <>
struct Api<cairn_replica> {
  static constexpr Kind kKind = Kind::kReplica;
  static constexpr auto kClose = cairn_replica_close;
};

template <class T>
std::shared_ptr<T> owned(T* opened) {
  return {opened, Api<T>::kClose};
}

// The handle of the C API, which goes when the handle is closed, and what it needs until then.
struct Native {
  std::shared_ptr<Native> keeps;
  std::shared_ptr<void> object;  // null once it is closed
  // Of a cursor: the collection that it reads, and that there is no more to read.
  std::weak_ptr<Native> collection = {};
  bool at_end = false;
};
using NativePtr = std::shared_ptr<Native>;

struct Handle {
  Kind kind;
  NativePtr native;
  LanePtr lane;
  WakeupPtr wakeup;  // of a coordinator
};

// The handle behind an argument; throws a TypeError for anything else.
Handle& handle_of(const Napi::CallbackInfo& info, size_t argument, Kind kind);

// The failure of a call on a handle that is closed.
Failure closed(Kind kind);

// Makes the object of a handle that was opened. Null where JavaScript ends; the handle is closed
// then.
napi_value give_handle(napi_env env, Kind kind, NativePtr native, LanePtr lane);

// A lane for what is opened from a handle: all handles over one host's SQL share theirs.
LanePtr lane_of_child(Napi::Env env, const LanePtr& parent);

// Closes a handle after the calls that were made before. Of a closed handle it does nothing.
Napi::Value close_handle(Handle& handle);

// What calls give.
napi_value give_nothing(napi_env env, Result& result);
napi_value give_buffer(napi_env env, Result& result);
napi_value give_buffers(napi_env env, Result& result);

// The handle of the C API of the call's first argument, and the lane that its calls go to.
template <class T>
struct Target {
  explicit Target(const Napi::CallbackInfo& info)
      : env(info.Env()),
        handle(handle_of(info, 0, Api<T>::kKind)),
        object(std::static_pointer_cast<T>(handle.native->object)) {}

  // Runs `call(T*, Result&)` off the thread, and gives the promise of what `give` makes of it.
  template <class Call, class Give>
  Napi::Value add(Call call, Give give) {
    if (object == nullptr) return rejected(env, closed(Api<T>::kKind));
    return handle.lane->add([object = std::move(object), call = std::move(call)](
                                Result& result) mutable { call(object.get(), result); },
                            std::move(give));
  }

  Napi::Env env;
  Handle& handle;
  std::shared_ptr<T> object;
};

// fn(handle, out, error): a report.
template <class T, cairn_status (*fn)(T*, cairn_buffer**, cairn_error**)>
Napi::Value report(const Napi::CallbackInfo& info) {
  auto call = [](T* object, Result& result) {
    result.take([&](auto** out, auto** error) { return fn(object, out, error); });
  };
  return Target<T>(info).add(call, give_buffer);
}

// fn(handle, bytes, size, out, error): a report on request.
template <class T, cairn_status (*fn)(T*, const uint8_t*, size_t, cairn_buffer**, cairn_error**)>
Napi::Value report(const Napi::CallbackInfo& info) {
  auto call = [request = Input(info[1])](T* object, Result& result) {
    result.take([&](auto** out, auto** error) {
      return fn(object, request.data(), request.size(), out, error);
    });
  };
  return Target<T>(info).add(std::move(call), give_buffer);
}

// fn(handle, error): an order.
template <class T, cairn_status (*fn)(T*, cairn_error**)>
Napi::Value order(const Napi::CallbackInfo& info) {
  auto call = [](T* object, Result& result) {
    result.run([&](auto** error) { return fn(object, error); });
  };
  return Target<T>(info).add(call, give_nothing);
}

// fn(handle, bytes, size, error): an order with bytes.
template <class T, cairn_status (*fn)(T*, const uint8_t*, size_t, cairn_error**)>
Napi::Value order(const Napi::CallbackInfo& info) {
  auto call = [bytes = Input(info[1])](T* object, Result& result) {
    result.run([&](auto** error) { return fn(object, bytes.data(), bytes.size(), error); });
  };
  return Target<T>(info).add(std::move(call), give_nothing);
}

// Makes the object of the handle that a job has opened, as a child of a lane.
template <class T>
auto give_opened(LanePtr parent, NativePtr keeps = nullptr) {
  return [parent = std::move(parent), keeps = std::move(keeps)](napi_env env, Result& result) {
    auto native = std::make_shared<Native>(Native{keeps, std::move(result.opened)});
    return give_handle(env, Api<T>::kKind, std::move(native), lane_of_child(env, parent));
  };
}

// Runs `call(&out, &error)` and keeps what it opens.
template <class T, class Call>
void open_into(Result& result, Call call) {
  T* out = nullptr;
  if (result.run([&](cairn_error** error) { return call(&out, error); }))
    result.opened = owned(out);
}

// fn(handle, bytes, size, out, error): opens a handle.
template <class P, class T, cairn_status (*fn)(P*, const uint8_t*, size_t, T**, cairn_error**)>
Napi::Value open_child(const Napi::CallbackInfo& info) {
  auto call = [bytes = Input(info[1])](P* object, Result& result) {
    open_into<T>(result, [&](T** out, cairn_error** error) {
      return fn(object, bytes.data(), bytes.size(), out, error);
    });
  };
  Target<P> target(info);
  return target.add(std::move(call), give_opened<T>(target.handle.lane));
}

template <class T>
Napi::Value close(const Napi::CallbackInfo& info) {
  return close_handle(handle_of(info, 0, Api<T>::kKind));
}

// What each file adds to the addon's exports.
void export_databases(Napi::Object exports);
void export_collections(Napi::Object exports);
void export_cursors(Napi::Object exports);
void export_coordinators(Napi::Object exports);
void export_replicas(Napi::Object exports);
void export_executors(Napi::Object exports);

template <Napi::Value (*fn)(const Napi::CallbackInfo&)>
void export_function(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<fn>(exports.Env(), name));
}

}  // namespace cairn::node
