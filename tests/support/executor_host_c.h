/* The test host of executor_host.h for tests in C. One thread. */
#ifndef CAIRN_TEST_EXECUTOR_HOST_C_H
#define CAIRN_TEST_EXECUTOR_HOST_C_H

#include <cairn/executor.h>

CAIRN_BEGIN

typedef struct test_host test_host;

/* Opens a host over a file, or over a database in memory (":memory:"); null if that fails. */
test_host* test_host_open(const char* path);

/* Closes it, after the databases over it. Takes null. */
void test_host_close(test_host* host);

/* The callbacks; their user data is owned by the host. */
cairn_sql_executor test_host_table(test_host* host);

/* Lets the n-th statement from now on (1: the next), or the next commit, fail with `code`. */
void test_host_fail_statement(test_host* host, int64_t n, int32_t code);
void test_host_fail_commit(test_host* host, int32_t code);

/* How many statements ran, and how many times `destroy` was called. */
int64_t test_host_statements(const test_host* host);
int test_host_destroyed(const test_host* host);

/* The first thing that the engine did and a host does not allow, or null. */
const char* test_host_violation(const test_host* host);

CAIRN_END

#endif
