/* Coordinators: two instances whose messages the test carries, wakeups, and waiting. */
#include <stdio.h>
#include <stdlib.h>

#include "peers.h"

/* An instance: its own connection to the file, and one replica. */
typedef struct peer {
  cairn_database* database;
  cairn_collection* collection;
  cairn_coordinator* coordinator;
  cairn_replica* replica;
} peer;

static peer open_peer(carrier* all, const char* collection_options, const char* options) {
  peer one;
  one.database = open_database("db", "{}");
  one.collection = open_collection(one.database, "c", collection_options);
  one.coordinator = add_node(all, one.database);
  one.replica = open_replica(one.collection, one.coordinator, options);
  send_event(one.replica, "Start", "");
  return one;
}

static void close_peer(carrier* all, peer* one) {
  cairn_replica_close(one->replica);
  carry(all);
  for (int i = 0; i < all->count; i++)
    if (all->nodes[i] == one->coordinator) all->nodes[i] = NULL;
  cairn_coordinator_close(one->coordinator);
  cairn_collection_close(one->collection);
  cairn_database_close(one->database);
}

/* Lets both go on until nothing is left, and keeps what their replicas gave. */
static void settle(carrier* all, peer* peers, const char** given, int count) {
  for (int i = 0; i < count; i++) given[i] = "";
  for (bool more = true; more;) {
    more = false;
    carry(all);
    for (int i = 0; i < count; i++) {
      const char* new_ones = effects(peers[i].replica);
      char* joined = (char*)(uintptr_t)zeros(strlen(given[i]) + strlen(new_ones) + 1).data;
      sprintf(joined, "%s%s", given[i], new_ones);
      given[i] = joined;
    }
    for (int i = 0; i < count; i++) more |= cairn_wait(peers[i].coordinator, 0, NULL) == CAIRN_OK;
  }
}

static void write_from(peer* one, const char* rows) {
  char* fields = (char*)(uintptr_t)zeros(strlen(rows) + 20).data;
  sprintf(fields, "batch: %s", rows);
  send_event(one->replica, "SourceBegin", "");
  send_event(one->replica, "SourceWrite", fields);
  send_event(one->replica, "SourceCommit", "");
}

static void one_writes_and_the_other_hears_of_it(void) {
  carrier all = new_carrier();
  peer peers[2] = {open_peer(&all, "{}", "{}"), open_peer(&all, "{}", "{}")};
  const char* given[2];
  settle(&all, peers, given, 2);
  CHECK(count_of(given[0], "\"leads\":true") + count_of(given[1], "\"leads\":true") == 1);
  int leader = all.holder;
  REQUIRE(leader == 0 || leader == 1);
  CHECK(strstr(given[leader], "\"leads\":true") != NULL);
  write_from(&peers[leader], "[{key: 1, value: {\"v\": 5}}]");
  settle(&all, peers, given, 2);
  CHECK(strstr(given[leader], "{\"kind\":\"Saved\"") != NULL);
  CHECK(strstr(given[1 - leader], "{\"kind\":\"Changes\"") != NULL);
  CHECK(strstr(given[1 - leader], "{\"key\":1,\"value\":{\"v\":5}}") != NULL);
  /* Only the leader's source is saved. */
  write_from(&peers[1 - leader], "[{key: 2, value: {}}]");
  settle(&all, peers, given, 2);
  CHECK(strstr(given[1 - leader], "\"Saved\"") == NULL);
  CHECK(row_count(peers[0].collection) == 1);
  close_peer(&all, &peers[0]);
  close_peer(&all, &peers[1]);
}

static void the_next_one_leads_when_the_leader_closes(void) {
  carrier all = new_carrier();
  peer peers[2] = {open_peer(&all, "{}", "{}"), open_peer(&all, "{}", "{}")};
  const char* given[2];
  settle(&all, peers, given, 2);
  int leader = all.holder;
  REQUIRE(leader >= 0);
  peer other = peers[1 - leader];
  close_peer(&all, &peers[leader]);
  settle(&all, &other, given, 1);
  CHECK(strstr(given[0], "\"leads\":true") != NULL);
  write_from(&other, "[{key: 1, value: {}}]");
  settle(&all, &other, given, 1);
  CHECK(strstr(given[0], "{\"kind\":\"Saved\"") != NULL);
  close_peer(&all, &other);
}

static void a_leader_that_lost_the_collection_steps_down(void) {
  carrier all = new_carrier();
  peer peers[2] = {open_peer(&all, "{}", "{}"), open_peer(&all, "{}", "{}")};
  const char* given[2];
  settle(&all, peers, given, 2);
  int leader = all.holder;
  REQUIRE(leader >= 0);
  all.holder = -1;
  all.wishes[1 - leader] = true;
  tell_coordinator(all.nodes[leader], "{kind: \"Lost\", collection: \"c\"}");
  tell_coordinator(all.nodes[1 - leader], "{kind: \"Elected\", collection: \"c\"}");
  all.wishes[1 - leader] = false;
  all.holder = 1 - leader;
  settle(&all, peers, given, 2);
  CHECK(strstr(given[leader], "\"leads\":false,\"term\":0") != NULL);
  CHECK(strstr(given[1 - leader], "\"leads\":true") != NULL);
  close_peer(&all, &peers[0]);
  close_peer(&all, &peers[1]);
}

static void a_follower_asks_the_leader(void) {
  carrier all = new_carrier();
  peer peers[2] = {open_peer(&all, "{local: true}", "{source: false}"),
                   open_peer(&all, "{local: true}", "{source: false}")};
  const char* given[2];
  settle(&all, peers, given, 2);
  int leader = all.holder;
  REQUIRE(leader >= 0);
  char fields[2000];
  bytes set = table("MutationSet", "{mutation_ids: [\"m\"], batch: [{key: 1, value: {}}]}");
  snprintf(fields, sizeof fields, "id: \"r1\", request: \"ApplyMutations\", payload: %s",
           bytes_json(set));
  send_event(peers[1 - leader].replica, "Request", fields);
  settle(&all, peers, given, 2);
  const char* reply = strstr(given[1 - leader], "{\"kind\":\"Reply\"");
  REQUIRE(reply != NULL);
  CHECK(strstr(reply, "\"id\":\"r1\"") != NULL);
  bytes payload = bytes_from_json(field_object(reply, "payload"));
  cairn_buffer* out = NULL;
  WORKS(cairn_table_to_json("MutationResult", 14, payload.data, payload.size, &out, E));
  CHECK(strstr(text_of(out), "\"accepted\":[\"m\"]") != NULL);
  CHECK(row_count(peers[0].collection) == 1);
  CHECK(strstr(given[leader], "{\"key\":1,") != NULL);
  close_peer(&all, &peers[0]);
  close_peer(&all, &peers[1]);
}

static void who_does_not_answer_is_given_up(void) {
  carrier all = new_carrier();
  peer peers[2] = {open_peer(&all, "{}", "{}"), open_peer(&all, "{}", "{}")};
  const char* given[2];
  settle(&all, peers, given, 2);
  int leader = all.holder;
  REQUIRE(leader >= 0);
  all.is_cut[leader] = true;
  send_event(peers[1 - leader].replica, "Request", "id: \"r\", request: \"PullSince\"");
  settle(&all, peers, given, 2);
  CHECK(strstr(given[1 - leader], "\"Reply\"") == NULL);
  for (int i = 1; i <= 5; i++) {
    char tick[60];
    snprintf(tick, sizeof tick, "{kind: \"Tick\", now_ms: %d}", i * 100000);
    tell_coordinator(peers[1 - leader].coordinator, tick);
  }
  settle(&all, peers, given, 2);
  CHECK(strstr(given[1 - leader], "\"status\":311") != NULL);
  tell_coordinator(peers[1 - leader].coordinator, leader == 0 ? "{kind: \"Gone\", node: \"n0\"}"
                                                              : "{kind: \"Gone\", node: \"n1\"}");
  close_peer(&all, &peers[0]);
  close_peer(&all, &peers[1]);
}

static void alone_it_leads_at_once(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_coordinator* coordinator = open_coordinator(database, "{kind: \"Single\"}");
  cairn_replica* replicas[2];
  for (int i = 0; i < 2; i++) {
    replicas[i] = open_replica(collection, coordinator, "{}");
    send_event(replicas[i], "Start", "");
  }
  CHECK(strstr(effects(replicas[0]), "\"leads\":true") != NULL);
  CHECK(strstr(effects(replicas[1]), "\"leads\":true") == NULL);
  cairn_buffer* out = UNSET;
  GIVES(CAIRN_DONE, cairn_coordinator_next(coordinator, &out, E));
  CHECK(out == NULL);
  /* Replicas of one instance tell each other without messages. */
  peer one = {database, collection, coordinator, replicas[0]};
  write_from(&one, "[{key: 1, value: {}}]");
  effects(replicas[0]);
  CHECK(strstr(effects(replicas[1]), "{\"key\":1,") != NULL);
  cairn_replica_close(replicas[0]);
  /* Others have written since its source began: that begins anew before it is saved. */
  const char* given = effects(replicas[1]);
  CHECK(strstr(given, "\"leads\":true") != NULL);
  const char* restart = strstr(given, "\"RestartSource\",\"number\":");
  REQUIRE(restart != NULL);
  char done[40];
  snprintf(done, sizeof done, "effect: %d",
           atoi(restart + strlen("\"RestartSource\",\"number\":")));
  send_event(replicas[1], "EffectDone", done);
  /* A replica goes on without the coordinator's handle. */
  cairn_coordinator_close(coordinator);
  one.replica = replicas[1];
  write_from(&one, "[{key: 2, value: {}}]");
  CHECK(strstr(effects(replicas[1]), "\"Saved\"") != NULL);
  cairn_replica_close(replicas[1]);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

/* --- Wakeups --- */

typedef struct counts {
  int woken;
  int destroyed;
} counts;

static void count_wakeup(void* user_data) { ((counts*)user_data)->woken++; }
static void count_destroy(void* user_data) { ((counts*)user_data)->destroyed++; }

static cairn_wakeup wakeup_of(counts* counted) {
  cairn_wakeup made = {sizeof(cairn_wakeup), counted, count_wakeup, count_destroy};
  return made;
}

static void a_wakeup_comes_once_until_drained(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_coordinator* coordinator = open_coordinator(database, "{kind: \"Host\"}");
  cairn_replica* replica = open_replica(collection, coordinator, "{}");
  counts counted = {0, 0};
  cairn_wakeup wakeup = wakeup_of(&counted);
  WORKS(cairn_coordinator_set_wakeup(coordinator, &wakeup, E));
  CHECK(counted.woken == 0);
  send_event(replica, "Start", "");
  CHECK(counted.woken == 1);
  send_event(replica, "LoadSubset", "subset_id: 1");
  CHECK(counted.woken == 1);
  /* While it works it asks for an election: that is told when it is drained. */
  effects(replica);
  CHECK(counted.woken == 2);
  cairn_buffer* out = UNSET;
  WORKS(cairn_coordinator_next(coordinator, &out, E));
  CHECK(strstr(table_text("CoordinatorAction", out), "\"kind\":\"Elect\"") != NULL);
  GIVES(CAIRN_DONE, cairn_coordinator_next(coordinator, &out, E));
  CHECK(counted.woken == 2);
  tell_coordinator(coordinator, "{kind: \"Elected\", collection: \"c\"}");
  CHECK(counted.woken == 3);
  tell_coordinator(coordinator, "{kind: \"Tick\", now_ms: 5}");
  CHECK(counted.woken == 3);
  WORKS(cairn_coordinator_set_wakeup(coordinator, NULL, E));
  CHECK(counted.destroyed == 1);
  send_event(replica, "UnloadSubset", "subset_id: 1");
  effects(replica);
  CHECK(counted.woken == 3);
  cairn_replica_close(replica);
  cairn_coordinator_close(coordinator);
  CHECK(counted.destroyed == 1);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void a_wakeup_that_comes_late_is_told_at_once(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_coordinator* coordinator = open_coordinator(database, "{kind: \"Host\"}");
  cairn_replica* replica = open_replica(collection, coordinator, "{}");
  send_event(replica, "Start", "");
  counts first = {0, 0}, second = {0, 0};
  cairn_wakeup wakeup = wakeup_of(&first);
  WORKS(cairn_coordinator_set_wakeup(coordinator, &wakeup, E));
  CHECK(first.woken == 1 && first.destroyed == 0);
  wakeup = wakeup_of(&second);
  WORKS(cairn_coordinator_set_wakeup(coordinator, &wakeup, E));
  CHECK(first.destroyed == 1 && second.woken == 1);
  /* The replica outlives the coordinator's handle, and wakes nobody then. */
  cairn_coordinator_close(coordinator);
  CHECK(second.destroyed == 1);
  send_event(replica, "Stop", "");
  effects(replica);
  cairn_replica_close(replica);
  CHECK(second.woken == 1 && second.destroyed == 1);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void a_wakeup_that_is_refused_is_destroyed(void) {
  cairn_database* database = open_memory();
  cairn_coordinator* coordinator = open_coordinator(database, "{kind: \"Host\"}");
  counts counted = {0, 0};
  cairn_wakeup wakeup = wakeup_of(&counted);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_coordinator_set_wakeup(NULL, &wakeup, E));
  CHECK(counted.destroyed == 2); /* FAILS calls twice */
  wakeup.wakeup = NULL;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_coordinator_set_wakeup(coordinator, &wakeup, E));
  CHECK(counted.destroyed == 4);
  wakeup.struct_size = 8;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_coordinator_set_wakeup(coordinator, &wakeup, E));
  CHECK(counted.destroyed == 4);
  wakeup = wakeup_of(&counted);
  wakeup.destroy = NULL;
  WORKS(cairn_coordinator_set_wakeup(coordinator, &wakeup, E));
  WORKS(cairn_coordinator_set_wakeup(coordinator, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_coordinator_set_wakeup(NULL, NULL, E));
  CHECK(counted.destroyed == 4 && counted.woken == 0);
  cairn_coordinator_close(coordinator);
  cairn_database_close(database);
}

static void waiting_ends_where_there_is_something_to_do(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  cairn_coordinator* coordinator = open_coordinator(database, "{kind: \"Host\"}");
  cairn_replica* replica = open_replica(collection, coordinator, "{}");
  GIVES(CAIRN_DONE, cairn_wait(coordinator, 0, E));
  GIVES(CAIRN_DONE, cairn_wait(coordinator, 5, E));
  send_event(replica, "Start", "");
  WORKS(cairn_wait(coordinator, UINT32_MAX, E));
  effects(replica);
  WORKS(cairn_wait(coordinator, UINT32_MAX, E)); /* the election */
  cairn_buffer* out = UNSET;
  WORKS(cairn_coordinator_next(coordinator, &out, E));
  cairn_buffer_free(out);
  GIVES(CAIRN_DONE, cairn_wait(coordinator, 1, E));
  tell_coordinator(coordinator, "{kind: \"Elected\", collection: \"c\"}");
  WORKS(cairn_wait(coordinator, UINT32_MAX, E));
  effects(replica);
  /* What nobody asks for any more does not keep others from waiting. */
  send_event(replica, "Stop", "");
  cairn_replica_close(replica);
  do {
    GIVES(out ? CAIRN_OK : CAIRN_DONE, (cairn_coordinator_next(coordinator, &out, E)));
    cairn_buffer_free(out);
  } while (out);
  GIVES(CAIRN_DONE, cairn_wait(coordinator, 1, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_wait(NULL, 0, E));
  cairn_coordinator_close(coordinator);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void refuse(cairn_status status, cairn_coordinator* coordinator, const char* event_json) {
  bytes made = table("CoordinatorEvent", event_json);
  FAILS(status, cairn_coordinator_send(coordinator, made.data, made.size, E));
}

static void wrong_events_are_refused(void) {
  cairn_database* database = open_memory();
  cairn_coordinator* coordinator = open_coordinator(database, "{kind: \"Host\"}");
  FAILS(CAIRN_MALFORMED, cairn_coordinator_send(coordinator, NULL, 0, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_coordinator_send(NULL, NULL, 0, E));
  refuse(CAIRN_MALFORMED, coordinator, "{kind: 5}");
  refuse(CAIRN_INVALID_ARGUMENT, coordinator, "{kind: \"Elected\"}");
  refuse(CAIRN_INVALID_ARGUMENT, coordinator, "{kind: \"Lost\"}");
  refuse(CAIRN_INVALID_ARGUMENT, coordinator, "{kind: \"Gone\"}");
  refuse(CAIRN_INVALID_ARGUMENT, coordinator, "{kind: \"Tick\", now_ms: 9223372036854775807}");
  refuse(CAIRN_MALFORMED, coordinator, "{kind: \"Received\"}");
  refuse(CAIRN_MALFORMED, coordinator,
         "{kind: \"Received\", message: {\"$bytes\": \"AAECAwQFBgc=\"}}");
  bytes large = zeros((66u << 20) + (64u << 10) + 1);
  FAILS(CAIRN_TOO_LARGE, cairn_coordinator_send(coordinator, large.data, large.size, E));
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_coordinator_next(NULL, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_coordinator_next(coordinator, NULL, E));
  /* A collection that nobody has open is let go of again. */
  tell_coordinator(coordinator, "{kind: \"Elected\", collection: \"other\"}");
  WORKS(cairn_coordinator_next(coordinator, &out, E));
  CHECK_TEXT(table_text("CoordinatorAction", out),
             "{\"kind\":\"Release\",\"collection\":\"other\"}");
  cairn_coordinator_close(coordinator);
  cairn_coordinator_close(NULL);
  cairn_database_close(database);
}

static void wrong_options_are_refused(void) {
  cairn_database* database = open_memory();
  char long_name[1200];
  memset(long_name, 'x', sizeof long_name);
  memcpy(long_name, "{kind: \"Host\", node: \"", 22);
  memcpy(long_name + sizeof long_name - 3, "\"}", 3);
  const struct {
    const char* options;
    cairn_status status;
  } wrong[] = {{"{kind: 3}", CAIRN_MALFORMED},
               {"{kind: \"Host\", heartbeat_ms: 0}", CAIRN_INVALID_ARGUMENT},
               {"{kind: \"Host\", timeout_ms: 0}", CAIRN_INVALID_ARGUMENT},
               {long_name, CAIRN_INVALID_ARGUMENT},
               {"{}", CAIRN_INVALID_ARGUMENT}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    bytes made = table("CoordinatorOptions", wrong[i].options);
    cairn_coordinator* coordinator = UNSET;
    FAILS(wrong[i].status, cairn_coordinator_open(database, made.data, made.size, &coordinator, E));
    CHECK(coordinator == NULL);
  }
  bytes made = table("CoordinatorOptions", "{kind: \"Host\"}");
  cairn_coordinator* coordinator = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT,
        cairn_coordinator_open(NULL, made.data, made.size, &coordinator, E));
  FAILS(CAIRN_MALFORMED, cairn_coordinator_open(database, made.data, 3, &coordinator, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_coordinator_open(database, made.data, made.size, NULL, E));
  cairn_database_close(database);
}

int main(void) {
  static const test tests[] = {
      TEST(one_writes_and_the_other_hears_of_it),
      TEST(the_next_one_leads_when_the_leader_closes),
      TEST(a_leader_that_lost_the_collection_steps_down),
      TEST(a_follower_asks_the_leader),
      TEST(who_does_not_answer_is_given_up),
      TEST(alone_it_leads_at_once),
      TEST(a_wakeup_comes_once_until_drained),
      TEST(a_wakeup_that_comes_late_is_told_at_once),
      TEST(a_wakeup_that_is_refused_is_destroyed),
      TEST(waiting_ends_where_there_is_something_to_do),
      TEST(wrong_events_are_refused),
      TEST(wrong_options_are_refused),
  };
  return RUN_TESTS(tests);
}
