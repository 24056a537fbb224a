/* Transactions: begin, add, commit, and every way to end one otherwise. */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

static cairn_transaction* begin(cairn_collection* collection, const char* options) {
  bytes made = misaligned(table("TransactionOptions", options));
  cairn_transaction* transaction = UNSET;
  WORKS(cairn_transaction_begin(collection, made.data, made.size, &transaction, E));
  return transaction;
}

static void add(cairn_transaction* transaction, const char* rows) {
  bytes made = misaligned(batch(rows));
  WORKS(cairn_transaction_add(transaction, made.data, made.size, E));
}

/* Commits and closes; gives the result's JSON. */
static const char* commit(cairn_transaction* transaction) {
  cairn_buffer* out = UNSET;
  WORKS(cairn_transaction_commit(transaction, &out, E));
  const char* text = table_text("CommitResult", out);
  cairn_transaction_close(transaction);
  return text;
}

static void batches_are_committed_together(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_transaction* transaction = begin(collection, "{}");
  add(transaction, "[{\"id\": 1}, {\"id\": 2}]");
  add(transaction, "{\"id\": \"x\", \"v\": [1.5]}");
  CHECK(row_count(collection) == 0);
  const char* result = commit(transaction);
  CHECK(strstr(result, "\"inserted\":3") != NULL && strstr(result, "\"row_version\":1") != NULL);
  CHECK(row_count(collection) == 3);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void closing_rolls_back(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_transaction* transaction = begin(collection, "{}");
  add(transaction, "[{\"id\": 1}]");
  cairn_transaction_close(transaction);
  CHECK(row_count(collection) == 0);
  const char* result = commit(begin(collection, "{}"));
  CHECK(strstr(result, "\"outcome\":\"Unchanged\"") != NULL);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void after_commit_nothing_more_can_be_done(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_transaction* transaction = begin(collection, "{}");
  add(transaction, "[{\"id\": 1}]");
  cairn_buffer* out = UNSET;
  WORKS(cairn_transaction_commit(transaction, &out, E));
  cairn_buffer_free(out);
  bytes rows = batch("[{\"id\": 2}]");
  FAILS(CAIRN_WRONG_STATE, cairn_transaction_add(transaction, rows.data, rows.size, E));
  out = UNSET;
  FAILS(CAIRN_WRONG_STATE, cairn_transaction_commit(transaction, &out, E));
  CHECK(out == NULL);
  cairn_transaction_close(transaction);
  CHECK(row_count(collection) == 1);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

/* Adds bytes that must fail; the transaction can then only be closed. */
static void fail_add(cairn_collection* collection, cairn_status status, bytes rows) {
  cairn_transaction* transaction = begin(collection, "{}");
  add(transaction, "[{\"id\": \"before\"}]");
  GIVES(status, cairn_transaction_add(transaction, rows.data, rows.size, E));
  bytes good = batch("[{\"id\": \"after\"}]");
  FAILS(CAIRN_WRONG_STATE, cairn_transaction_add(transaction, good.data, good.size, E));
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_WRONG_STATE, cairn_transaction_commit(transaction, &out, E));
  CHECK(out == NULL);
  cairn_transaction_close(transaction);
  CHECK(row_count(collection) == 0);
}

static void after_an_error_nothing_is_written(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  bytes good = batch("[{\"id\": 1}]");
  bytes cut = {good.data, good.size / 2};
  fail_add(collection, CAIRN_MALFORMED, cut);
  fail_add(collection, CAIRN_MALFORMED, zeros(0));
  fail_add(collection, CAIRN_TOO_LARGE, zeros(((size_t)64 << 20) + 1));
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void a_transaction_keeps_other_writers_out(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_database* other = open_database("db", "{busy_timeout_ms: 0}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_collection* blocked = open_collection(other, "c", "{}");
  cairn_transaction* transaction = begin(collection, "{}");
  bytes key = value("1");
  bytes row = value("{}");
  uint64_t version = 9;
  FAILS(CAIRN_BUSY,
        cairn_collection_put(blocked, key.data, key.size, row.data, row.size, &version, E));
  CHECK(version == 0);
  cairn_transaction* second = UNSET;
  FAILS(CAIRN_BUSY, cairn_transaction_begin(blocked, NULL, 0, &second, E));
  CHECK(second == NULL);
  CHECK(row_count(blocked) == 0);
  commit(transaction);
  WORKS(cairn_collection_put(blocked, key.data, key.size, row.data, row.size, &version, E));
  CHECK(version > 0 && row_count(collection) == 1);
  cairn_collection_close(blocked);
  cairn_collection_close(collection);
  cairn_database_close(other);
  cairn_database_close(database);
}

static void one_handle_has_one_writer_too(void) {
  cairn_database* database = open_database("db", "{busy_timeout_ms: 0}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_transaction* transaction = begin(collection, "{}");
  cairn_transaction* second = UNSET;
  cairn_status status = cairn_transaction_begin(collection, NULL, 0, &second, NULL);
  CHECK(status == CAIRN_BUSY || status == CAIRN_WRONG_STATE);
  CHECK(second == NULL);
  cairn_transaction_close(transaction);
  commit(begin(collection, "{}"));
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void durability_is_what_was_reached(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* synced = open_collection(database, "synced", "{}");
  cairn_collection* local = open_collection(database, "local", "{local: true}");
  cairn_transaction* transaction = begin(synced, "{}");
  add(transaction, "[{\"id\": 1}]");
  CHECK(strstr(commit(transaction), "\"durability\":\"Os\"") != NULL);
  transaction = begin(local, "{}");
  add(transaction, "[{\"id\": 1}]");
  CHECK(strstr(commit(transaction), "\"durability\":\"Disk\"") != NULL);
  transaction = begin(synced, "{durability: \"Disk\"}");
  add(transaction, "[{\"id\": 2}]");
  CHECK(strstr(commit(transaction), "\"durability\":\"Disk\"") != NULL);
  cairn_collection_close(local);
  cairn_collection_close(synced);
  cairn_database_close(database);
}

static void options_that_cannot_be_are_refused(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_transaction* transaction = UNSET;
  bytes cut = table("TransactionOptions", "{id: \"t\"}");
  cut.size -= 4;
  FAILS(CAIRN_MALFORMED, cairn_transaction_begin(collection, cut.data, cut.size, &transaction, E));
  CHECK(transaction == NULL);
  commit(begin(collection, "{}"));
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void no_transaction_is_invalid(void) {
  cairn_transaction* transaction = UNSET;
  cairn_buffer* out = UNSET;
  bytes rows = batch("[{\"id\": 2}]");
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_transaction_begin(NULL, NULL, 0, &transaction, E));
  CHECK(transaction == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_transaction_add(NULL, rows.data, rows.size, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_transaction_commit(NULL, &out, E));
  CHECK(out == NULL);
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_transaction_begin(collection, NULL, 0, NULL, E));
  transaction = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_transaction_begin(collection, NULL, 3, &transaction, E));
  CHECK(transaction == NULL);
  transaction = begin(collection, "{}");
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_transaction_commit(transaction, NULL, E));
  cairn_transaction_close(transaction);
  transaction = begin(collection, "{}");
  GIVES(CAIRN_INVALID_ARGUMENT, cairn_transaction_add(transaction, NULL, 3, E));
  cairn_transaction_close(transaction);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

int main(void) {
  static const test tests[] = {
      TEST(batches_are_committed_together),
      TEST(closing_rolls_back),
      TEST(after_commit_nothing_more_can_be_done),
      TEST(after_an_error_nothing_is_written),
      TEST(a_transaction_keeps_other_writers_out),
      TEST(one_handle_has_one_writer_too),
      TEST(durability_is_what_was_reached),
      TEST(options_that_cannot_be_are_refused),
      TEST(no_transaction_is_invalid),
  };
  return RUN_TESTS(tests);
}
