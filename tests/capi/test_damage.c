/* Files that were damaged or written by others: an error that says what is wrong, never a crash,
 * and never a changed file. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"

static void fail_open(cairn_status status, const char* path, const char* options) {
  bytes made = table("DatabaseOptions", options);
  cairn_database* database = UNSET;
  FAILS(status, cairn_database_open(path, strlen(path), made.data, made.size, &database, E));
  CHECK(database == NULL);
}

/* Runs SQL on the file as no one but a test should. */
static void change_file(const char* path, const char* sql) {
  sqlite3* file = NULL;
  CHECK(sqlite3_open(path, &file) == SQLITE_OK);
  CHECK(sqlite3_exec(file, sql, NULL, NULL, NULL) == SQLITE_OK);
  sqlite3_close(file);
}

static void a_newer_format_is_left_alone(void) {
  cairn_database_close(open_database("db", "{}"));
  const char* path = test_path("db");
  change_file(path, "UPDATE cairn_format SET value = 1000000 WHERE id = 1");
  fail_open(CAIRN_NEWER_FORMAT, path, "{}");
  fail_open(CAIRN_NEWER_FORMAT, path, "{read_only: true}");
  change_file(path, "UPDATE cairn_format SET value = 2 WHERE id = 1");
  cairn_database_close(open_database("db", "{}"));
}

/* Puts three rows in a file, changes it with SQL, and gives its CheckReport. */
static const char* check_after(const char* sql) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_row(collection, "1", "{\"a\": \"first\"}");
  put_row(collection, "2", "{\"a\": \"second\"}");
  put_row(collection, "3", "{\"a\": \"third\"}");
  cairn_collection_close(collection);
  cairn_database_close(database);
  change_file(test_path("db"), sql);
  database = open_database("db", "{}");
  cairn_buffer* out = UNSET;
  WORKS(cairn_database_check(database, NULL, 0, &out, E));
  const char* report = table_text("CheckReport", out);
  cairn_database_close(database);
  remove(test_path("db"));
  return report;
}

static void check_finds_damage(void) {
  const char* report = check_after("SELECT 1");
  CHECK(strstr(report, "\"ok\":true") && strstr(report, "\"problem_count\":0"));
  /* A changed byte in a value, whose hash no longer fits. */
  report = check_after(
      "UPDATE cairn_rows_1 SET value = CAST(substr(value, 1, length(value) - 1) || x'7A' AS BLOB)"
      " WHERE id = 2");
  CHECK(strstr(report, "\"ok\":false") && strstr(report, "\"key\":2"));
  CHECK(strstr(report, "\"problem_count\":1"));
  /* A row that is gone, so that the count no longer fits. */
  report = check_after("DELETE FROM cairn_rows_1 WHERE id = 1");
  CHECK(strstr(report, "\"ok\":false") && strstr(report, "\"collection\":\"c\""));
  report = check_after("UPDATE cairn_rows_1 SET value = x''");
  CHECK(strstr(report, "\"ok\":false") && strstr(report, "\"problem_count\":3"));
}

static void reading_a_damaged_row_is_an_error(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_row(collection, "1", "{\"a\": [1, 2]}");
  cairn_collection_close(collection);
  cairn_database_close(database);
  change_file(test_path("db"), "UPDATE cairn_rows_1 SET value = substr(value, 1, 12)");
  database = open_database("db", "{}");
  collection = open_collection(database, "c", "{}");
  bytes key = value("1");
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_CORRUPT, cairn_collection_get(collection, key.data, key.size, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_CORRUPT, cairn_database_digest(database, &out, E));
  CHECK(out == NULL);
  cairn_cursor* cursor = UNSET;
  WORKS(cairn_collection_load(collection, NULL, 0, &cursor, E));
  out = UNSET;
  GIVES(CAIRN_CORRUPT, cairn_cursor_next(cursor, &out, E));
  CHECK(out == NULL);
  cairn_cursor_close(cursor);
  /* A new value repairs it. */
  put_row(collection, "1", "{\"a\": 1}");
  out = UNSET;
  WORKS(cairn_collection_get(collection, key.data, key.size, &out, E));
  cairn_buffer_free(out);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

/* A file of some hundred pages. */
static const char* make_file(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  char row[1200];
  for (int i = 0; i < 150; i++) {
    int size = sprintf(row, "{\"n\": %d, \"text\": \"", i);
    memset(row + size, 'a' + i % 26, 1000);
    memcpy(row + size + 1000, "\"}", 3);
    char key[16];
    sprintf(key, "%d", i);
    put_row(collection, key, row);
  }
  cairn_collection_close(collection);
  cairn_database_close(database);
  return test_path("db");
}

/* What may become of reading a damaged file. */
static void check_status(cairn_status status) {
  bool fine = status == CAIRN_OK || status == CAIRN_DONE || status == CAIRN_NOT_FOUND ||
              (status >= 300 && status < 400);
  if (!fine) check_call(status, CAIRN_CORRUPT, NULL, "a damaged file", __FILE__, __LINE__);
}

static void read_everything(cairn_database* database) {
  cairn_buffer* out = UNSET;
  check_status(cairn_database_check(database, NULL, 0, &out, NULL));
  cairn_buffer_free(out);
  check_status(cairn_database_digest(database, &out, NULL));
  cairn_buffer_free(out);
  cairn_collection* collection = UNSET;
  cairn_status status = cairn_collection_open(database, "c", 1, NULL, 0, &collection, NULL);
  check_status(status);
  if (status != CAIRN_OK) return;
  cairn_cursor* cursor = UNSET;
  status = cairn_collection_load(collection, NULL, 0, &cursor, NULL);
  check_status(status);
  while (status == CAIRN_OK) {
    status = cairn_cursor_next(cursor, &out, NULL);
    check_status(status);
    cairn_buffer_free(out);
  }
  cairn_cursor_close(cursor);
  cairn_collection_close(collection);
}

static void try_file(const char* path) {
  cairn_database* database = UNSET;
  cairn_status status = cairn_database_open(path, strlen(path), NULL, 0, &database, NULL);
  CHECK((status == CAIRN_OK) == (database != NULL));
  check_status(status);
  if (status == CAIRN_OK) read_everything(database);
  cairn_database_close(database);
}

static void a_file_that_was_cut_off(void) {
  const char* path = make_file();
  for (long size = 170000; size > 0; size -= 9777) {
    CHECK(truncate(path, size) == 0);
    try_file(path);
  }
}

static void a_file_with_changed_bytes(void) {
  const char* path = make_file();
  FILE* file = fopen(path, "rb");
  REQUIRE(file != NULL);
  uint8_t* whole = malloc(1 << 20);
  REQUIRE(whole != NULL);
  size_t size = fread(whole, 1, 1 << 20, file);
  fclose(file);
  uint32_t noise = 2463534242u;
  for (int round = 0; round < 200; round++) {
    uint8_t* copy = malloc(size);
    if (!copy) abort();
    memcpy(copy, whole, size);
    for (int change = 0; change < 8; change++) {
      noise ^= noise << 13, noise ^= noise >> 17, noise ^= noise << 5;
      /* Every other change goes to the first pages, where the catalog is. */
      size_t at = (change % 2 ? noise % size : noise % 32768 % size);
      copy[at] = (uint8_t)(noise >> 24);
    }
    file = fopen(path, "wb");
    CHECK(file && fwrite(copy, 1, size, file) == size);
    if (file) fclose(file);
    free(copy);
    try_file(path);
  }
  free(whole);
}

int main(void) {
  static const test tests[] = {
      TEST(a_newer_format_is_left_alone),      TEST(check_finds_damage),
      TEST(reading_a_damaged_row_is_an_error), TEST(a_file_that_was_cut_off),
      TEST(a_file_with_changed_bytes),
  };
  return RUN_TESTS(tests);
}
