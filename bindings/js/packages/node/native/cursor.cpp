// The calls on a cursor. On the JavaScript thread; their work is done in the pool.
#include "handle.h"

namespace cairn::node {
namespace {

const char* kind_of(cairn_status status) {
  if (status == CAIRN_DONE) return "done";
  return status == CAIRN_QUESTION ? "question" : "batch";
}

// A CursorStep: its kind, and bytes unless there are no more.
napi_value step_of(napi_env env, cairn_status status, Buffer buffer) {
  napi_value step = nullptr;
  napi_value kind = nullptr;
  if (napi_create_object(env, &step) != napi_ok) return nullptr;
  napi_create_string_utf8(env, kind_of(status), NAPI_AUTO_LENGTH, &kind);
  if (napi_set_named_property(env, step, "kind", kind) != napi_ok) return nullptr;
  if (status == CAIRN_DONE) return step;
  napi_value bytes = buffer == nullptr ? nullptr : give_bytes(env, std::move(buffer));
  if (bytes == nullptr || napi_set_named_property(env, step, "bytes", bytes) != napi_ok)
    return nullptr;
  return step;
}

void take_step(cairn_cursor* cursor, Result& result) {
  cairn_buffer* out = nullptr;
  cairn_error* error = nullptr;
  result.status = cairn_cursor_next(cursor, &out, &error);
  if (out != nullptr) result.buffers.emplace_back(out);
  bool expected =
      result.status == CAIRN_OK || result.status == CAIRN_DONE || result.status == CAIRN_QUESTION;
  if (!expected) result.failure.emplace(result.status, error);
}

// A result of this size is read in the call that opens its cursor: a page costs one way there and
// back.
constexpr size_t kReadAtOnce = 64 * 1024;
// What is read ahead in one call, so that the reader need not wait for a thread at each batch.
constexpr size_t kReadAhead = 1024 * 1024;

// Takes steps until they have so many bytes. A failure behind the first step is kept for the call
// that would have met it: the cursor itself tells of it only once.
void take_steps(cairn_cursor* cursor, size_t most, Result& result) {
  size_t bytes = 0;
  do {
    size_t before = result.buffers.size();
    take_step(cursor, result);
    if (result.failure) {
      result.later = std::exchange(result.failure, std::nullopt);
      result.status = CAIRN_OK;
      return;
    }
    if (result.buffers.size() > before) bytes += cairn_buffer_size(result.buffers.back().get());
  } while (bytes < most && result.status == CAIRN_OK);
}

// The steps that were taken: batches, and at the end perhaps a question, or that there is no more.
napi_value give_list(napi_env env, Result& result) {
  napi_value list = nullptr;
  if (napi_create_array(env, &list) != napi_ok) return nullptr;
  uint32_t count = 0;
  auto add = [&](cairn_status status, Buffer buffer) {
    napi_value step = step_of(env, status, std::move(buffer));
    return step != nullptr && napi_set_element(env, list, count++, step) == napi_ok;
  };
  bool asks = result.status == CAIRN_QUESTION;
  for (size_t i = 0; i < result.buffers.size(); ++i) {
    bool is_question = asks && i + 1 == result.buffers.size();
    if (!add(is_question ? CAIRN_QUESTION : CAIRN_OK, std::move(result.buffers[i]))) return nullptr;
  }
  if (result.status == CAIRN_DONE && !add(CAIRN_DONE, nullptr)) return nullptr;
  return list;
}

// An object with the steps, and what the call after them fails with.
napi_value give_steps(napi_env env, Result& result) {
  napi_value given = nullptr;
  napi_value steps = give_list(env, result);
  if (steps == nullptr || napi_create_object(env, &given) != napi_ok) return nullptr;
  napi_set_named_property(env, given, "steps", steps);
  if (result.later) napi_set_named_property(env, given, "failure", result.later->to_js(env));
  return given;
}

void note_end(Native& cursor, const Result& result) {
  cursor.at_end = result.status == CAIRN_DONE && !result.later;
}

// cursorNext(cursor)
Napi::Value next(const Napi::CallbackInfo& info) {
  Target<cairn_cursor> target(info);
  size_t most = target.handle.lane->where() == Lane::Where::kPool ? kReadAhead : 1;
  auto call = [most](cairn_cursor* cursor, Result& result) { take_steps(cursor, most, result); };
  auto give = [native = target.handle.native](napi_env env, Result& result) {
    note_end(*native, result);
    return give_steps(env, result);
  };
  return target.add(call, std::move(give));
}

// A cursor at its end has nothing but memory, while its collection is open. To free that here takes
// less time than to hand it to another thread.
bool closes_here(const Handle& cursor) {
  NativePtr collection = cursor.native->collection.lock();
  bool is_open = collection != nullptr && collection->object != nullptr;
  return is_open && cursor.native->at_end && cursor.lane->idle();
}

// cursorClose(cursor)
Napi::Value close_cursor(const Napi::CallbackInfo& info) {
  Handle& cursor = handle_of(info, 0, Kind::kCursor);
  if (!closes_here(cursor)) return close_handle(cursor);
  cursor.native->object.reset();
  auto closed = Napi::Promise::Deferred::New(info.Env());
  closed.Resolve(info.Env().Undefined());
  return closed.Promise();
}

// fn(collection, request, size, out, error): opens a cursor and begins to read it.
template <cairn_status (*fn)(cairn_collection*, const uint8_t*, size_t, cairn_cursor**,
                             cairn_error**)>
Napi::Value open_cursor(const Napi::CallbackInfo& info) {
  auto call = [request = Input(info[1])](cairn_collection* collection, Result& result) {
    open_into<cairn_cursor>(result, [&](cairn_cursor** out, cairn_error** error) {
      return fn(collection, request.data(), request.size(), out, error);
    });
    if (result.opened != nullptr)
      take_steps(static_cast<cairn_cursor*>(result.opened.get()), kReadAtOnce, result);
  };
  Target<cairn_collection> target(info);
  auto give = [lane = target.handle.lane, collection = std::weak_ptr(target.handle.native)](
                  napi_env env, Result& result) {
    napi_value opened = give_steps(env, result);
    auto native = std::make_shared<Native>(Native{nullptr, std::move(result.opened), collection});
    note_end(*native, result);
    napi_value cursor =
        give_handle(env, Kind::kCursor, std::move(native), lane_of_child(env, lane));
    if (opened == nullptr || cursor == nullptr) return napi_value();
    napi_set_named_property(env, opened, "cursor", cursor);
    return opened;
  };
  return target.add(std::move(call), std::move(give));
}

}  // namespace

void export_cursors(Napi::Object exports) {
  using T = cairn_cursor;
  export_function<report<T, cairn_cursor_head>>(exports, "cursorHead");
  export_function<open_cursor<cairn_collection_load>>(exports, "collectionLoad");
  export_function<open_cursor<cairn_collection_delta>>(exports, "collectionDelta");
  export_function<next>(exports, "cursorNext");
  export_function<order<T, cairn_cursor_answer>>(exports, "cursorAnswer");
  export_function<report<T, cairn_cursor_explain>>(exports, "cursorExplain");
  export_function<close_cursor>(exports, "cursorClose");
}

}  // namespace cairn::node
