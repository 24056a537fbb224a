/* Any bytes at any entry point: an error, never a crash. Each entry is given a valid input cut at
 * every length, with bytes changed one by one, and noise, always at an odd address and in memory of
 * exactly that size, so that a sanitizer sees a read beyond it. The noise is the same in every run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "peers.h"

typedef cairn_status (*entry)(bytes input);

static cairn_database* database;
static cairn_collection* collection;

static void open_both(void) {
  database = open_memory();
  collection = open_collection(database, "c", "{}");
  put_row(collection, "1", "{\"a\": 1, \"b\": [\"x\"]}");
}

static void close_both(void) {
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static uint32_t noise_state;
static uint32_t noise(void) {
  noise_state ^= noise_state << 13;
  noise_state ^= noise_state >> 17;
  noise_state ^= noise_state << 5;
  return noise_state;
}

/* Calls the entry with bytes of its own, and checks that the answer is one of the caller's band. */
static void try_bytes(entry call, const uint8_t* data, size_t size) {
  uint8_t* memory = malloc(size + 1);
  if (!memory) abort();
  if (size > 0) memcpy(memory + 1, data, size);
  bytes input = {memory + 1, size};
  cairn_status status = call(input);
  if (status >= 300 || status < 0) {
    check_call(status, CAIRN_MALFORMED, NULL, "malformed input", __FILE__, __LINE__);
  }
  free(memory);
}

static void try_cut_and_changed(entry call, bytes valid) {
  static const uint8_t changes[] = {0x01, 0x80, 0xFF, 0x7F};
  uint8_t* copy = malloc(valid.size);
  if (!copy) abort();
  for (size_t size = 1; size <= valid.size; size++) try_bytes(call, valid.data, size);
  for (size_t i = 0; i < valid.size; i++) {
    for (size_t k = 0; k < sizeof changes; k++) {
      memcpy(copy, valid.data, valid.size);
      copy[i] ^= changes[k];
      try_bytes(call, copy, valid.size);
    }
  }
  free(copy);
}

static void try_noise(entry call, bytes valid) {
  uint8_t buffer[1024];
  size_t most = valid.size < sizeof buffer ? valid.size : sizeof buffer;
  noise_state = 2463534242u;
  for (int round = 0; round < 500; round++) {
    size_t size = 1 + noise() % 128;
    for (size_t i = 0; i < size; i++) buffer[i] = (uint8_t)noise();
    try_bytes(call, buffer, size);
    /* A valid input with several changes comes further than noise alone. */
    memcpy(buffer, valid.data, most);
    for (int change = 0; change < 4; change++) buffer[noise() % most] = (uint8_t)noise();
    try_bytes(call, buffer, most);
  }
}

static void try_all(entry call, bytes valid) {
  CHECK(call(misaligned(valid)) == CAIRN_OK);
  try_cut_and_changed(call, valid);
  try_noise(call, valid);
}

static cairn_status open_database_with(bytes options) {
  cairn_database* made = UNSET;
  cairn_status status = cairn_database_open("x", 1, options.data, options.size, &made, NULL);
  CHECK((status == CAIRN_OK) == (made != NULL));
  cairn_database_close(made);
  return status;
}

static cairn_status check_with(bytes options) {
  cairn_buffer* out = UNSET;
  cairn_status status = cairn_database_check(database, options.data, options.size, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  cairn_buffer_free(out);
  return status;
}

static cairn_status open_collection_with(bytes options) {
  cairn_collection* made = UNSET;
  cairn_status status =
      cairn_collection_open(database, "d", 1, options.data, options.size, &made, NULL);
  CHECK((status == CAIRN_OK) == (made != NULL));
  cairn_collection_close(made);
  return status;
}

/* Reads a cursor to its end, or to a question. */
static cairn_status drain(cairn_status status, cairn_cursor* cursor) {
  CHECK((status == CAIRN_OK) == (cursor != NULL));
  while (status == CAIRN_OK) {
    cairn_buffer* out = UNSET;
    status = cairn_cursor_next(cursor, &out, NULL);
    CHECK((status == CAIRN_OK || status == CAIRN_QUESTION) == (out != NULL));
    cairn_buffer_free(out);
  }
  cairn_cursor_close(cursor);
  return status == CAIRN_DONE ? CAIRN_OK : status;
}

static cairn_status load_with(bytes request) {
  cairn_cursor* cursor = UNSET;
  cairn_status status =
      cairn_collection_load(collection, request.data, request.size, &cursor, NULL);
  return drain(status, cursor);
}

static cairn_status index_with(bytes request) {
  cairn_buffer* out = UNSET;
  cairn_status status =
      cairn_collection_ensure_index(collection, request.data, request.size, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  cairn_buffer_free(out);
  /* Other signatures have made others: their number is limited. */
  if (status != CAIRN_OK) return status == CAIRN_TOO_LARGE ? CAIRN_OK : status;
  put_row(collection, "1", "{\"a\": 1, \"b\": [\"x\"]}");
  return CAIRN_OK;
}

static bytes request_with_questions;

static cairn_status answer_with(bytes answer) {
  cairn_cursor* cursor = UNSET;
  cairn_buffer* out = UNSET;
  CHECK(cairn_collection_load(collection, request_with_questions.data, request_with_questions.size,
                              &cursor, NULL) == CAIRN_OK);
  CHECK(cairn_cursor_next(cursor, &out, NULL) == CAIRN_QUESTION);
  cairn_buffer_free(out);
  cairn_status status = cairn_cursor_answer(cursor, answer.data, answer.size, NULL);
  return drain(CAIRN_OK, cursor) == CAIRN_OK || status != CAIRN_OK ? status : CAIRN_INTERNAL;
}

static cairn_status delta_with(bytes request) {
  cairn_cursor* cursor = UNSET;
  cairn_status status =
      cairn_collection_delta(collection, request.data, request.size, &cursor, NULL);
  return drain(status, cursor);
}

static cairn_status transact_with(bytes options) {
  cairn_transaction* transaction = UNSET;
  cairn_status status =
      cairn_transaction_begin(collection, options.data, options.size, &transaction, NULL);
  CHECK((status == CAIRN_OK) == (transaction != NULL));
  if (status == CAIRN_OK) {
    cairn_buffer* out = UNSET;
    status = cairn_transaction_commit(transaction, &out, NULL);
    CHECK((status == CAIRN_OK) == (out != NULL));
    cairn_buffer_free(out);
  }
  cairn_transaction_close(transaction);
  return status;
}

/* A collection of its own for each try: a changed row version is there to stay. */
static cairn_status transact_anew_with(bytes options) {
  open_both();
  cairn_status status = transact_with(options);
  close_both();
  return status;
}

static cairn_status add_with(bytes rows) {
  cairn_transaction* transaction = UNSET;
  cairn_status status = cairn_transaction_begin(collection, NULL, 0, &transaction, NULL);
  CHECK(status == CAIRN_OK);
  status = cairn_transaction_add(transaction, rows.data, rows.size, NULL);
  if (status == CAIRN_OK) {
    cairn_buffer* out = UNSET;
    status = cairn_transaction_commit(transaction, &out, NULL);
    cairn_buffer_free(out);
  }
  cairn_transaction_close(transaction);
  return status;
}

static cairn_status put_with(bytes row) {
  return cairn_collection_put(collection, (const uint8_t*)"\x21", 1, row.data, row.size, NULL,
                              NULL);
}

static cairn_status get_with(bytes key) {
  cairn_buffer* out = UNSET;
  cairn_status status = cairn_collection_get(collection, key.data, key.size, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  cairn_buffer_free(out);
  return status == CAIRN_NOT_FOUND ? CAIRN_OK : status;
}

static cairn_status remove_with(bytes key) {
  return cairn_collection_remove(collection, key.data, key.size, NULL, NULL);
}

static cairn_status value_to_json_with(bytes input) {
  cairn_buffer* out = UNSET;
  cairn_status status = cairn_value_to_json(input.data, input.size, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  cairn_buffer_free(out);
  return status;
}

static cairn_status batch_to_json_with(bytes input) {
  cairn_buffer* out = UNSET;
  cairn_status status = cairn_batch_to_json(input.data, input.size, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  cairn_buffer_free(out);
  return status;
}

static cairn_status table_to_json_with(bytes input) {
  cairn_buffer* out = UNSET;
  cairn_status status =
      cairn_table_to_json("TransactionOptions", 18, input.data, input.size, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  cairn_buffer_free(out);
  return status;
}

/* Takes effects until there is none; a failure of one is an effect, too. */
static cairn_status drain_replica(cairn_replica* replica) {
  cairn_status status = CAIRN_OK;
  while (status == CAIRN_OK) {
    cairn_buffer* out = UNSET;
    status = cairn_replica_next(replica, &out, NULL);
    CHECK((status == CAIRN_OK) == (out != NULL));
    cairn_buffer_free(out);
  }
  return status;
}

static const char* replica_options;
static bytes start_event;

/* A replica of its own for each try, of rows of its own. */
static cairn_status send_with(bytes input) {
  cairn_replica* replica = open_replica(collection, NULL, replica_options);
  CHECK(cairn_replica_send(replica, start_event.data, start_event.size, NULL) == CAIRN_OK);
  cairn_status status = cairn_replica_send(replica, input.data, input.size, NULL);
  CHECK(drain_replica(replica) == CAIRN_DONE);
  cairn_replica_close(replica);
  return status;
}

static cairn_status open_replica_with(bytes options) {
  cairn_replica* replica = UNSET;
  cairn_status status =
      cairn_replica_open(collection, NULL, options.data, options.size, &replica, NULL);
  CHECK((status == CAIRN_OK) == (replica != NULL));
  cairn_replica_close(replica);
  return status;
}

static cairn_status open_coordinator_with(bytes options) {
  cairn_coordinator* coordinator = UNSET;
  cairn_status status =
      cairn_coordinator_open(database, options.data, options.size, &coordinator, NULL);
  CHECK((status == CAIRN_OK) == (coordinator != NULL));
  cairn_coordinator_close(coordinator);
  return status;
}

static cairn_coordinator* coordinator;
static cairn_replica* member;

static cairn_status tell_with(bytes input) {
  cairn_status status = cairn_coordinator_send(coordinator, input.data, input.size, NULL);
  CHECK(drain_replica(member) == CAIRN_DONE);
  cairn_buffer* out = UNSET;
  while (cairn_coordinator_next(coordinator, &out, NULL) == CAIRN_OK) cairn_buffer_free(out);
  CHECK(out == NULL);
  return status;
}

/* JSON of all kinds: what is read must be written. */
static cairn_status value_from_json_with(bytes input) {
  cairn_buffer* out = UNSET;
  cairn_status status = cairn_value_from_json((const char*)input.data, input.size, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  if (status == CAIRN_OK) {
    bytes made = {cairn_buffer_data(out), cairn_buffer_size(out)};
    CHECK(value_to_json_with(made) == CAIRN_OK);
  }
  cairn_buffer_free(out);
  return status;
}

static cairn_status batch_from_json_with(bytes input) {
  cairn_buffer* out = UNSET;
  cairn_status status =
      cairn_batch_from_json((const char*)input.data, input.size, "id", 2, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  if (status == CAIRN_OK) {
    bytes made = {cairn_buffer_data(out), cairn_buffer_size(out)};
    CHECK(batch_to_json_with(made) == CAIRN_OK);
  }
  cairn_buffer_free(out);
  return status;
}

static cairn_status table_from_json_with(bytes input) {
  cairn_buffer* out = UNSET;
  cairn_status status =
      cairn_table_from_json("LoadRequest", 11, (const char*)input.data, input.size, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  cairn_buffer_free(out);
  return status;
}

static cairn_status collection_named(bytes name) {
  cairn_collection* made = UNSET;
  cairn_status status =
      cairn_collection_open(database, (const char*)name.data, name.size, NULL, 0, &made, NULL);
  CHECK((status == CAIRN_OK) == (made != NULL));
  cairn_collection_close(made);
  if (status == CAIRN_OK) {
    CHECK(cairn_collection_drop(database, (const char*)name.data, name.size, NULL) == CAIRN_OK);
  }
  return status;
}

static const char rows_json[] =
    "[{\"id\": 1, \"t\": \"open\", \"d\": {\"$date\": 5}, \"l\": [1, 2.5, null], \"o\": {\"x\": "
    "true}},"
    " {\"id\": 2, \"t\": \"closed\", \"d\": null, \"l\": [], \"o\": {\"x\": false}},"
    " {\"id\": \"3\", \"t\": \"open\", \"d\": {\"$date\": 6}, \"l\": [\"a\"], \"o\": {\"x\": "
    "null}},"
    " {\"id\": 4, \"t\": \"\\u00e9\", \"b\": {\"$bytes\": \"AAEC\"}, \"n\": {\"$bigint\": \"7\"}}]";

static const char value_json[] =
    "{\"a\": 1, \"b\": [true, null, 1.5, 70000, {\"$date\": 5}], \"c\": {\"d\": \"\\u00e9\","
    " \"e\": {\"$bigint\": \"-123456789012345678901\"}, \"f\": {\"$bytes\": \"AAEC\"}}}";

static bytes text_bytes(const char* text) {
  bytes made = {(const uint8_t*)text, strlen(text)};
  return made;
}

static void options_of_a_database(void) {
  try_all(open_database_with,
          table("DatabaseOptions", "{in_memory: true, busy_timeout_ms: 5, background: false}"));
}

static void options_of_a_check(void) {
  open_both();
  try_all(check_with, table("CheckOptions", "{collection: \"c\", max_problems: 5}"));
  close_both();
}

static void options_of_a_collection(void) {
  open_both();
  try_all(open_collection_with,
          table("CollectionOptions", "{schema_version: 3, log_transactions: 7, log_seconds: 9}"));
  close_both();
}

static void requests_to_load(void) {
  open_both();
  try_all(load_with, table("LoadRequest",
                           "{subset: {keys: [1, \"a\"], limit: 5, offset: 0},"
                           " versions: true, metadata: true, batch_rows: 3}"));
  close_both();
}

#define FIELD "{kind: \"Reference\", path: [\"b\", \"0\"]}"

static void queries(void) {
  open_both();
  try_all(load_with,
          table("LoadRequest",
                "{subset: {where: {nodes: [" FIELD ", {kind: \"Value\", value: [\"x\", 1]},"
                " {kind: \"Call\", function: \"in\", arguments: [0, 1]}]},"
                " order_by: [{expression: {nodes: [" FIELD
                "]}, direction: \"Descending\", locale: \"de\"}],"
                " cursor: {values: [\"y\"], key: 1}, limit: 3},"
                " fields: [\"a\"]}"));
  close_both();
}

static void requests_for_an_index(void) {
  open_both();
  try_all(index_with,
          table("IndexRequest", "{signature: \"s\", max_rows: 5, expressions: [{nodes: [" FIELD
                                ", {kind: \"Call\", function: \"lower\", arguments: [0]}]}],"
                                " where: {nodes: [{kind: \"Value\", value: true}]}}"));
  try_all(index_with,
          table("IndexRequest",
                "{signature: \"t\", expression_texts: [\"json_extract(value, '$.a')\"], "
                "where_text: \"{\\\"type\\\":\\\"val\\\",\\\"value\\\":true}\"}"));
  cairn_buffer* out = UNSET;
  WORKS(cairn_database_check(database, NULL, 0, &out, E));
  CHECK(strstr(table_text("CheckReport", out), "\"ok\":true") != NULL);
  close_both();
}

static void answers(void) {
  open_both();
  request_with_questions = table(
      "LoadRequest", "{host: true, subset: {order_by: [{expression: {nodes: [" FIELD "]}}]}}");
  try_all(answer_with, table("Answer", "{values: [1.5]}"));
  close_both();
}

static void requests_for_a_delta(void) {
  open_both();
  try_all(delta_with, table("DeltaRequest", "{since: 1, versions: true, batch_bytes: 100}"));
  close_both();
}

static void options_of_a_transaction(void) {
  try_all(transact_anew_with, table("TransactionOptions",
                                    "{id: \"t\", writer: \"w\", term: 1, seq: 2, row_version: 3,"
                                    " request_id: \"r\", metadata: [{key: \"k\", value: [1]}]}"));
}

static void batches(void) {
  open_both();
  try_all(add_with, batch(rows_json));
  cairn_buffer* out = UNSET;
  WORKS(cairn_database_check(database, NULL, 0, &out, E));
  CHECK(strstr(table_text("CheckReport", out), "\"ok\":true") != NULL);
  close_both();
}

static void batches_in_utf16(void) {
  open_both();
  bytes rows = batch(rows_json);
  CHECK(add_with(rows) == CAIRN_OK);
  bytes request = table("LoadRequest", "{encoding: \"Utf16\", versions: true, metadata: true}");
  cairn_cursor* cursor = UNSET;
  WORKS(cairn_collection_load(collection, request.data, request.size, &cursor, E));
  cairn_buffer* out = UNSET;
  WORKS(cairn_cursor_next(cursor, &out, E));
  bytes wide = bytes_of(out);
  cairn_cursor_close(cursor);
  try_all(batch_to_json_with, wide);
  try_all(add_with, wide);
  close_both();
}

static void single_rows(void) {
  open_both();
  try_all(put_with, value(value_json));
  try_all(get_with, value("\"a key of some length\""));
  try_all(remove_with, value("-123456.5"));
  close_both();
}

static void values_and_tables(void) {
  try_all(value_to_json_with, value(value_json));
  try_all(batch_to_json_with, batch(rows_json));
  try_all(table_to_json_with,
          table("TransactionOptions", "{id: \"t\", metadata: [{key: \"k\", value: [1]}]}"));
}

static void send_all(const char* kind, const char* fields, const char* rows_or_payload) {
  char json[6000];
  snprintf(json, sizeof json, "{kind: \"%s\", number: 2, id: \"i\", %s%s}", kind, fields,
           rows_or_payload);
  try_all(send_with, table("ReplicaEvent", json));
}

static void events_of_a_replica(void) {
  open_both();
  start_event = table("ReplicaEvent", "{kind: \"Start\", number: 1}");
  replica_options = "{}";
  send_all("SourceBegin", "metadata: [{key: \"k\", value: [1]}]", "");
  replica_options = "{mode: \"OnDemand\"}";
  send_all("LoadSubset", "subset_id: 1, subset: ", "{keys: [1], limit: 2}");
  send_all("Request",
           "request: \"PullSince\", payload: ", bytes_json(table("DeltaRequest", "{since: 1}")));
  close_both();
}

static void mutations_of_a_replica(void) {
  database = open_memory();
  collection = open_collection(database, "c", "{local: true}");
  start_event = table("ReplicaEvent", "{kind: \"Start\", number: 1}");
  replica_options = "{}";
  send_all("Mutate",
           "mutation_ids: [\"m\"], batch: ", bytes_json(batch("[{\"id\": 1, \"t\": \"open\"}]")));
  char set[2000];
  snprintf(set, sizeof set, "{mutation_ids: [\"m\"], batch: %s}",
           bytes_json(batch("[{\"id\": 1}]")));
  send_all("Request",
           "request: \"ApplyMutations\", payload: ", bytes_json(table("MutationSet", set)));
  close_both();
}

static void options_of_replicas_and_coordinators(void) {
  open_both();
  try_all(open_replica_with, table("ReplicaOptions", "{mode: \"OnDemand\", batch_rows: 5}"));
  try_all(open_coordinator_with,
          table("CoordinatorOptions", "{kind: \"Host\", node: \"n\", database: \"d\"}"));
  close_both();
}

static void events_of_a_coordinator(void) {
  open_both();
  coordinator = open_coordinator(database, "{kind: \"Host\", node: \"n\"}");
  member = open_replica(collection, coordinator, "{}");
  send_event(member, "Start", "");
  drain_replica(member);
  char json[3000];
  snprintf(json, sizeof json, "{kind: \"Received\", message: %s}",
           bytes_json(table("Message",
                            "{version: 1, collection: \"c\", sender: \"s\", to: \"n\","
                            " kind: \"Request\", request_id: \"r\", request: \"PullSince\","
                            " payload: {\"$bytes\": \"AAAA\"}}")));
  bytes received = table("CoordinatorEvent", json);
  try_all(tell_with, received);
  try_all(tell_with, table("CoordinatorEvent", "{kind: \"Elected\", collection: \"c\"}"));
  try_all(tell_with, received);
  cairn_replica_close(member);
  cairn_coordinator_close(coordinator);
  close_both();
}

static void json_texts(void) {
  try_all(value_from_json_with, text_bytes(value_json));
  try_all(batch_from_json_with, text_bytes(rows_json));
  try_all(table_from_json_with,
          text_bytes("{\"subset\": {\"keys\": [1], \"limit\": 2}, \"versions\": true}"));
}

static void names(void) {
  open_both();
  try_all(collection_named, text_bytes("a name \xC3\xA9 \xF0\x9F\x98\x80"));
  close_both();
}

int main(void) {
  static const test tests[] = {
      TEST(options_of_a_database),
      TEST(options_of_a_check),
      TEST(options_of_a_collection),
      TEST(requests_to_load),
      TEST(queries),
      TEST(requests_for_an_index),
      TEST(answers),
      TEST(requests_for_a_delta),
      TEST(options_of_a_transaction),
      TEST(batches),
      TEST(batches_in_utf16),
      TEST(single_rows),
      TEST(values_and_tables),
      TEST(events_of_a_replica),
      TEST(mutations_of_a_replica),
      TEST(options_of_replicas_and_coordinators),
      TEST(events_of_a_coordinator),
      TEST(json_texts),
      TEST(names),
  };
  return RUN_TESTS(tests);
}
