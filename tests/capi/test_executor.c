/* Databases over a host's SQL: what the table must hold, when it is let go, and a host that fails.
 */
#include <stdio.h>
#include <stdlib.h>

#include "executor_host_c.h"
#include "harness.h"

static cairn_database* open_over(test_host* host) {
  cairn_sql_executor executor = test_host_table(host);
  cairn_database* database = UNSET;
  WORKS(cairn_database_open_executor(&executor, NULL, 0, &database, E));
  return database;
}

static void fill(cairn_database* database) {
  cairn_collection* collection = open_collection(database, "c", "{}");
  char key[16];
  char row[64];
  for (int i = 0; i < 20; i++) {
    snprintf(key, sizeof key, "%d", i);
    snprintf(row, sizeof row, "{\"n\": %d, \"big\": {\"$bigint\": \"9007199254740993\"}}", i);
    put_row(collection, key, row);
  }
  CHECK(row_count(collection) == 20);
  cairn_collection_close(collection);
}

static void a_database_works_over_a_host(void) {
  test_host* host = test_host_open(":memory:");
  cairn_database* database = open_over(host);
  fill(database);
  cairn_buffer* out = UNSET;
  WORKS(cairn_database_check(database, NULL, 0, &out, E));
  CHECK(strstr(table_text("CheckReport", out), "\"ok\":true") != NULL);
  WORKS(cairn_database_digest(database, &out, E));
  const char* digest = table_text("DigestReport", out);
  WORKS(cairn_database_info(database, &out, E));
  CHECK(strstr(table_text("DatabaseInfo", out), "\"rows\":20") != NULL);
  WORKS(cairn_database_flush(database, E));
  GIVES(CAIRN_DONE, cairn_database_maintain(database, 10, E));
  CHECK(cairn_database_interrupt(database) == CAIRN_OK);
  CHECK(test_host_destroyed(host) == 0);
  cairn_database_close(database);
  CHECK(test_host_destroyed(host) == 1);
  /* The same rows in a file have the same digest. */
  cairn_database* file = open_database("db", "{}");
  fill(file);
  WORKS(cairn_database_digest(file, &out, E));
  CHECK_TEXT(table_text("DigestReport", out), digest);
  cairn_database_close(file);
  CHECK(test_host_violation(host) == NULL);
  test_host_close(host);
}

static void contents_stay_with_the_host(void) {
  test_host* host = test_host_open(":memory:");
  cairn_database* database = open_over(host);
  fill(database);
  cairn_database_close(database);
  database = open_over(host);
  cairn_collection* collection = open_collection(database, "c", "{}");
  CHECK(row_count(collection) == 20);
  cairn_collection_close(collection);
  cairn_database_close(database);
  CHECK(test_host_destroyed(host) == 2);
  CHECK(test_host_violation(host) == NULL);
  test_host_close(host);
}

static void the_host_stays_until_the_last_handle_goes(void) {
  test_host* host = test_host_open(":memory:");
  cairn_database* database = open_over(host);
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_row(collection, "1", "{\"v\": 1}");
  cairn_cursor* cursor = UNSET;
  WORKS(cairn_collection_load(collection, NULL, 0, &cursor, E));
  cairn_database_close(database);
  CHECK(test_host_destroyed(host) == 0);
  CHECK(row_count(collection) == 1);
  cairn_collection_close(collection);
  cairn_buffer* out = UNSET;
  WORKS(cairn_cursor_next(cursor, &out, E));
  cairn_buffer_free(out);
  CHECK(test_host_destroyed(host) == 0);
  cairn_cursor_close(cursor);
  CHECK(test_host_destroyed(host) == 1);
  CHECK(test_host_violation(host) == NULL);
  test_host_close(host);
}

static int destroyed;
static void count_destroy(void* user_data) {
  (void)user_data;
  destroyed++;
}
static int32_t fail_to_execute(void* user_data, const char* sql, size_t sql_size,
                               const uint8_t* parameters, size_t parameters_size,
                               cairn_sql_rows rows, void* rows_context) {
  (void)user_data, (void)sql, (void)sql_size, (void)parameters, (void)parameters_size;
  (void)rows, (void)rows_context;
  return 1; /* a host that knows no codes */
}
static int32_t fail_to_read(void* user_data, const char* sql, size_t sql_size,
                            const uint8_t* parameters, size_t parameters_size, cairn_sql_rows rows,
                            void* rows_context) {
  fail_to_execute(user_data, sql, sql_size, parameters, parameters_size, rows, rows_context);
  return 10 | 1 << 8; /* SQLITE_IOERR_READ */
}
static int32_t run_body(void* user_data, cairn_sql_body body, void* body_context) {
  (void)user_data;
  return body(body_context);
}

static void fail_table(cairn_status status, cairn_sql_executor executor, int expected_destroyed) {
  cairn_database* database = UNSET;
  destroyed = 0;
  GIVES(status, cairn_database_open_executor(&executor, NULL, 0, &database, E));
  CHECK(database == NULL);
  CHECK(destroyed == expected_destroyed);
}

static void a_table_that_is_none_is_refused(void) {
  cairn_sql_executor good = {sizeof good, NULL, count_destroy, fail_to_execute, run_body};
  cairn_sql_executor bad = good;
  bad.struct_size = 0;
  fail_table(CAIRN_INVALID_ARGUMENT, bad, 0); /* its `destroy` cannot be trusted */
  bad = good;
  bad.execute = NULL;
  fail_table(CAIRN_INVALID_ARGUMENT, bad, 1);
  bad = good;
  bad.transaction = NULL;
  fail_table(CAIRN_INVALID_ARGUMENT, bad, 1);
  bad = good;
  bad.destroy = NULL;
  fail_table(CAIRN_HOST, bad, 0);
  fail_table(CAIRN_HOST, good, 1);
  bad = good;
  bad.execute = fail_to_read;
  fail_table(CAIRN_IO, bad, 1);
  cairn_database* database = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_open_executor(NULL, NULL, 0, &database, E));
  CHECK(database == NULL);
  destroyed = 0;
  GIVES(CAIRN_INVALID_ARGUMENT, cairn_database_open_executor(&good, NULL, 0, NULL, E));
  CHECK(destroyed == 1);
  destroyed = 0;
  database = UNSET;
  GIVES(CAIRN_MALFORMED,
        cairn_database_open_executor(&good, (const uint8_t*)"xx", 2, &database, E));
  CHECK(database == NULL && destroyed == 1);
}

/* A table of a later version has more at its end; what is known counts. */
static void a_longer_table_works(void) {
  test_host* host = test_host_open(":memory:");
  struct {
    cairn_sql_executor known;
    void* later[4];
  } longer = {test_host_table(host), {NULL, NULL, NULL, NULL}};
  longer.known.struct_size = sizeof longer;
  cairn_database* database = UNSET;
  WORKS(cairn_database_open_executor(&longer.known, NULL, 0, &database, E));
  fill(database);
  cairn_database_close(database);
  CHECK(test_host_destroyed(host) == 1);
  test_host_close(host);
}

/* One statement after the other fails while a database is opened. */
static void every_statement_of_opening_may_fail(void) {
  for (int n = 1; n < 200; n++) {
    test_host* host = test_host_open(":memory:");
    cairn_sql_executor executor = test_host_table(host);
    cairn_database* database = UNSET;
    test_host_fail_statement(host, n, 13); /* SQLITE_FULL */
    cairn_error* error = NULL;
    cairn_status status = cairn_database_open_executor(&executor, NULL, 0, &database, &error);
    bool all_passed = test_host_statements(host) < n;
    if (status != CAIRN_OK) {
      CHECK(database == NULL && cairn_error_sqlite_code(error) == 13);
      CHECK(status == CAIRN_DISK_FULL || status == CAIRN_HOST);
      CHECK(test_host_destroyed(host) == 1);
    }
    CHECK(!all_passed || status == CAIRN_OK);
    cairn_error_free(error);
    cairn_database_close(status == CAIRN_OK ? database : NULL);
    CHECK(test_host_destroyed(host) == 1);
    test_host_fail_statement(host, 0, 0);
    /* What was begun before does not stand in the way of another try. */
    database = open_over(host);
    fill(database);
    cairn_database_close(database);
    CHECK(test_host_violation(host) == NULL);
    test_host_close(host);
    if (all_passed) return;
  }
  CHECK(!"opening ends");
}

static cairn_status write_three(cairn_collection* collection) {
  bytes rows = batch("[{\"id\": 1}, {\"id\": 2}, {\"id\": 3}]");
  cairn_transaction* transaction = NULL;
  cairn_status status = cairn_transaction_begin(collection, NULL, 0, &transaction, NULL);
  if (status == CAIRN_OK) {
    status = cairn_transaction_add(transaction, rows.data, rows.size, NULL);
  }
  if (status == CAIRN_OK) {
    cairn_buffer* out = UNSET;
    status = cairn_transaction_commit(transaction, &out, NULL);
    CHECK((status == CAIRN_OK) == (out != NULL));
    cairn_buffer_free(out);
  }
  cairn_transaction_close(transaction);
  return status;
}

/* One statement after the other fails while a transaction is written: it is whole, or not there. */
static void every_statement_of_writing_may_fail(void) {
  for (int n = 1; n < 200; n++) {
    test_host* host = test_host_open(":memory:");
    cairn_database* database = open_over(host);
    cairn_collection* collection = open_collection(database, "c", "{}");
    int64_t before = test_host_statements(host);
    test_host_fail_statement(host, n, 10);
    cairn_status status = write_three(collection);
    bool all_passed = test_host_statements(host) - before < n;
    test_host_fail_statement(host, 0, 0);
    CHECK(row_count(collection) == (status == CAIRN_OK ? 3 : 0));
    CHECK(!all_passed || status == CAIRN_OK);
    CHECK(write_three(collection) == CAIRN_OK);
    CHECK(row_count(collection) == 3);
    cairn_collection_close(collection);
    cairn_database_close(database);
    CHECK(test_host_violation(host) == NULL);
    test_host_close(host);
    if (all_passed) return;
  }
  CHECK(!"writing ends");
}

static void a_commit_that_fails_leaves_nothing(void) {
  test_host* host = test_host_open(":memory:");
  cairn_database* database = open_over(host);
  cairn_collection* collection = open_collection(database, "c", "{}");
  test_host_fail_commit(host, 13);
  cairn_status status = write_three(collection);
  CHECK(status == CAIRN_DISK_FULL || status == CAIRN_HOST);
  CHECK(row_count(collection) == 0);
  CHECK(write_three(collection) == CAIRN_OK);
  CHECK(row_count(collection) == 3);
  cairn_collection_close(collection);
  cairn_database_close(database);
  test_host_close(host);
}

static void another_applications_tables_are_left_alone(void) {
  test_host* host = test_host_open(":memory:");
  cairn_sql_executor executor = test_host_table(host);
  static const uint8_t none[] = {0x14, 0x01, 0x00};
  const char* sql = "CREATE TABLE users(id INTEGER PRIMARY KEY, name)";
  CHECK(executor.execute(executor.user_data, sql, strlen(sql), none, 3, NULL, NULL) == 0);
  /* A host's database is shared with the app: its tables are no reason to refuse. */
  cairn_database* database = open_over(host);
  fill(database);
  cairn_database_close(database);
  sql = "SELECT count(*) FROM users";
  CHECK(executor.execute(executor.user_data, sql, strlen(sql), none, 3, NULL, NULL) == 0);
  test_host_close(host);
}

int main(void) {
  static const test tests[] = {
      TEST(a_database_works_over_a_host),
      TEST(contents_stay_with_the_host),
      TEST(the_host_stays_until_the_last_handle_goes),
      TEST(a_table_that_is_none_is_refused),
      TEST(a_longer_table_works),
      TEST(every_statement_of_opening_may_fail),
      TEST(every_statement_of_writing_may_fail),
      TEST(a_commit_that_fails_leaves_nothing),
      TEST(another_applications_tables_are_left_alone),
  };
  return RUN_TESTS(tests);
}
