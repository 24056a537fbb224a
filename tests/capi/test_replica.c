/* Replicas: hydration, subsets, local mutations, a source's transactions, and events that are
 * refused. */
#include <stdio.h>
#include <stdlib.h>

#include "peers.h"

/* More fields after a batch of rows. */
static const char* with_batch(const char* rows, const char* fields) {
  char* all = (char*)(uintptr_t)zeros(strlen(rows) + strlen(fields) + 20).data;
  sprintf(all, "batch: %s%s%s", rows, *fields ? ", " : "", fields);
  return all;
}

/* A transaction of the source with one batch. */
static void bring(cairn_replica* replica, const char* rows, const char* commit_fields) {
  send_event(replica, "SourceBegin", "");
  send_event(replica, "SourceWrite", with_batch(rows, ""));
  send_event(replica, "SourceCommit", commit_fields);
}

static void eager_start_hydrates_everything(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_row(collection, "1", "{\"v\": 1}");
  put_row(collection, "\"b\"", "{\"v\": 2}");
  cairn_replica* replica = open_replica(collection, NULL, "{}");
  CHECK_TEXT(effects(replica), "");
  send_event(replica, "Start", "");
  const char* all = effects(replica);
  CHECK(strstr(all, "{\"kind\":\"Started\",\"number\":1,") == all);
  CHECK(count_of(all, "{\"kind\":\"Rows\"") == 1);
  CHECK(strstr(all, "{\"key\":1,\"value\":{\"v\":1}}") != NULL);
  CHECK(strstr(all, "{\"key\":\"b\",\"value\":{\"v\":2}}") != NULL);
  CHECK(strstr(all, "{\"kind\":\"Ready\"") > strstr(all, "{\"kind\":\"Rows\""));
  CHECK(strstr(all, "\"leads\":true,\"term\":2,") != NULL);
  CHECK_TEXT(effects(replica), "");
  cairn_replica_close(replica);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

/* Whether a row batch stands in an effect at a multiple of 16 bytes, after its size. */
static bool has_aligned_rows(bytes effect) {
  for (size_t at = 16; at < effect.size; at += 16) {
    const uint8_t* from = effect.data + at;
    size_t size = (size_t)from[-4] | (size_t)from[-3] << 8 | (size_t)from[-2] << 16;
    cairn_buffer* out = NULL;
    if (from[-1] != 0 || size < 100 || size > effect.size - at) continue;
    if (cairn_batch_to_json(from, size, &out, NULL) == CAIRN_OK)
      return strstr(text_of(out), "\"a text\"") != NULL;
  }
  return false;
}

static void rows_come_in_batches_that_can_be_read_where_they_are(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  for (int i = 0; i < 10; i++) {
    char key[16];
    snprintf(key, sizeof key, "%d", i);
    put_row(collection, key, "{\"v\": \"a text\"}");
  }
  cairn_replica* replica = open_replica(collection, NULL, "{batch_rows: 3}");
  send_event(replica, "Start", "");
  int batches = 0;
  cairn_buffer* out = UNSET;
  while (cairn_replica_next(replica, &out, NULL) == CAIRN_OK) {
    bytes effect = bytes_of(out);
    CHECK((uintptr_t)effect.data % 16 == 0);
    batches += has_aligned_rows(effect);
  }
  CHECK(batches == 4);
  cairn_replica_close(replica);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void on_demand_gives_the_subsets_that_are_asked_for(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  for (int i = 1; i <= 4; i++) {
    char key[16], row[32];
    snprintf(key, sizeof key, "%d", i);
    snprintf(row, sizeof row, "{\"v\": %d}", i);
    put_row(collection, key, row);
  }
  cairn_replica* replica = open_replica(collection, NULL, "{mode: \"OnDemand\"}");
  send_event(replica, "Start", "");
  CHECK(strstr(effects(replica), "\"Rows\"") == NULL);
  send_event(replica, "LoadSubset",
             "subset_id: 5, subset: {where: {nodes: [{kind: \"Reference\", path: [\"v\"]},"
             " {kind: \"Value\", value: 2}, {kind: \"Call\", function: \"gt\","
             " arguments: [0, 1]}]}}");
  const char* all = effects(replica);
  CHECK(count_of(all, "{\"key\":") == 2);
  CHECK(strstr(all, "{\"key\":3,") != NULL && strstr(all, "{\"key\":4,") != NULL);
  CHECK(strstr(all, "{\"kind\":\"Ready\"") != NULL);
  /* The source is to bring it, too. */
  const char* asks = strstr(all, "{\"kind\":\"EnsureRemoteSubset\",\"number\":");
  REQUIRE(asks != NULL);
  CHECK(strstr(asks, "\"subset\":{\"where\":{\"nodes\":[") != NULL);
  char fields[40];
  snprintf(fields, sizeof fields, "effect: %d", atoi(strstr(asks, "number\":") + 8));
  send_event(replica, "EffectDone", fields);
  CHECK(strstr(effects(replica), "\"remote\":true") != NULL);
  send_event(replica, "UnloadSubset", "subset_id: 5");
  CHECK(count_of(effects(replica), "\"op\":\"delete\"") == 2);
  cairn_replica_close(replica);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void local_mutations_are_confirmed_and_kept(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{local: true}");
  cairn_replica* replica = open_replica(collection, NULL, "{source: false}");
  send_event(replica, "Start", "");
  effects(replica);
  send_event(replica, "Mutate",
             with_batch("[{key: 1, value: {\"id\": 1, \"v\": 7}}]",
                        "id: \"t1\", mutation_ids: [\"m1\", \"m2\"]"));
  const char* all = effects(replica);
  const char* confirm = strstr(all, "{\"kind\":\"Confirm\"");
  REQUIRE(confirm != NULL);
  CHECK(strstr(confirm, "\"id\":\"t1\",\"mutation_ids\":[\"m1\",\"m2\"]") != NULL);
  CHECK(strstr(confirm, "\"durability\":\"Disk\"") != NULL);
  CHECK(strstr(all, "\"Reject\"") == NULL);
  /* A row without a usable key is refused, and nothing else is. */
  send_event(replica, "Mutate", "id: \"t2\", batch: {\"$bytes\": \"AAAA\"}");
  all = effects(replica);
  CHECK(strstr(all, "{\"kind\":\"Reject\"") != NULL);
  CHECK(strstr(all, "\"id\":\"t2\"") != NULL && strstr(all, "\"status\":101") != NULL);
  cairn_replica_close(replica);
  cairn_collection_close(collection);
  cairn_database_close(database);

  database = open_database("db", "{}");
  collection = open_collection(database, "c", "{local: true}");
  replica = open_replica(collection, NULL, "{source: false}");
  send_event(replica, "Start", "");
  CHECK(strstr(effects(replica), "{\"key\":1,\"value\":{\"id\":1,\"v\":7}}") != NULL);
  cairn_replica_close(replica);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void what_a_source_brings_is_saved_with_its_cursor(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_replica* replica = open_replica(collection, NULL, "{}");
  send_event(replica, "Start", "");
  effects(replica);
  bring(replica, "[{key: 1, value: {\"v\": 1}}, {key: 2, value: {}}]",
        "id: \"tx\", metadata: [{key: \"cursor\", value: {\"at\": 42}}]");
  send_event(replica, "SourceReady", "");
  const char* all = effects(replica);
  CHECK(strstr(all, "{\"kind\":\"Saved\"") != NULL);
  CHECK(strstr(all, "\"remote\":true") != NULL);
  /* What the front has brought itself does not come back. */
  CHECK(count_of(all, "{\"key\":") == 0);
  cairn_replica_close(replica);
  CHECK(row_count(collection) == 2);
  cairn_collection_close(collection);
  cairn_database_close(database);

  database = open_database("db", "{}");
  collection = open_collection(database, "c", "{}");
  replica = open_replica(collection, NULL, "{}");
  send_event(replica, "Start", "");
  all = effects(replica);
  CHECK(strstr(all, "\"metadata\":[{\"key\":\"cursor\",\"value\":{\"at\":42}}]") != NULL);
  CHECK(count_of(all, "{\"key\":") == 3); /* two rows, and the entry above */
  cairn_replica_close(replica);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void stopped_it_can_start_again(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_row(collection, "1", "{}");
  cairn_replica* replica = open_replica(collection, NULL, "{}");
  for (int i = 0; i < 3; i++) {
    send_event(replica, "Start", "");
    CHECK(count_of(effects(replica), "{\"key\":1,") == 1);
    send_event(replica, "Stop", "");
    CHECK(strstr(effects(replica), "{\"kind\":\"Stopped\"") != NULL);
  }
  cairn_replica_close(replica);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void ticks_find_commits_that_nobody_told_of(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_replica* replica = open_replica(collection, NULL, "{poll_ms: 100}");
  send_event(replica, "Start", "");
  effects(replica);
  put_row(collection, "1", "{\"v\": 1}");
  CHECK_TEXT(effects(replica), "");
  bytes tick = table("ReplicaEvent", "{kind: \"Tick\", now_ms: 1000}");
  WORKS(cairn_replica_send(replica, tick.data, tick.size, E));
  const char* all = effects(replica);
  CHECK(strstr(all, "{\"kind\":\"Changes\"") == all);
  CHECK(strstr(all, "{\"key\":1,\"value\":{\"v\":1}}") != NULL);
  cairn_replica_close(replica);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void questions_are_answered(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_row(collection, "1", "{\"t\": \"b\"}");
  put_row(collection, "2", "{\"t\": \"a\"}");
  cairn_replica* replica = open_replica(collection, NULL, "{mode: \"OnDemand\", host: true}");
  send_event(replica, "Start", "");
  effects(replica);
  send_event(replica, "LoadSubset",
             "subset_id: 1, subset: {limit: 1, order_by: [{expression: {nodes:"
             " [{kind: \"Reference\", path: [\"t\"]}]}}]}");
  const char* all = effects(replica);
  REQUIRE(strstr(all, "{\"kind\":\"Question\"") != NULL);
  CHECK(strstr(all, "\"Rows\"") == NULL);
  bytes payload = bytes_from_json(field_object(all, "payload"));
  cairn_buffer* out = NULL;
  WORKS(cairn_table_to_json("Question", 8, payload.data, payload.size, &out, E));
  const char* question = text_of(out);
  CHECK(strstr(question, "\"kind\":\"Rank\"") != NULL);
  bool a_first = strstr(question, "[\"a\",\"b\"]") != NULL;
  const char* effect = strstr(all, "number\":") + 8;

  /* A refused answer leaves its number free. */
  char fields[400];
  const char* answers[] = {"{values: [1]}", a_first ? "{values: [1, 2]}" : "{values: [2, 1]}"};
  bytes sent[2];
  for (int i = 0; i < 2; i++) {
    snprintf(fields, sizeof fields, "effect: %d, payload: %s", atoi(effect),
             bytes_json(table("Answer", answers[i])));
    sent[i] = event("Answer", fields);
  }
  FAILS(CAIRN_INVALID_VALUE, cairn_replica_send(replica, sent[0].data, sent[0].size, E));
  bytes none = event("Answer", "payload: {\"$bytes\": \"\"}");
  FAILS(CAIRN_MALFORMED, cairn_replica_send(replica, none.data, none.size, E));
  WORKS(cairn_replica_send(replica, sent[1].data, sent[1].size, E));
  all = effects(replica);
  CHECK(count_of(all, "{\"key\":") == 1 && strstr(all, "{\"key\":2,") != NULL);
  cairn_replica_close(replica);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void refuse(cairn_status status, cairn_replica* replica, const char* kind,
                   const char* fields) {
  bytes made = event(kind, fields);
  FAILS(status, cairn_replica_send(replica, made.data, made.size, E));
}

static void events_out_of_order_are_refused(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_replica* replica = open_replica(collection, NULL, "{}");
  bytes early = event("Start", "");
  refuse(CAIRN_WRONG_STATE, replica, "Stop", "");
  refuse(CAIRN_WRONG_STATE, replica, "SourceBegin", "");
  send_event(replica, "Start", "");
  refuse(CAIRN_WRONG_STATE, replica, "Start", "");
  refuse(CAIRN_WRONG_STATE, replica, "Mutate", "id: \"x\"");
  refuse(CAIRN_INVALID_ARGUMENT, replica, "LoadSubset", "");
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_replica_send(replica, early.data, early.size, E));
  effects(replica);
  /* What is found out only when its turn comes is an effect. */
  send_event(replica, "SourceCommit", "");
  CHECK(strstr(effects(replica), "\"status\":105") != NULL);
  send_event(replica, "Request", "");
  CHECK(strstr(effects(replica), "\"status\":100") != NULL);
  cairn_replica_close(replica);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void what_is_no_event_is_refused(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_replica* replica = open_replica(collection, NULL, "{}");
  bytes start = misaligned(event("Start", ""));
  FAILS(CAIRN_MALFORMED, cairn_replica_send(replica, NULL, 0, E));
  FAILS(CAIRN_MALFORMED, cairn_replica_send(replica, start.data, 3, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_replica_send(replica, NULL, 9, E));
  refuse(CAIRN_MALFORMED, replica, "Start", "status: 12345");
  refuse(CAIRN_MALFORMED, replica, "Start", "request: 4");
  refuse(CAIRN_INVALID_ARGUMENT, replica, "Start", "now_ms: 9007199254740993");
  refuse(CAIRN_INVALID_ARGUMENT, replica, "Start", "now_ms: -9223372036854775808");
  bytes unknown = table("ReplicaEvent", "{kind: 17, number: 1000000}");
  FAILS(CAIRN_MALFORMED, cairn_replica_send(replica, unknown.data, unknown.size, E));
  bytes large = zeros((66u << 20) + (64u << 10) + 1);
  FAILS(CAIRN_TOO_LARGE, cairn_replica_send(replica, large.data, large.size, E));
  send_event(replica, "Start", "status: 303, message: \"\\u00e9\"");
  cairn_replica_close(replica);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void wrong_arguments_give_errors(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_replica* replica = UNSET;
  static const struct {
    const char* options;
    cairn_status status;
  } wrong[] = {{"{batch_bytes: 0}", CAIRN_INVALID_ARGUMENT},
               {"{batch_rows: 0}", CAIRN_INVALID_ARGUMENT},
               {"{batch_bytes: 67108865}", CAIRN_INVALID_ARGUMENT},
               {"{mode: 2}", CAIRN_MALFORMED},
               {"{encoding: 2}", CAIRN_MALFORMED}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    bytes made = table("ReplicaOptions", wrong[i].options);
    replica = UNSET;
    FAILS(wrong[i].status, cairn_replica_open(collection, NULL, made.data, made.size, &replica, E));
    CHECK(replica == NULL);
  }
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_replica_open(NULL, NULL, NULL, 0, &replica, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_replica_open(collection, NULL, NULL, 0, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_replica_send(NULL, NULL, 0, E));
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_replica_next(NULL, &out, E));
  CHECK(out == NULL);
  WORKS(cairn_replica_open(collection, NULL, NULL, 0, &replica, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_replica_next(replica, NULL, E));
  cairn_replica_close(replica);
  cairn_replica_close(NULL);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

/* The replica keeps what it needs, and effects that nobody took go with it. */
static void it_outlives_its_collection(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_row(collection, "1", "{}");
  cairn_replica* replica = open_replica(collection, NULL, "{}");
  cairn_collection_close(collection);
  cairn_database_close(database);
  send_event(replica, "Start", "");
  CHECK(count_of(effects(replica), "{\"key\":1,") == 1);
  bring(replica, "[{key: 2, value: {}}]", "");
  cairn_buffer* out = UNSET;
  WORKS(cairn_replica_next(replica, &out, E));
  cairn_buffer_free(out);
  bring(replica, "[{key: 3, value: {}}]", "");
  cairn_replica_close(replica);
}

int main(void) {
  static const test tests[] = {
      TEST(eager_start_hydrates_everything),
      TEST(rows_come_in_batches_that_can_be_read_where_they_are),
      TEST(on_demand_gives_the_subsets_that_are_asked_for),
      TEST(local_mutations_are_confirmed_and_kept),
      TEST(what_a_source_brings_is_saved_with_its_cursor),
      TEST(stopped_it_can_start_again),
      TEST(ticks_find_commits_that_nobody_told_of),
      TEST(questions_are_answered),
      TEST(events_out_of_order_are_refused),
      TEST(what_is_no_event_is_refused),
      TEST(wrong_arguments_give_errors),
      TEST(it_outlives_its_collection),
  };
  return RUN_TESTS(tests);
}
