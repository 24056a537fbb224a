// What a failed call says, on its way from a thread of the pool to JavaScript, where the package's
// TypeScript makes a CairnError of it. Made on any thread, given on the JavaScript thread.
#pragma once

#include <cairn/error.h>
#include <napi.h>

#include <string>

namespace cairn::node {

struct Failure {
  // Takes `error`, which may be null: statuses that are no errors have none.
  Failure(cairn_status failed, cairn_error* error);
  // A failure of the addon's own.
  Failure(cairn_status failed, std::string text) : status(failed), message(std::move(text)) {}

  // An object with status, code, message, sqliteCode and retryable; null where JavaScript ends.
  napi_value to_js(napi_env env) const;

  cairn_status status;
  std::string message;
  int32_t sqlite_code = 0;
  bool retryable = false;
};

}  // namespace cairn::node
