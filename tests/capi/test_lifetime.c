/* Handles: closed in any order, used in the child of a fork(), and never leaked. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor_host_c.h"
#include "peers.h"

typedef struct handles {
  cairn_database* database;
  cairn_collection* collection;
  cairn_cursor* cursor;
  cairn_transaction* transaction;
  cairn_coordinator* coordinator;
  cairn_replica* replica;
} handles;

/* Opens one of each, with one row committed and one not. */
static handles open_all(cairn_database* database) {
  handles all = {database, NULL, NULL, NULL, NULL, NULL};
  all.collection = open_collection(database, "c", "{}");
  put_row(all.collection, "1", "{\"v\": 1}");
  WORKS(cairn_collection_load(all.collection, NULL, 0, &all.cursor, E));
  WORKS(cairn_transaction_begin(all.collection, NULL, 0, &all.transaction, E));
  bytes rows = batch("[{\"id\": 2}]");
  WORKS(cairn_transaction_add(all.transaction, rows.data, rows.size, E));
  return all;
}

static void close_one(handles* all, int which) {
  switch (which) {
    case 0:
      cairn_database_close(all->database);
      break;
    case 1:
      cairn_collection_close(all->collection);
      break;
    case 2:
      cairn_cursor_close(all->cursor);
      break;
    default:
      cairn_transaction_close(all->transaction);
      break;
  }
}

/* The n-th of the 24 orders of four handles. */
static void order_of(int n, int order[4]) {
  int left[4] = {0, 1, 2, 3};
  for (int i = 0; i < 4; i++) {
    int choices = 4 - i;
    int at = n % choices;
    n /= choices;
    order[i] = left[at];
    for (int k = at; k + 1 < choices; k++) left[k] = left[k + 1];
  }
}

static void close_in_order(cairn_database* database, int n) {
  int order[4];
  order_of(n, order);
  handles all = open_all(database);
  for (int i = 0; i < 4; i++) close_one(&all, order[i]);
}

static void handles_of_a_file_close_in_any_order(void) {
  for (int n = 0; n < 24; n++) {
    close_in_order(open_database("db", "{}"), n);
    cairn_database* database = open_database("db", "{}");
    cairn_collection* collection = open_collection(database, "c", "{}");
    CHECK(row_count(collection) == 1);
    cairn_collection_close(collection);
    cairn_database_close(database);
  }
}

static void handles_in_memory_close_in_any_order(void) {
  for (int n = 0; n < 24; n++) close_in_order(open_memory(), n);
}

static void handles_over_a_host_close_in_any_order(void) {
  for (int n = 0; n < 24; n++) {
    test_host* host = test_host_open(":memory:");
    cairn_sql_executor executor = test_host_table(host);
    cairn_database* database = UNSET;
    WORKS(cairn_database_open_executor(&executor, NULL, 0, &database, E));
    close_in_order(database, n);
    CHECK(test_host_destroyed(host) == 1);
    CHECK(test_host_violation(host) == NULL);
    test_host_close(host);
  }
}

static void what_is_open_works_after_its_database_was_closed(void) {
  handles all = open_all(open_database("db", "{}"));
  cairn_database_close(all.database);
  CHECK(row_count(all.collection) == 1);
  cairn_buffer* out = UNSET;
  WORKS(cairn_cursor_next(all.cursor, &out, E));
  cairn_buffer_free(out);
  cairn_collection_close(all.collection);
  out = UNSET;
  WORKS(cairn_transaction_commit(all.transaction, &out, E));
  cairn_buffer_free(out);
  cairn_transaction_close(all.transaction);
  out = UNSET;
  GIVES(CAIRN_DONE, cairn_cursor_next(all.cursor, &out, E));
  CHECK(out == NULL);
  cairn_cursor_close(all.cursor);
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  CHECK(row_count(collection) == 2);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

/* Every call on a handle of the parent gives CAIRN_FORKED; how many did not. */
static int use_in_child(handles* all, bytes key, bytes row, bytes rows) {
  cairn_buffer* out = UNSET;
  cairn_collection* collection = UNSET;
  cairn_cursor* cursor = UNSET;
  cairn_transaction* transaction = UNSET;
  uint64_t version = 9;
  const cairn_status given[] = {
      cairn_database_interrupt(all->database),
      cairn_database_info(all->database, &out, NULL),
      cairn_database_check(all->database, NULL, 0, &out, NULL),
      cairn_database_digest(all->database, &out, NULL),
      cairn_database_flush(all->database, NULL),
      cairn_database_maintain(all->database, 1, NULL),
      cairn_collection_open(all->database, "d", 1, NULL, 0, &collection, NULL),
      cairn_collection_drop(all->database, "c", 1, NULL),
      cairn_collection_info(all->collection, &out, NULL),
      cairn_collection_get(all->collection, key.data, key.size, &out, NULL),
      cairn_collection_put(all->collection, key.data, key.size, row.data, row.size, &version, NULL),
      cairn_collection_remove(all->collection, key.data, key.size, &version, NULL),
      cairn_collection_metadata(all->collection, &out, NULL),
      cairn_collection_reset(all->collection, NULL),
      cairn_collection_load(all->collection, NULL, 0, &cursor, NULL),
      cairn_collection_delta(all->collection, NULL, 0, &cursor, NULL),
      cairn_transaction_begin(all->collection, NULL, 0, &transaction, NULL),
      cairn_cursor_head(all->cursor, &out, NULL),
      cairn_cursor_next(all->cursor, &out, NULL),
      cairn_cursor_answer(all->cursor, key.data, key.size, NULL),
      cairn_cursor_explain(all->cursor, &out, NULL),
      cairn_collection_ensure_index(all->collection, NULL, 0, &out, NULL),
      cairn_collection_remove_index(all->collection, "i", 1, NULL),
      cairn_transaction_add(all->transaction, rows.data, rows.size, NULL),
      cairn_transaction_commit(all->transaction, &out, NULL)};
  int wrong = out != NULL || collection != NULL || cursor != NULL || transaction != NULL;
  for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
    if (given[i] != CAIRN_FORKED) {
      printf("call %d in the child gives %s\n", (int)i, cairn_status_name(given[i]));
      wrong++;
    }
  }
  return wrong;
}

/* The same for a coordinator and its replica. */
static int coordinate_in_child(handles* all, bytes start) {
  cairn_buffer* out = UNSET;
  cairn_coordinator* coordinator = UNSET;
  cairn_replica* replica = UNSET;
  const cairn_status given[] = {
      cairn_coordinator_open(all->database, NULL, 0, &coordinator, NULL),
      cairn_coordinator_send(all->coordinator, start.data, start.size, NULL),
      cairn_coordinator_next(all->coordinator, &out, NULL),
      cairn_coordinator_set_wakeup(all->coordinator, NULL, NULL),
      cairn_wait(all->coordinator, UINT32_MAX, NULL),
      cairn_replica_open(all->collection, all->coordinator, NULL, 0, &replica, NULL),
      cairn_replica_send(all->replica, start.data, start.size, NULL),
      cairn_replica_next(all->replica, &out, NULL)};
  int wrong = out != NULL || coordinator != NULL || replica != NULL;
  for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
    if (given[i] != CAIRN_FORKED) {
      printf("coordinating call %d in the child gives %s\n", (int)i, cairn_status_name(given[i]));
      wrong++;
    }
  }
  return wrong;
}

static void fork_and_use(handles* all, bool close_in_child) {
  bytes key = value("1");
  bytes row = value("{}");
  bytes rows = batch("[{\"id\": 3}]");
  bytes start = event("Start", "");
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    int wrong = use_in_child(all, key, row, rows) + coordinate_in_child(all, start);
    for (int i = 0; close_in_child && i < 4; i++) close_one(all, i);
    if (close_in_child) cairn_replica_close(all->replica);
    if (close_in_child) cairn_coordinator_close(all->coordinator);
    fflush(stdout);
    _exit(wrong ? 1 : 0);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The parent goes on as if nothing had happened, whether or not the child closed its handles. */
static void after_a_fork(bool close_in_child) {
  handles all = open_all(open_database("db", "{}"));
  all.coordinator = open_coordinator(all.database, "{kind: \"Host\"}");
  all.replica = open_replica(all.collection, all.coordinator, "{}");
  fork_and_use(&all, close_in_child);
  cairn_buffer* out = UNSET;
  WORKS(cairn_cursor_next(all.cursor, &out, E));
  cairn_buffer_free(out);
  out = UNSET;
  WORKS(cairn_transaction_commit(all.transaction, &out, E));
  cairn_buffer_free(out);
  CHECK(row_count(all.collection) == 2);
  cairn_transaction_close(all.transaction);
  put_row(all.collection, "5", "{}");
  CHECK(row_count(all.collection) == 3);
  WORKS(cairn_database_check(all.database, NULL, 0, &out, E));
  CHECK(strstr(table_text("CheckReport", out), "\"ok\":true") != NULL);
  send_event(all.replica, "Start", "");
  CHECK(strstr(effects(all.replica), "{\"key\":5,") != NULL);
  cairn_replica_close(all.replica);
  cairn_coordinator_close(all.coordinator);
  for (int i = 0; i < 3; i++) close_one(&all, i);
}

static void a_child_that_exits(void) { after_a_fork(false); }
static void a_child_that_closes(void) { after_a_fork(true); }

static void many_handles_on_one_collection(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* all[50];
  for (int i = 0; i < 50; i++) {
    all[i] = open_collection(database, "c", "{}");
    char key[16];
    snprintf(key, sizeof key, "%d", i);
    put_row(all[i], key, "{}");
  }
  for (int i = 0; i < 50; i++) {
    CHECK(row_count(all[i]) == 50);
    cairn_collection_close(all[i]);
  }
  cairn_database_close(database);
}

int main(void) {
  static const test tests[] = {
      TEST(handles_of_a_file_close_in_any_order),
      TEST(handles_in_memory_close_in_any_order),
      TEST(handles_over_a_host_close_in_any_order),
      TEST(what_is_open_works_after_its_database_was_closed),
      TEST(a_child_that_exits),
      TEST(a_child_that_closes),
      TEST(many_handles_on_one_collection),
  };
  return RUN_TESTS(tests);
}
