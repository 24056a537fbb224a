// A host's synchronous SQL for tests: a cairn_sql_executor over a sqlite3 connection of its own. It
// denies what Cloudflare's Durable Objects deny, binds numbers as doubles and gives integers
// rounded to doubles, as JavaScript hosts do, so that an engine that works over it works there. For
// one thread; a call from another one is recorded as a violation.
#pragma once

#include <cairn/executor.h>
#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cairn::testing {

class ExecutorHost {
 public:
  // Opens a file, or a database in memory. Throws std::runtime_error if that fails.
  explicit ExecutorHost(const std::string& path = ":memory:");
  ~ExecutorHost();
  ExecutorHost(const ExecutorHost&) = delete;
  ExecutorHost& operator=(const ExecutorHost&) = delete;

  // The callbacks, whose user data is this object: it must outlive the databases opened with them.
  // One host can serve several databases one after another, as when an app restarts.
  cairn_sql_executor table();

  // Lets the n-th statement from now on (1: the next) fail with `code` without running it.
  void fail_statement(int64_t n, int32_t code);
  // Lets the next commit fail with `code`; the transaction is rolled back.
  void fail_commit(int32_t code) { commit_failure_ = code; }
  void clear_failures();

  // How many rows go to the engine in one part.
  void set_rows_per_part(size_t rows) { rows_per_part_ = rows; }

  // Statements that the engine has asked for, failed ones included.
  int64_t statements() const { return statements_; }
  int64_t transactions() const { return transactions_; }
  bool in_transaction() const { return in_transaction_; }
  // How many times `destroy` was called.
  int destroyed() const { return destroyed_; }
  // What the engine did that a host does not allow; empty unless the engine is wrong.
  const std::vector<std::string>& violations() const { return violations_; }
  // For a look at the tables from outside. Statements on it are under the authorizer too.
  sqlite3* connection() { return db_; }

 private:
  static int authorize(void* self, int action, const char* first, const char* second,
                       const char* schema, const char* trigger);
  static void destroy(void* self);
  static int32_t execute(void* self, const char* sql, size_t sql_size, const uint8_t* parameters,
                         size_t parameters_size, cairn_sql_rows rows, void* rows_context);
  static int32_t transaction(void* self, cairn_sql_body body, void* body_context);

  bool enter(const char* what);
  bool statement_fails(int32_t* code);
  int32_t run_statement(std::string_view sql, std::string_view parameters, cairn_sql_rows rows,
                        void* rows_context);
  int32_t step_rows(sqlite3_stmt* statement, cairn_sql_rows rows, void* rows_context);
  int32_t run_transaction(cairn_sql_body body, void* body_context);
  int32_t finish(int32_t result);
  int32_t own_statement(const char* sql);
  int32_t violation(std::string message);

  sqlite3* db_ = nullptr;
  bool authorizer_off_ = false;
  bool in_statement_ = false;
  bool in_transaction_ = false;
  size_t rows_per_part_ = 3;
  int64_t statements_ = 0;
  int64_t transactions_ = 0;
  int64_t failing_statement_ = 0;
  int32_t statement_failure_ = 0;
  int32_t commit_failure_ = 0;
  int destroyed_ = 0;
  std::thread::id thread_;
  std::vector<std::string> violations_;
};

}  // namespace cairn::testing
