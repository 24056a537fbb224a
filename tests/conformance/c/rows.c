/* The steps that write and read rows; see steps.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steps.h"

static void close_transaction(void* it) { cairn_transaction_close(it); }

static void write_batches(const char* mode, const struct bytes* batches, size_t count) {
  json* options = get(step, "options");
  if (mode != NULL) {
    options = copy_of(options);
    json_object_object_add(options, "mode", json_object_new_string(mode));
  }
  struct bytes bytes = table_of("TransactionOptions", options);
  cairn_transaction* writing;
  CALL(cairn_transaction_begin, in(step), bytes.data, bytes.size, &writing);
  defer(writing, close_transaction);
  for (size_t i = 0; i < count; i++)
    CALL(cairn_transaction_add, writing, batches[i].data, batches[i].size);
  EXPECT("CommitResult", cairn_transaction_commit, writing);
}

/* One list of mutations or rows, or `batches` with several. */
static void write_lists(const char* field, const char* mode) {
  struct bytes encoded[64];
  size_t count = 0;
  json* lists = get(step, "batches");
  for (size_t i = 0; i < (lists == NULL ? 1 : length(lists)); i++) {
    json* list = lists == NULL ? get(step, field) : item(lists, i);
    if (is_raw(list))
      encoded[count++] = raw(list);
    else if (length(list) > 0)
      encoded[count++] = batch_of(list, strcmp(field, "rows") == 0);
  }
  write_batches(mode, encoded, count);
}

void do_apply(void) { write_lists("mutations", NULL); }
void do_reconcile(void) { write_lists("rows", "Reconcile"); }

void do_fill(void) {
  json* rows = owned(json_object_new_array());
  int64_t start = number(step, "start", 0), letters = number(step, "text", -1);
  char *many = defer(malloc((size_t)letters + 2), free), key[128];
  memset(many, 'x', (size_t)letters + 1);
  for (int64_t i = start; i < start + number(step, "count", 0); i++) {
    json *row = json_object_new_array(), *value = json_object_new_object();
    snprintf(key, sizeof key, "%s%d", text(step, "prefix", "k"), (int)i);
    json_object_array_add(rows, row);
    json_object_array_add(row, json_object_new_string(key));
    json_object_array_add(row, value);
    json_object_object_add(value, "n", json_object_new_int64(i + number(step, "add", 0)));
    if (letters >= 0)
      json_object_object_add(value, "t", json_object_new_string_len(many, (int)letters));
  }
  struct bytes batch = batch_of(rows, true);
  write_batches(NULL, &batch, 1);
}

void do_json(void) {
  json* rows = get(step, "text");
  const char* field = text(step, "key_field", "");
  CALL(cairn_batch_from_json, json_object_get_string(rows),
       (size_t)json_object_get_string_len(rows), field, strlen(field), &out);
  struct bytes batch = take(out);
  write_batches(NULL, &batch, 1);
}

static void expect_version(uint64_t version) {
  json* result = owned(json_object_new_object());
  json_object_object_add(result, "row_version", json_object_new_uint64(version));
  expect_table(get(step, "result"), result);
}

void do_put(void) {
  struct bytes key = value_of(get(step, "key")), value = value_of(get(step, "value"));
  uint64_t version;
  CALL(cairn_collection_put, in(step), key.data, key.size, value.data, value.size, &version);
  expect_version(version);
}

void do_remove(void) {
  struct bytes key = value_of(get(step, "key"));
  uint64_t version;
  CALL(cairn_collection_remove, in(step), key.data, key.size, &version);
  expect_version(version);
}

static void expect_row(json* wanted_key, json* wanted) {
  struct bytes key = value_of(wanted_key);
  CALL(cairn_collection_get, in(step), key.data, key.size, &out);
  expect_value(wanted, json_of_value(take(out)));
}

void do_get(void) { expect_row(get(step, "key"), get(step, "value")); }

static json* info_of(cairn_collection* one) {
  CALL(cairn_collection_info, one, &out);
  return json_of("CollectionInfo", take(out));
}

cairn_cursor* open_cursor(json* from) {
  json* request = get(from, "request");
  cairn_cursor* opened;
  if (get(from, "since") == NULL) {
    struct bytes bytes = table_of("LoadRequest", request);
    CALL(cairn_collection_load, in(from), bytes.data, bytes.size, &opened);
    return opened;
  }
  json* wanted = copy_of(request);
  int64_t epoch = number(get(info_of(in(from)), "position"), "reset_epoch", 0);
  json_object_object_add(wanted, "since", json_object_get(get(from, "since")));
  json_object_object_add(wanted, "reset_epoch",
                         json_object_new_int64(epoch - number(from, "epochs_ago", 0)));
  struct bytes bytes = table_of("DeltaRequest", wanted);
  CALL(cairn_collection_delta, in(from), bytes.data, bytes.size, &opened);
  return opened;
}

static void close_cursor(void* it) { cairn_cursor_close(it); }

struct bytes next_of(cairn_cursor* cursor, cairn_status* status) {
  *status = cairn_cursor_next(cursor, &out, &call_error);
  if (*status != CAIRN_QUESTION && *status != CAIRN_DONE) check(*status);
  return take(out);
}

void answer_to(cairn_cursor* cursor, json* answer) {
  struct bytes bytes = table_of("Answer", answer);
  CALL(cairn_cursor_answer, cursor, bytes.data, bytes.size);
}

/* Reads a cursor to its end, and compares the rows. */
static void drain(cairn_cursor* cursor) {
  json *rows = owned(json_object_new_array()), *count = get(step, "row_count");
  cairn_status status;
  size_t asked = 0;
  for (;;) {
    struct bytes bytes = next_of(cursor, &status);
    if (status == CAIRN_DONE) break;
    if (status == CAIRN_OK) read_rows(bytes, rows);
    if (status != CAIRN_QUESTION) continue;
    json *question = json_of("Question", bytes), *one = item(get(step, "answers"), asked++);
    if (one == NULL) fail("asked %s", json_object_to_json_string(question));
    expect_table(get(one, "question"), question);
    answer_to(cursor, get(one, "answer"));
  }
  if (asked != length(get(step, "answers"))) fail("asked %d times", (int)asked);
  bool any_order = get(step, "since") != NULL || json_object_get_boolean(get(step, "any_order"));
  if (get(step, "rows") != NULL) expect_rows(get(step, "rows"), rows, any_order);
  if (count != NULL && (size_t)json_object_get_int64(count) != length(rows))
    fail("%d rows", (int)length(rows));
  CALL(cairn_cursor_explain, cursor, &out);
  expect_table(get(step, "explain"), json_of("Explanation", take(out)));
}

void do_load(void) {
  cairn_cursor* cursor = defer(open_cursor(step), close_cursor);
  EXPECT("CursorHead", cairn_cursor_head, cursor);
  drain(cursor);
}

void do_drain(void) { drain(need(CURSOR, step, "of", "")); }

static json* digests(void) {
  CALL(cairn_database_digest, database(step), &out);
  return json_of("DigestReport", take(out));
}

void do_digest(void) { expect_table(get(step, "result"), digests()); }

void do_store(void) {
  json *rows = get(step, "rows"), *report;
  write_lists("rows", NULL);
  do_load();
  for (size_t i = 0; i < length(rows); i++)
    expect_row(item(item(rows, i), 0), item(item(rows, i), 1));
  report = get(digests(), "collections");
  for (size_t i = 0; i < length(report); i++)
    if (strcmp(text(item(report, i), "name", ""), text(step, "in", "c")) == 0)
      expect_value(get(step, "digest"), get(item(report, i), "digest"));
}

void do_copy(void) {
  cairn_cursor* cursor = defer(open_cursor(get(step, "from")), close_cursor);
  struct bytes batches[64];
  size_t count = 0;
  cairn_status status = CAIRN_OK;
  while (batches[count] = next_of(cursor, &status), status == CAIRN_OK) count++;
  write_batches(NULL, batches, count);
}
