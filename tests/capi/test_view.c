/* Views: every sort of field by its name, tables in tables, row batches column by column, and bytes
 * that are malformed. */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define NAME(text) text, sizeof(text) - 1

static cairn_view* open_view(const char* name, bytes from) {
  cairn_view* view = UNSET;
  WORKS(cairn_view_open(name, strlen(name), from.data, from.size, &view, E));
  return view;
}

static uint64_t number(cairn_view* view, uint32_t at, const char* field) {
  uint64_t out = 77;
  WORKS(cairn_view_number(view, at, field, strlen(field), &out, E));
  return out;
}

static uint32_t sub_table(cairn_view* view, uint32_t at, const char* field, size_t index) {
  uint32_t out = 77;
  WORKS(cairn_view_table(view, at, field, strlen(field), index, &out, E));
  return out;
}

static void check_text_at(cairn_view* view, uint32_t at, const char* field, size_t index,
                          const char* expected) {
  const char* text = UNSET;
  size_t size = 77;
  WORKS(cairn_view_text(view, at, field, strlen(field), index, &text, &size, E));
  CHECK(size == strlen(expected) && memcmp(text, expected, size) == 0);
}

static void numbers(void) {
  bytes event = table("ReplicaEvent",
                      "{kind: \"Tick\", number: 18446744073709551615, status: -7, now_ms: -8}");
  cairn_view* view = open_view("ReplicaEvent", misaligned(event));
  CHECK(number(view, 0, "kind") == 16);
  CHECK(number(view, 0, "number") == UINT64_MAX);
  CHECK((int64_t)number(view, 0, "status") == -7);
  CHECK((int64_t)number(view, 0, "now_ms") == -8);
  cairn_view_close(view);
  view = open_view("LoadRequest", table("LoadRequest", "{versions: true, batch_rows: 9}"));
  CHECK(number(view, 0, "versions") == 1);
  CHECK(number(view, 0, "batch_rows") == 9);
  cairn_view_close(view);
}

static void what_is_absent_is_not_found(void) {
  cairn_view* view = open_view("CursorHead", table("CursorHead", "{reload_reason: \"r\"}"));
  uint64_t out = 77;
  GIVES(CAIRN_NOT_FOUND, cairn_view_number(view, 0, NAME("changed"), &out, E));
  CHECK(out == 0);
  uint32_t sub = 77;
  GIVES(CAIRN_NOT_FOUND, cairn_view_table(view, 0, NAME("position"), 0, &sub, E));
  CHECK(sub == 0);
  const char* text = UNSET;
  size_t size = 77;
  GIVES(CAIRN_NOT_FOUND, cairn_view_text(view, 0, NAME("transaction_ids"), 0, &text, &size, E));
  CHECK(text == NULL && size == 0);
  GIVES(CAIRN_NOT_FOUND, cairn_view_text(view, 0, NAME("reload_reason"), 1, &text, &size, E));
  cairn_view_close(view);
  view = open_view("Question", table("Question", "{}"));
  const void* vector = UNSET;
  size = 77;
  GIVES(CAIRN_NOT_FOUND, cairn_view_vector(view, 0, NAME("values"), 1, &vector, &size, E));
  CHECK(vector == NULL && size == 0);
  cairn_view_close(view);
}

static void texts_and_tables(void) {
  bytes head = table("CursorHead",
                     "{position: {row_version: 5}, transaction_ids: [\"a\", \"\", \"\xC3\xA9\"],"
                     " metadata: [{key: \"k\", value: 1}, {key: \"l\"}]}");
  cairn_view* view = open_view("CursorHead", head);
  uint32_t position = sub_table(view, 0, "position", 0);
  CHECK(position != 0 && number(view, position, "row_version") == 5);
  check_text_at(view, 0, "transaction_ids", 0, "a");
  check_text_at(view, 0, "transaction_ids", 1, "");
  check_text_at(view, 0, "transaction_ids", 2, "\xC3\xA9");
  const char* text = UNSET;
  size_t size = 0;
  GIVES(CAIRN_NOT_FOUND, cairn_view_text(view, 0, NAME("transaction_ids"), 3, &text, &size, E));
  uint32_t first = sub_table(view, 0, "metadata", 0), second = sub_table(view, 0, "metadata", 1);
  check_text_at(view, first, "key", 0, "k");
  check_text_at(view, second, "key", 0, "l");
  const void* vector = UNSET;
  WORKS(cairn_view_vector(view, first, NAME("value"), 1, &vector, &size, E));
  CHECK(size == 1 && *(const uint8_t*)vector == 0x21);
  GIVES(CAIRN_NOT_FOUND, cairn_view_vector(view, second, NAME("value"), 1, &vector, &size, E));
  uint32_t out = 77;
  GIVES(CAIRN_NOT_FOUND, cairn_view_table(view, 0, NAME("metadata"), 2, &out, E));
  GIVES(CAIRN_NOT_FOUND, cairn_view_table(view, 0, NAME("metadata"), SIZE_MAX, &out, E));
  GIVES(CAIRN_NOT_FOUND, cairn_view_table(view, 0, NAME("position"), 1, &out, E));
  cairn_view_close(view);
}

/* The rows as a cursor gives them: in columns. */
static bytes loaded(const char* json) {
  bytes rows = batch(json);
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_transaction* transaction = UNSET;
  WORKS(cairn_transaction_begin(collection, NULL, 0, &transaction, E));
  WORKS(cairn_transaction_add(transaction, rows.data, rows.size, E));
  cairn_buffer* out = UNSET;
  WORKS(cairn_transaction_commit(transaction, &out, E));
  cairn_buffer_free(out);
  cairn_transaction_close(transaction);
  bytes request = table("LoadRequest", "{versions: true}");
  cairn_cursor* cursor = UNSET;
  WORKS(cairn_collection_load(collection, request.data, request.size, &cursor, E));
  WORKS(cairn_cursor_next(cursor, &out, E));
  rows = bytes_of(out);
  cairn_cursor_close(cursor);
  cairn_collection_close(collection);
  cairn_database_close(database);
  return rows;
}

/* A vector of the column's, which has to be there. */
static const void* column(cairn_view* view, uint32_t at, const char* field, uint32_t element,
                          size_t expected) {
  const void* out = UNSET;
  size_t count = 77;
  WORKS(cairn_view_vector(view, at, field, strlen(field), element, &out, &count, E));
  CHECK(count == expected);
  return out;
}

static void a_row_batch_column_by_column(void) {
  cairn_view* view = open_view(
      "RowBatch", loaded("[{\"id\": 1, \"t\": \"one\", \"d\": {\"$date\": 5}, \"x\": 0.5},"
                         " {\"id\": 2, \"t\": \"two\", \"d\": {\"$date\": 6}, \"x\": null}]"));
  CHECK(number(view, 0, "count") == 2);
  uint32_t keys = sub_table(view, 0, "keys", 0);
  const int32_t* ids = column(view, keys, "ints", 4, 2);
  CHECK(ids[0] == 1 && ids[1] == 2);
  uint32_t values = sub_table(view, 0, "values", 0);
  uint32_t group = sub_table(view, values, "groups", 0);
  column(view, group, "fields", 1, 12);
  const uint32_t* ends = column(view, sub_table(view, group, "columns", 1), "ends", 4, 2);
  const char* narrow = column(view, 0, "narrow", 1, 6);
  CHECK(ends[0] >> 1 == 3 && ends[1] >> 1 == 6 && memcmp(narrow, "onetwo", 6) == 0);
  const double* dates = column(view, sub_table(view, group, "columns", 2), "doubles", 8, 2);
  CHECK(dates[0] == 5 && dates[1] == 6);
  const uint8_t* nulls = column(view, sub_table(view, group, "columns", 3), "nulls", 1, 1);
  CHECK(nulls[0] == 2);
  cairn_view_close(view);
}

static void a_batch_inside_an_effect(void) {
  cairn_view* effect =
      open_view("ReplicaEffect",
                table("ReplicaEffect", "{kind: \"Rows\", batch: [{key: 1, value: {a: true}}]}"));
  const void* inside = UNSET;
  size_t size = 0;
  WORKS(cairn_view_vector(effect, 0, NAME("batch"), 1, &inside, &size, E));
  bytes rows = {inside, size};
  cairn_view* view = open_view("RowBatch", rows);
  CHECK(number(view, 0, "count") == 1);
  cairn_view_close(view);
  cairn_view_close(effect);
}

static void what_cannot_be_read(void) {
  bytes head = table("CursorHead", "{position: {}, transaction_ids: [\"a\"], changed: 4}");
  cairn_view* view = open_view("CursorHead", head);
  uint64_t out = 77;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_number(view, 0, NAME("nothing"), &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_number(view, 0, NULL, 0, &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_number(view, 0, NULL, 5, &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_number(view, 0, NAME("position"), &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_number(view, 0, NAME("transaction_ids"), &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_number(view, 1, NAME("changed"), &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_number(view, UINT32_MAX, NAME("changed"), &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_number(NULL, 0, NAME("changed"), &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_number(view, 0, NAME("changed"), NULL, E));
  CHECK(out == 0);
  const char* text = UNSET;
  size_t size = 77;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_text(view, 0, NAME("changed"), 0, &text, &size, E));
  CHECK(text == NULL && size == 0);
  FAILS(CAIRN_INVALID_ARGUMENT,
        cairn_view_text(view, 0, NAME("transaction_ids"), 0, &text, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT,
        cairn_view_text(view, 0, NAME("transaction_ids"), 0, NULL, &size, E));
  const void* vector = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT,
        cairn_view_vector(view, 0, NAME("transaction_ids"), 4, &vector, &size, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_vector(view, 0, NAME("changed"), 8, &vector, &size, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_vector(view, 0, NAME("changed"), 8, &vector, NULL, E));
  CHECK(vector == NULL);
  uint32_t sub = 77;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_table(view, 0, NAME("transaction_ids"), 0, &sub, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_table(NULL, 0, NAME("position"), 0, &sub, E));
  cairn_view_close(view);
  view = open_view("Answer", table("Answer", "{values: [1]}"));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_vector(view, 0, NAME("values"), 4, &vector, &size, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_vector(view, 0, NAME("values"), 0, &vector, &size, E));
  cairn_view_close(view);
  cairn_view_close(NULL);
}

static void what_cannot_be_opened(void) {
  bytes head = table("CursorHead", "{changed: 4}");
  cairn_view* view = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_open(NAME("Nothing"), head.data, head.size, &view, E));
  CHECK(view == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_open(NULL, 0, head.data, head.size, &view, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_open("\xFF", 1, head.data, head.size, &view, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_view_open(NAME("CursorHead"), head.data, head.size, NULL, E));
  FAILS(CAIRN_MALFORMED, cairn_view_open(NAME("CursorHead"), NULL, 0, &view, E));
  FAILS(CAIRN_MALFORMED, cairn_view_open(NAME("CursorHead"), head.data, 7, &view, E));
  FAILS(CAIRN_MALFORMED, cairn_view_open(NAME("RowBatch"), NULL, 0, &view, E));
  FAILS(CAIRN_MALFORMED, cairn_view_open(NAME("RowBatch"), head.data, 4, &view, E));
  CHECK(view == NULL);
  bytes large = zeros((size_t)66 << 20);
  FAILS(CAIRN_TOO_LARGE, cairn_view_open(NAME("RowBatch"), large.data, large.size, &view, E));
  FAILS(CAIRN_TOO_LARGE, cairn_view_open(NAME("CursorHead"), large.data, large.size, &view, E));
}

/* --- malformed bytes: whatever opens can be read, to its last byte --- */

static uint64_t touched;

static const uint8_t* touch(cairn_view* view, uint32_t at, const char* field, uint32_t element,
                            size_t* count) {
  const void* out = NULL;
  cairn_status status =
      cairn_view_vector(view, at, field, strlen(field), element, &out, count, NULL);
  CHECK(status == CAIRN_OK || status == CAIRN_NOT_FOUND || status == CAIRN_MALFORMED);
  const uint8_t* all = out;
  for (size_t i = 0; i < *count * element; i++) touched += all[i];
  return all;
}

static uint64_t number_or_0(cairn_view* view, uint32_t at, const char* field) {
  uint64_t out = 0;
  cairn_view_number(view, at, field, strlen(field), &out, NULL);
  return out;
}

static bool find_table(cairn_view* view, uint32_t at, const char* field, size_t index,
                       uint32_t* out) {
  return cairn_view_table(view, at, field, strlen(field), index, out, NULL) == CAIRN_OK;
}

static void walk_objects(cairn_view* view, uint32_t at, int depth);

/* As a decoder does: it relies on what opening a row batch has checked. */
static void walk_column(cairn_view* view, uint32_t at, int depth) {
  size_t count, size;
  touch(view, at, "nulls", 1, &count);
  touch(view, at, "ints", 4, &count);
  touch(view, at, "doubles", 8, &count);
  touch(view, at, "codes16", 2, &count);
  touch(view, at, "codes", 1, &count);
  uint64_t kind = number_or_0(view, at, "kind");
  const uint8_t* data = touch(view, at, "data", 1, &size);
  const uint32_t* ends = (const uint32_t*)(const void*)touch(view, at, "ends", 4, &count);
  if (kind == 7 || kind == 10) {
    for (uint32_t i = 0; count > 0 && i < ends[count - 1]; i++) touched += data[i];
  }
  const uint8_t* narrow = touch(view, 0, "narrow", 1, &size);
  for (size_t i = 0, end = number_or_0(view, at, "narrow_start"); kind == 5 && i < count; i++) {
    if (ends[i] & 1) continue;
    for (; end < ends[i] >> 1; end++) touched += narrow[end];
  }
  uint32_t sub;
  if (depth < 20 && find_table(view, at, "child", 0, &sub)) walk_column(view, sub, depth + 1);
  if (depth < 20 && find_table(view, at, "objects", 0, &sub)) walk_objects(view, sub, depth + 1);
}

static void walk_objects(cairn_view* view, uint32_t at, int depth) {
  uint32_t group, sub;
  size_t count;
  touch(view, at, "group_of", 2, &count);
  for (size_t i = 0; find_table(view, at, "groups", i, &group); i++) {
    touch(view, group, "fields", 1, &count);
    for (size_t k = 0; find_table(view, group, "columns", k, &sub); k++) {
      walk_column(view, sub, depth);
    }
  }
  if (find_table(view, at, "loose", 0, &sub)) walk_column(view, sub, depth);
}

static void walk_batch(cairn_view* view) {
  uint32_t sub;
  size_t count;
  touch(view, 0, "ops", 1, &count);
  touch(view, 0, "versions", 8, &count);
  CHECK(count == 0 || count == number_or_0(view, 0, "count"));
  touch(view, 0, "metadata_ops", 1, &count);
  touch(view, 0, "narrow", 1, &count);
  touch(view, 0, "wide", 2, &count);
  if (find_table(view, 0, "keys", 0, &sub)) walk_column(view, sub, 1);
  if (find_table(view, 0, "values", 0, &sub)) walk_objects(view, sub, 1);
  if (find_table(view, 0, "metadata", 0, &sub)) walk_column(view, sub, 1);
}

static void walk_effect(cairn_view* view) {
  uint32_t sub;
  size_t count;
  const char* text;
  touch(view, 0, "batch", 1, &count);
  touch(view, 0, "payload", 1, &count);
  number_or_0(view, 0, "number");
  for (size_t i = 0; find_table(view, 0, "metadata", i, &sub); i++) {
    touch(view, sub, "value", 1, &count);
  }
  for (size_t i = 0;
       cairn_view_text(view, 0, NAME("transaction_ids"), i, &text, &count, NULL) == CAIRN_OK; i++) {
    for (size_t k = 0; k < count; k++) touched += (uint8_t)text[k];
  }
}

/* Opens bytes that end where a sanitizer sees it, aligned so that they are read in place. */
static bool try_bytes(const char* name, const uint8_t* from, size_t size,
                      void (*walk)(cairn_view* view)) {
  uint8_t* copy = malloc(size);
  if (!copy) abort();
  memcpy(copy, from, size);
  cairn_view* view = NULL;
  cairn_status status = cairn_view_open(name, strlen(name), copy, size, &view, NULL);
  CHECK(status == CAIRN_OK || status == CAIRN_MALFORMED || status == CAIRN_TOO_LARGE);
  if (status == CAIRN_OK) walk(view);
  cairn_view_close(view);
  free(copy);
  return status == CAIRN_OK;
}

static void try_all(const char* name, bytes valid, void (*walk)(cairn_view* view)) {
  static const uint8_t changes[] = {0x01, 0x80, 0xFF, 0x04};
  CHECK(try_bytes(name, valid.data, valid.size, walk));
  uint8_t* copy = malloc(valid.size);
  if (!copy) abort();
  size_t opened = 0;
  for (size_t size = 1; size < valid.size; size++) try_bytes(name, valid.data, size, walk);
  for (size_t i = 0; i < valid.size; i++) {
    for (size_t k = 0; k < sizeof changes; k++) {
      memcpy(copy, valid.data, valid.size);
      copy[i] ^= changes[k];
      opened += try_bytes(name, copy, valid.size, walk);
    }
  }
  CHECK(opened > 0 && opened < valid.size * sizeof changes);
  free(copy);
}

static void malformed_batches(void) {
  try_all("RowBatch",
          loaded("[{\"id\": \"a\", \"t\": \"one\", \"l\": [1, 2.5], \"o\": {\"p\": {\"$date\": 5}},"
                 " \"b\": {\"$bytes\": \"AAEC\"}, \"m\": {\"$bigint\": \"1\"}, \"y\": true},"
                 " {\"id\": \"b\", \"t\": null, \"l\": [], \"o\": null, \"b\": null, \"m\": 1,"
                 " \"y\": null}, {\"id\": \"c\"}]"),
          walk_batch);
  char rows[2000] = "[";
  for (int i = 0; i < 20; i++) {
    char row[80];
    snprintf(row, sizeof row, "%s{\"id\": %d, \"r\": \"%s\"}", i ? "," : "", i,
             i % 2 ? "odd" : "even");
    strcat(rows, row);
  }
  try_all("RowBatch", loaded(strcat(rows, "]")), walk_batch);
}

static void malformed_tables(void) {
  try_all(
      "ReplicaEffect",
      table("ReplicaEffect",
            "{kind: \"Changes\", number: 4, batch: [{key: 1, value: {a: 1}}], position: {seq: 1},"
            " metadata: [{key: \"k\", value: {\"$bytes\": \"AAEC\"}}],"
            " transaction_ids: [\"one\", \"two\"], message: \"m\"}"),
      walk_effect);
}

int main(void) {
  static const test tests[] = {
      TEST(numbers),
      TEST(what_is_absent_is_not_found),
      TEST(texts_and_tables),
      TEST(a_row_batch_column_by_column),
      TEST(a_batch_inside_an_effect),
      TEST(what_cannot_be_read),
      TEST(what_cannot_be_opened),
      TEST(malformed_batches),
      TEST(malformed_tables),
  };
  return RUN_TESTS(tests);
}
