// The test host's callbacks, its authorizer and its failures; see executor_host.h.
#include "executor_host.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "sql_values.h"

namespace cairn::testing {
namespace {

// Durable Objects allow 100 parameters and 100,000 bytes of SQL.
constexpr int kMaxParameters = 100;
constexpr size_t kMaxSqlSize = 100'000;

// The pragmas that Durable Objects allow; none of them says how or where the file is kept.
constexpr std::array<std::string_view, 6> kAllowedPragmas = {
    "table_info", "table_xinfo", "table_list", "index_list", "index_info", "quick_check"};

bool is_denied_action(int action) {
  switch (action) {
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_CREATE_TEMP_VIEW:
    case SQLITE_DROP_TEMP_INDEX:
    case SQLITE_DROP_TEMP_TABLE:
    case SQLITE_DROP_TEMP_TRIGGER:
    case SQLITE_DROP_TEMP_VIEW:
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_VTABLE:
      return true;
    default:
      return false;
  }
}

bool is_denied(int action, std::string_view first, std::string_view second) {
  if (action == SQLITE_PRAGMA) {
    return std::find(kAllowedPragmas.begin(), kAllowedPragmas.end(), first) ==
           kAllowedPragmas.end();
  }
  // The engine promises to need no JSON functions, which some builds of SQLite lack.
  if (action == SQLITE_FUNCTION) return second.substr(0, 4) == "json";
  if (action == SQLITE_CREATE_TABLE) return first.substr(0, 4) == "_cf_";
  return is_denied_action(action);
}

int bind_value(sqlite3_stmt* statement, int index, const SqlValue& value) {
  // A text that JavaScript cannot hold does not come through its strings.
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (!is_utf8(*text)) return SQLITE_MISMATCH;
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_TRANSIENT,
                               SQLITE_UTF8);
  }
  if (const auto* bytes = std::get_if<Bytes>(&value)) {
    const char* data = bytes->data.data();
    return sqlite3_bind_blob64(statement, index, data, bytes->data.size(), SQLITE_TRANSIENT);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    if (std::isnan(*number) || std::fabs(*number) > 9007199254740992.0) return SQLITE_MISMATCH;
    return sqlite3_bind_double(statement, index, *number);
  }
  return sqlite3_bind_null(statement, index);
}

SqlValue column_value(sqlite3_stmt* statement, int column) {
  const int type = sqlite3_column_type(statement, column);
  if (type == SQLITE_NULL) return std::monostate();
  if (type == SQLITE_INTEGER) return static_cast<double>(sqlite3_column_int64(statement, column));
  if (type == SQLITE_FLOAT) return sqlite3_column_double(statement, column);
  const auto* data = static_cast<const char*>(
      type == SQLITE_TEXT ? static_cast<const void*>(sqlite3_column_text(statement, column))
                          : sqlite3_column_blob(statement, column));
  std::string bytes(data ? data : "", sqlite3_column_bytes(statement, column));
  if (type == SQLITE_TEXT) return bytes;
  return Bytes{std::move(bytes)};
}

// Finalizes a statement at the end of a scope.
struct StatementGuard {
  sqlite3_stmt* statement = nullptr;
  ~StatementGuard() { sqlite3_finalize(statement); }
};

// Sets a flag for a scope.
struct FlagGuard {
  explicit FlagGuard(bool* target) : flag(target) { *flag = true; }
  ~FlagGuard() { *flag = false; }
  bool* flag;
};

}  // namespace

ExecutorHost::ExecutorHost(const std::string& path) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (sqlite3_open_v2(path.c_str(), &db_, flags, nullptr) != SQLITE_OK) {
    sqlite3_close(db_);
    throw std::runtime_error("cannot open " + path);
  }
  sqlite3_extended_result_codes(db_, 1);
  sqlite3_set_authorizer(db_, authorize, this);
}

ExecutorHost::~ExecutorHost() { sqlite3_close(db_); }

cairn_sql_executor ExecutorHost::table() {
  thread_ = std::this_thread::get_id();
  cairn_sql_executor table = {};
  table.struct_size = sizeof table;
  table.user_data = this;
  table.destroy = destroy;
  table.execute = execute;
  table.transaction = transaction;
  return table;
}

void ExecutorHost::fail_statement(int64_t n, int32_t code) {
  failing_statement_ = statements_ + n;
  statement_failure_ = code;
}

void ExecutorHost::clear_failures() {
  failing_statement_ = 0;
  commit_failure_ = 0;
}

int32_t ExecutorHost::violation(std::string message) {
  violations_.push_back(std::move(message));
  return SQLITE_MISUSE;
}

bool ExecutorHost::enter(const char* what) {
  if (std::this_thread::get_id() != thread_) violation(std::string(what) + " on another thread");
  if (in_statement_) violation(std::string(what) + " from within a rows callback");
  return !in_statement_;
}

int ExecutorHost::authorize(void* self, int action, const char* first, const char* second,
                            const char*, const char*) {
  auto* host = static_cast<ExecutorHost*>(self);
  if (host->authorizer_off_) return SQLITE_OK;
  const std::string_view name = first ? first : "";
  const std::string_view detail = second ? second : "";
  if (!is_denied(action, name, detail)) return SQLITE_OK;
  host->violation("denied: action " + std::to_string(action) + " " + std::string(name));
  return SQLITE_DENY;
}

void ExecutorHost::destroy(void* self) {
  auto* host = static_cast<ExecutorHost*>(self);
  host->enter("destroy");
  if (host->in_transaction_) host->violation("destroy inside a transaction");
  host->destroyed_++;
}

bool ExecutorHost::statement_fails(int32_t* code) {
  statements_++;
  *code = statement_failure_;
  return statements_ == failing_statement_;
}

int32_t ExecutorHost::execute(void* self, const char* sql, size_t sql_size,
                              const uint8_t* parameters, size_t parameters_size,
                              cairn_sql_rows rows, void* rows_context) {
  auto* host = static_cast<ExecutorHost*>(self);
  if (!host->enter("execute")) return SQLITE_MISUSE;
  int32_t failure = 0;
  if (host->statement_fails(&failure)) return failure;
  FlagGuard guard(&host->in_statement_);
  const std::string_view encoded(reinterpret_cast<const char*>(parameters), parameters_size);
  return host->run_statement({sql, sql_size}, encoded, rows, rows_context);
}

int32_t ExecutorHost::run_statement(std::string_view sql, std::string_view parameters,
                                    cairn_sql_rows rows, void* rows_context) {
  std::vector<SqlValue> values;
  if (!decode_sql_values(parameters, &values)) return violation("malformed parameters");
  if (sql.size() > kMaxSqlSize) return violation("SQL that is too long");
  if (values.size() > kMaxParameters) return violation("too many parameters");
  StatementGuard guard;
  const char* tail = nullptr;
  int code =
      sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &guard.statement, &tail);
  if (code != SQLITE_OK) return code;
  if (tail != sql.data() + sql.size()) return violation("more than one statement");
  if (sqlite3_bind_parameter_count(guard.statement) != static_cast<int>(values.size())) {
    return violation("a wrong number of parameters: " + std::string(sql));
  }
  for (size_t i = 0; i < values.size(); i++) {
    code = bind_value(guard.statement, static_cast<int>(i + 1), values[i]);
    if (code != SQLITE_OK) return violation("a parameter that no host takes: " + std::string(sql));
  }
  return step_rows(guard.statement, rows, rows_context);
}

int32_t ExecutorHost::step_rows(sqlite3_stmt* statement, cairn_sql_rows rows, void* rows_context) {
  std::vector<SqlValue> part;
  size_t rows_in_part = 0;
  const auto send = [&]() -> int32_t {
    if (rows_in_part == 0) return 0;
    const std::string encoded = encode_sql_values(part);
    part.clear();
    rows_in_part = 0;
    if (!rows) return 0;
    // A copy of exact size, so that a sanitizer sees a read beyond it.
    const std::vector<uint8_t> bytes(encoded.begin(), encoded.end());
    return rows(rows_context, bytes.data(), bytes.size());
  };
  int code = SQLITE_OK;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    const int columns = sqlite3_column_count(statement);
    for (int i = 0; i < columns; i++) part.push_back(column_value(statement, i));
    if (++rows_in_part < rows_per_part_) continue;
    if (const int32_t stopped = send()) return stopped;
  }
  return code == SQLITE_DONE ? send() : code;
}

int32_t ExecutorHost::transaction(void* self, cairn_sql_body body, void* body_context) {
  auto* host = static_cast<ExecutorHost*>(self);
  if (!host->enter("transaction")) return SQLITE_MISUSE;
  if (host->in_transaction_) return host->violation("a transaction inside a transaction");
  host->transactions_++;
  FlagGuard guard(&host->in_transaction_);
  return host->run_transaction(body, body_context);
}

int32_t ExecutorHost::run_transaction(cairn_sql_body body, void* body_context) {
  if (const int32_t code = own_statement("BEGIN IMMEDIATE")) return code;
  return finish(body(body_context));
}

int32_t ExecutorHost::finish(int32_t result) {
  int32_t code = result;
  if (result == 0) {
    code = commit_failure_ ? commit_failure_ : own_statement("COMMIT");
    commit_failure_ = 0;
  }
  // SQLite has rolled back already after some errors.
  if (code != 0 && !sqlite3_get_autocommit(db_)) own_statement("ROLLBACK");
  return code;
}

int32_t ExecutorHost::own_statement(const char* sql) {
  FlagGuard guard(&authorizer_off_);
  return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
}

}  // namespace cairn::testing
