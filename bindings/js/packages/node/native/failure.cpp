// Failures, read from the C API and written as objects; see failure.h.
#include "failure.h"

namespace cairn::node {
namespace {

std::string message_of(cairn_status status, const cairn_error* error) {
  std::string text = cairn_error_message(error);
  if (!text.empty()) return text;
  if (status == CAIRN_CANCELLED) return "the call was interrupted, and has changed nothing";
  if (status == CAIRN_NOT_FOUND) return "there is nothing of that name";
  return std::string("the call ended with ") + cairn_status_name(status);
}

}  // namespace

Failure::Failure(cairn_status failed, cairn_error* error)
    : status(failed),
      message(message_of(failed, error)),
      sqlite_code(cairn_error_sqlite_code(error)),
      retryable(cairn_error_retryable(error) != 0) {
  cairn_error_free(error);
}

napi_value Failure::to_js(napi_env env) const {
  napi_value object = nullptr;
  napi_value values[5] = {};
  const char* code = cairn_status_name(status);
  napi_create_object(env, &object);
  napi_create_int32(env, status, &values[0]);
  napi_create_string_utf8(env, code, NAPI_AUTO_LENGTH, &values[1]);
  napi_create_string_utf8(env, message.data(), message.size(), &values[2]);
  napi_create_int32(env, sqlite_code, &values[3]);
  napi_get_boolean(env, retryable, &values[4]);
  const char* names[5] = {"status", "code", "message", "sqliteCode", "retryable"};
  for (int i = 0; i < 5; ++i) {
    if (napi_set_named_property(env, object, names[i], values[i]) != napi_ok) return nullptr;
  }
  return object;
}

}  // namespace cairn::node
