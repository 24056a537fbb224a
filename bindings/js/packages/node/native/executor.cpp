// A database over a connection of the app's: the callbacks of cairn_sql_executor call two functions
// of JavaScript. All of it runs on the JavaScript thread, within the call that needs it, so that
// every call on such a database has ended before it returns. Where JavaScript ends the callbacks
// fail, and the engine copes with that as with any host that fails.
#include <cairn/executor.h>

#include "handle.h"
#include "sql_values.h"

namespace cairn::node {
namespace {

constexpr int32_t kError = 1;              // what a host says that knows no code
constexpr size_t kPartBytes = 256 * 1024;  // of rows, between which the engine may stop

struct Scope {
  explicit Scope(napi_env environment) : env(environment) { napi_open_handle_scope(env, &scope); }
  ~Scope() {
    if (scope != nullptr) napi_close_handle_scope(env, scope);
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  napi_env env;
  napi_handle_scope scope = nullptr;
};

class SqlHost {
 public:
  SqlHost(const Napi::Function& execute, const Napi::Function& transaction)
      : env_(execute.Env()),
        execute_(Napi::Persistent(execute)),
        transaction_(Napi::Persistent(transaction)) {}

  // The callbacks; `destroy` deletes this.
  cairn_sql_executor table() {
    return {sizeof(cairn_sql_executor), this, destroy, execute, transaction};
  }

 private:
  struct Body {
    cairn_sql_body run;
    void* context;
  };

  static void destroy(void* self) { delete static_cast<SqlHost*>(self); }
  static int32_t execute(void* self, const char* sql, size_t sql_size, const uint8_t* parameters,
                         size_t parameters_size, cairn_sql_rows rows, void* context);
  static int32_t transaction(void* self, cairn_sql_body body, void* context);
  static napi_value run_body(napi_env env, napi_callback_info info);

  napi_value call(const Napi::FunctionReference& function, size_t count, const napi_value* values);
  int32_t code_of(napi_value value);
  int32_t give_rows(napi_value list, cairn_sql_rows rows, void* context);
  bool add_row(napi_value row, SqlRows& part);

  napi_env env_;
  Napi::FunctionReference execute_;
  Napi::FunctionReference transaction_;
};

// Null where it throws: what it threw is the TypeScript's to keep, and ours to clear away.
napi_value SqlHost::call(const Napi::FunctionReference& function, size_t count,
                         const napi_value* values) {
  napi_value undefined = nullptr;
  napi_value target = nullptr;
  napi_value result = nullptr;
  napi_get_undefined(env_, &undefined);
  if (napi_get_reference_value(env_, function, &target) != napi_ok) return nullptr;
  if (napi_call_function(env_, undefined, target, count, values, &result) == napi_ok) return result;
  napi_value thrown = nullptr;
  napi_get_and_clear_last_exception(env_, &thrown);
  return nullptr;
}

int32_t SqlHost::code_of(napi_value value) {
  int32_t code = kError;
  if (value == nullptr || napi_get_value_int32(env_, value, &code) != napi_ok) return kError;
  return code;
}

int32_t SqlHost::execute(void* self, const char* sql, size_t sql_size, const uint8_t* parameters,
                         size_t parameters_size, cairn_sql_rows rows, void* context) {
  auto& host = *static_cast<SqlHost*>(self);
  Scope scope(host.env_);
  std::string_view encoded(reinterpret_cast<const char*>(parameters), parameters_size);
  napi_value values[2] = {nullptr, sql_parameters(host.env_, encoded)};
  napi_create_string_utf8(host.env_, sql, sql_size, &values[0]);
  if (values[0] == nullptr || values[1] == nullptr) return kError;
  napi_value result = host.call(host.execute_, 2, values);
  bool is_list = false;
  if (result == nullptr || napi_is_array(host.env_, result, &is_list) != napi_ok) return kError;
  return is_list ? host.give_rows(result, rows, context) : host.code_of(result);
}

bool SqlHost::add_row(napi_value row, SqlRows& part) {
  uint32_t columns = 0;
  if (napi_get_array_length(env_, row, &columns) != napi_ok) return false;
  for (uint32_t i = 0; i < columns; ++i) {
    napi_value value = nullptr;
    if (napi_get_element(env_, row, i, &value) != napi_ok || !part.add(value)) return false;
  }
  return true;
}

int32_t SqlHost::give_rows(napi_value list, cairn_sql_rows rows, void* context) {
  uint32_t count = 0;
  napi_get_array_length(env_, list, &count);
  SqlRows part(env_);
  for (uint32_t i = 0; i < count; ++i) {
    Scope scope(env_);
    napi_value row = nullptr;
    if (napi_get_element(env_, list, i, &row) != napi_ok || !add_row(row, part)) return kError;
    if (part.bytes() < kPartBytes && i + 1 < count) continue;
    std::string encoded = part.take();
    const auto* bytes = reinterpret_cast<const uint8_t*>(encoded.data());
    if (rows == nullptr) continue;
    if (int32_t stopped = rows(context, bytes, encoded.size())) return stopped;
  }
  return 0;
}

// The function that the TypeScript calls between BEGIN and COMMIT.
napi_value SqlHost::run_body(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  auto& body = *static_cast<Body*>(data);
  napi_value result = nullptr;
  napi_create_int32(env, body.run(body.context), &result);
  return result;
}

int32_t SqlHost::transaction(void* self, cairn_sql_body run, void* context) {
  auto& host = *static_cast<SqlHost*>(self);
  Scope scope(host.env_);
  Body body = {run, context};
  napi_value function = nullptr;
  napi_status made =
      napi_create_function(host.env_, "body", NAPI_AUTO_LENGTH, run_body, &body, &function);
  if (made != napi_ok) return kError;
  return host.code_of(host.call(host.transaction_, 1, &function));
}

// databaseOpenExecutor(execute, transaction, options)
Napi::Value open_executor(const Napi::CallbackInfo& info) {
  if (!info[0].IsFunction() || !info[1].IsFunction())
    throw Napi::TypeError::New(info.Env(), "execute and transaction are functions");
  auto lane = std::make_shared<Lane>(info.Env(), Lane::Where::kInline);
  Input options(info[2]);
  auto* host = new SqlHost(info[0].As<Napi::Function>(), info[1].As<Napi::Function>());
  auto work = [executor = host->table(), options = std::move(options)](Result& result) {
    open_into<cairn_database>(result, [&](cairn_database** out, cairn_error** error) {
      return cairn_database_open_executor(&executor, options.data(), options.size(), out, error);
    });
  };
  auto give = [lane](napi_env env, Result& result) {
    auto native = std::make_shared<Native>(Native{nullptr, std::move(result.opened)});
    return give_handle(env, Kind::kDatabase, std::move(native), lane);
  };
  return lane->add(std::move(work), std::move(give));
}

}  // namespace

void export_executors(Napi::Object exports) {
  export_function<open_executor>(exports, "databaseOpenExecutor");
}

}  // namespace cairn::node
