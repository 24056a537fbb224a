// The handles of the C API and the barrier that every entry point runs in. A handle remembers the
// process that opened it; all of them are counted, for tests against leaks.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "cairn.h"
#include "core/collection/cursor.h"
#include "core/collection/transaction.h"
#include "core/coordination/native_coordinator.h"
#include "core/coordination/signal.h"
#include "core/replica/replica.h"

namespace cairn::capi {

inline std::atomic<int64_t> live_objects{0};

struct Counted {
  Counted() { live_objects.fetch_add(1, std::memory_order_relaxed); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { live_objects.fetch_sub(1, std::memory_order_relaxed); }
};

// Where the process was forked from. capi may not look at core/platform's state directly.
uint64_t current_process();

// A handle over an object of the engine.
template <typename T>
struct Handle : Counted {
  explicit Handle(T opened) : object(std::move(opened)), process(current_process()) {}
  // In a forked child the object is left alone: ending it would end its SQLite connections, which
  // are the parent's.
  ~Handle() {
    // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): a few bytes in a process that forked
    if (process != current_process()) new T(std::move(object));
  }

  T object;
  uint64_t process;
};

// A coordinator, and what tells its host that there is work. Its replicas keep it, too.
struct Coordination {
  explicit Coordination(CoordinatorOptions options)
      : coordinator(std::make_shared<Coordinator>(std::move(options))) {
    coordinator->on_work([this] { signal.raise(); });
  }
  // Carries its actions out between processes.
  void connect(std::shared_ptr<Database> database) {
    native = std::make_unique<NativeCoordinator>(std::move(database), coordinator);
    coordinator->on_work([this] {
      native->carry();
      signal.raise();
    });
    native->start();
  }

  const std::shared_ptr<Coordinator> coordinator;
  Signal signal{[this] { return coordinator->has_work(); }};
  std::unique_ptr<NativeCoordinator> native;
};

// A replica, with the effect that it gave and that the caller has not got yet.
struct OpenReplica {
  ~OpenReplica() { want(false); }

  // Whether it is to be asked for effects, so that nobody waits meanwhile.
  void want(bool wants);

  std::shared_ptr<Coordination> coordination;  // null: it is the only instance
  std::unique_ptr<Replica> replica;
  std::optional<ReplicaEffect> effect;
  bool wanted = false;
};

}  // namespace cairn::capi

struct cairn_database : cairn::capi::Handle<std::shared_ptr<cairn::Database>> {
  using Handle::Handle;
};
struct cairn_collection : cairn::capi::Handle<std::shared_ptr<cairn::Collection>> {
  using Handle::Handle;
};
struct cairn_cursor : cairn::capi::Handle<std::unique_ptr<cairn::Cursor>> {
  using Handle::Handle;
};
struct cairn_transaction : cairn::capi::Handle<std::unique_ptr<cairn::Transaction>> {
  using Handle::Handle;
};

struct cairn_coordinator : cairn::capi::Handle<std::shared_ptr<cairn::capi::Coordination>> {
  using Handle::Handle;
};
struct cairn_replica : cairn::capi::Handle<std::unique_ptr<cairn::capi::OpenReplica>> {
  using Handle::Handle;
};

struct cairn_error : cairn::capi::Counted {
  cairn_status status = CAIRN_INTERNAL;
  std::string message;
  int32_t sqlite_code = 0;
  bool retryable = false;
};

struct cairn_buffer : cairn::capi::Counted {
  explicit cairn_buffer(cairn::Table table) : bytes(std::move(table)) {}
  explicit cairn_buffer(cairn::ByteBuffer buffer) : bytes(std::move(buffer)) {}
  std::variant<cairn::Table, cairn::ByteBuffer> bytes;
};

namespace cairn::capi {

// Turns the exception at hand into a status and an owned error.
cairn_status report(cairn_error** error) noexcept;

// Runs an entry point's body, which gives a Status or nothing.
template <typename Body>
cairn_status barrier(cairn_error** error, Body body) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      return CAIRN_OK;
    } else {
      return static_cast<cairn_status>(body());
    }
  } catch (...) {
    return report(error);
  }
}

// The same for an entry point with an out value, which is set on every path.
template <typename Out, typename Body>
cairn_status barrier(Out* out, cairn_error** error, Body body) noexcept {
  if (out != nullptr) *out = Out{};
  return barrier(error, [&] {
    if (out == nullptr) throw Error(Status::kInvalidArgument, "the out parameter is null");
    return body();
  });
}

// The object behind a handle; throws kInvalidArgument for null, kForked in a child process.
template <typename T>
T& use(Handle<T>* handle) {
  if (handle == nullptr) throw Error(Status::kInvalidArgument, "the handle is null");
  if (handle->process != current_process())
    throw Error(Status::kForked, "the handle was opened before a fork; open the database anew");
  return handle->object;
}

Bytes bytes_in(const uint8_t* data, size_t size);
std::string text_in(const char* data, size_t size);  // throws unless it is UTF-8
std::string path_in(const char* path, size_t size);  // the same, not empty and without NUL

cairn_buffer* buffer_of(Table table);
cairn_buffer* buffer_of(ByteBuffer bytes);
cairn_buffer* buffer_of(const std::string& text);

}  // namespace cairn::capi
