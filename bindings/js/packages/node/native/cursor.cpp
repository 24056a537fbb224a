// The calls on a cursor. On the JavaScript thread; their work is done in the pool.
#include "handle.h"

namespace cairn::node {
namespace {

const char* kind_of(cairn_status status) {
  if (status == CAIRN_DONE) return "done";
  return status == CAIRN_QUESTION ? "question" : "batch";
}

// A CursorStep: its kind, and bytes unless there are no more.
napi_value give_step(napi_env env, Result& result) {
  napi_value step = nullptr;
  napi_value kind = nullptr;
  if (napi_create_object(env, &step) != napi_ok) return nullptr;
  napi_create_string_utf8(env, kind_of(result.status), NAPI_AUTO_LENGTH, &kind);
  if (napi_set_named_property(env, step, "kind", kind) != napi_ok) return nullptr;
  if (result.status == CAIRN_DONE) return step;
  napi_value bytes = give_buffer(env, result);
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

// cursorNext(cursor)
Napi::Value next(const Napi::CallbackInfo& info) {
  return Target<cairn_cursor>(info).add(take_step, give_step);
}

}  // namespace

void export_cursors(Napi::Object exports) {
  using T = cairn_cursor;
  export_function<report<T, cairn_cursor_head>>(exports, "cursorHead");
  export_function<next>(exports, "cursorNext");
  export_function<order<T, cairn_cursor_answer>>(exports, "cursorAnswer");
  export_function<report<T, cairn_cursor_explain>>(exports, "cursorExplain");
  export_function<close<T>>(exports, "cursorClose");
}

}  // namespace cairn::node
