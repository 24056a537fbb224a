/* Cursors: loading, deltas, snapshots and their end. */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

static cairn_cursor* load(cairn_collection* collection, const char* request) {
  bytes made = misaligned(table("LoadRequest", request));
  cairn_cursor* cursor = UNSET;
  WORKS(cairn_collection_load(collection, made.data, made.size, &cursor, E));
  return cursor;
}

static cairn_cursor* delta(cairn_collection* collection, const char* request) {
  bytes made = misaligned(table("DeltaRequest", request));
  cairn_cursor* cursor = UNSET;
  WORKS(cairn_collection_delta(collection, made.data, made.size, &cursor, E));
  return cursor;
}

/* The rows of the next batch as lines; null after the last one. */
static const char* next(cairn_cursor* cursor) {
  cairn_buffer* out = UNSET;
  cairn_error* error = UNSET;
  cairn_status status = cairn_cursor_next(cursor, &out, &error);
  if (status != CAIRN_OK) {
    check_call(status, CAIRN_DONE, &error, "cairn_cursor_next", __FILE__, __LINE__);
    CHECK(out == NULL);
    return NULL;
  }
  CHECK(error == NULL && out != NULL);
  CHECK((uintptr_t)cairn_buffer_data(out) % 16 == 0);
  bytes rows = bytes_of(out);
  cairn_buffer* lines = UNSET;
  WORKS(cairn_batch_to_json(rows.data, rows.size, &lines, E));
  return text_of(lines);
}

static int count_lines(const char* text) {
  int count = 0;
  for (; *text; text++) count += *text == '\n';
  return count;
}

static int count_rows(cairn_cursor* cursor) {
  int count = 0;
  for (const char* lines; (lines = next(cursor)) != NULL;) count += count_lines(lines);
  return count;
}

static void put_rows(cairn_collection* collection, int first, int count) {
  char key[16];
  char row[64];
  for (int i = first; i < first + count; i++) {
    snprintf(key, sizeof key, "%d", i);
    snprintf(row, sizeof row, "{\"n\": %d, \"text\": \"row %d\"}", i, i);
    put_row(collection, key, row);
  }
}

static void batches_are_bounded_and_end(cairn_database* database) {
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_rows(collection, 0, 25);
  cairn_cursor* cursor = load(collection, "{batch_rows: 10}");
  CHECK(count_lines(next(cursor)) == 10);
  CHECK(count_lines(next(cursor)) == 10);
  CHECK(count_lines(next(cursor)) == 5);
  CHECK(next(cursor) == NULL);
  CHECK(next(cursor) == NULL);
  cairn_cursor_close(cursor);
  cursor = UNSET;
  WORKS(cairn_collection_load(collection, NULL, 0, &cursor, E));
  CHECK(count_rows(cursor) == 25);
  cairn_cursor_close(cursor);
  cursor = load(collection, "{batch_bytes: 1}");
  CHECK(count_rows(cursor) == 25);
  cairn_cursor_close(cursor);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void batches_of_a_file(void) { batches_are_bounded_and_end(open_database("db", "{}")); }
static void batches_in_memory(void) { batches_are_bounded_and_end(open_memory()); }

static void the_head_gives_the_position(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_rows(collection, 0, 3);
  cairn_cursor* cursor = load(collection, "{}");
  cairn_buffer* out = UNSET;
  WORKS(cairn_cursor_head(cursor, &out, E));
  CHECK(strstr(table_text("CursorHead", out), "\"row_version\":3") != NULL);
  CHECK(count_rows(cursor) == 3);
  WORKS(cairn_cursor_head(cursor, &out, E));
  CHECK(strstr(table_text("CursorHead", out), "\"row_version\":3") != NULL);
  cairn_cursor_close(cursor);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void a_delta_gives_rows_and_deleted_keys(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_rows(collection, 0, 3);
  bytes key = value("0");
  WORKS(cairn_collection_remove(collection, key.data, key.size, NULL, E));
  cairn_cursor* cursor = delta(collection, "{since: 2}");
  cairn_buffer* out = UNSET;
  WORKS(cairn_cursor_head(cursor, &out, E));
  const char* head = table_text("CursorHead", out);
  CHECK(strstr(head, "\"changed\":1") != NULL && strstr(head, "\"deleted\":1") != NULL);
  const char* rows = next(cursor);
  REQUIRE(rows != NULL);
  CHECK(count_lines(rows) == 2);
  CHECK(strstr(rows, "\"op\":\"delete\"") != NULL);
  CHECK(next(cursor) == NULL);
  cairn_cursor_close(cursor);
  cursor = delta(collection, "{since: 3, reset_epoch: 77}");
  WORKS(cairn_cursor_head(cursor, &out, E));
  head = table_text("CursorHead", out);
  CHECK(strstr(head, "\"reload\":true") != NULL && strstr(head, "\"reload_reason\":\"") != NULL);
  CHECK(next(cursor) == NULL);
  cairn_cursor_close(cursor);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void a_cursor_of_a_file_keeps_its_snapshot(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_rows(collection, 0, 20);
  cairn_cursor* cursor = load(collection, "{batch_rows: 5}");
  CHECK(count_lines(next(cursor)) == 5);
  put_rows(collection, 20, 10);
  bytes key = value("19");
  WORKS(cairn_collection_remove(collection, key.data, key.size, NULL, E));
  CHECK(count_rows(cursor) == 15);
  cairn_cursor_close(cursor);
  cursor = load(collection, "{}");
  CHECK(count_rows(cursor) == 29);
  cairn_cursor_close(cursor);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void a_cursor_of_a_file_outlives_reset_and_drop(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_rows(collection, 0, 20);
  cairn_cursor* first = load(collection, "{batch_rows: 5}");
  WORKS(cairn_collection_reset(collection, E));
  CHECK(count_rows(first) == 20);
  put_rows(collection, 0, 7);
  cairn_cursor* second = load(collection, "{batch_rows: 5}");
  WORKS(cairn_collection_drop(database, "c", 1, E));
  CHECK(count_rows(second) == 7);
  cairn_cursor_close(first);
  cairn_cursor_close(second);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void a_write_ends_cursors_in_memory(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_collection* other = open_collection(database, "other", "{}");
  put_rows(collection, 0, 20);
  cairn_cursor* cursor = load(collection, "{batch_rows: 5}");
  CHECK(count_lines(next(cursor)) == 5);
  put_rows(other, 0, 1);
  CHECK(count_lines(next(cursor)) == 5);
  put_rows(collection, 20, 1);
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_SNAPSHOT_EXPIRED, cairn_cursor_next(cursor, &out, E));
  CHECK(out == NULL);
  cairn_cursor_close(cursor);
  cursor = load(collection, "{}");
  CHECK(count_rows(cursor) == 21);
  cairn_cursor_close(cursor);
  cairn_collection_close(collection);
  cairn_collection_close(other);
  cairn_database_close(database);
}

static void keys_that_cannot_be_keys_are_refused(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  bytes request = table("LoadRequest", "{subset: {keys: [1, null]}}");
  cairn_cursor* cursor = UNSET;
  FAILS(CAIRN_INVALID_VALUE,
        cairn_collection_load(collection, request.data, request.size, &cursor, E));
  CHECK(cursor == NULL);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void no_cursor_is_invalid(void) {
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_cursor_next(NULL, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_cursor_head(NULL, &out, E));
  CHECK(out == NULL);
  cairn_cursor* cursor = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_load(NULL, NULL, 0, &cursor, E));
  CHECK(cursor == NULL);
  cursor = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_delta(NULL, NULL, 0, &cursor, E));
  CHECK(cursor == NULL);
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_load(collection, NULL, 0, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_delta(collection, NULL, 0, NULL, E));
  cursor = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_load(collection, NULL, 9, &cursor, E));
  CHECK(cursor == NULL);
  cursor = load(collection, "{}");
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_cursor_next(cursor, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_cursor_head(cursor, NULL, E));
  cairn_cursor_close(cursor);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

int main(void) {
  static const test tests[] = {
      TEST(batches_of_a_file),
      TEST(batches_in_memory),
      TEST(the_head_gives_the_position),
      TEST(a_delta_gives_rows_and_deleted_keys),
      TEST(a_cursor_of_a_file_keeps_its_snapshot),
      TEST(a_cursor_of_a_file_outlives_reset_and_drop),
      TEST(a_write_ends_cursors_in_memory),
      TEST(keys_that_cannot_be_keys_are_refused),
      TEST(no_cursor_is_invalid),
  };
  return RUN_TESTS(tests);
}
