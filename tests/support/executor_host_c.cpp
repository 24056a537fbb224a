// The C face of ExecutorHost; see executor_host_c.h.
#include "executor_host_c.h"

#include <exception>

#include "executor_host.h"

struct test_host {
  explicit test_host(const char* path) : host(path) {}
  cairn::testing::ExecutorHost host;
};

test_host* test_host_open(const char* path) {
  try {
    return new test_host(path);
  } catch (const std::exception&) {
    return nullptr;
  }
}

void test_host_close(test_host* host) { delete host; }

cairn_sql_executor test_host_table(test_host* host) { return host->host.table(); }

void test_host_fail_statement(test_host* host, int64_t n, int32_t code) {
  host->host.fail_statement(n, code);
}

void test_host_fail_commit(test_host* host, int32_t code) { host->host.fail_commit(code); }

int64_t test_host_statements(const test_host* host) { return host->host.statements(); }

int test_host_destroyed(const test_host* host) { return host->host.destroyed(); }

const char* test_host_violation(const test_host* host) {
  const auto& violations = host->host.violations();
  return violations.empty() ? nullptr : violations.front().c_str();
}
