/* Calls from several threads: an interrupt ends what runs, and handles are shared. No test depends
 * on time: the interrupting thread goes on until the other one has been interrupted. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "peers.h"

static cairn_database* database;
static cairn_collection* collection;

/* Says that the other thread has had what it waits for. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool finished;

static bool is_finished(void) {
  pthread_mutex_lock(&mutex);
  bool value_now = finished;
  pthread_mutex_unlock(&mutex);
  return value_now;
}

static void set_finished(bool to) {
  pthread_mutex_lock(&mutex);
  finished = to;
  pthread_mutex_unlock(&mutex);
}

static const char* many_rows(int count) {
  char* json = malloc((size_t)count * 60);
  if (!json) abort();
  char* at = json;
  for (int i = 0; i < count; i++) {
    at += sprintf(at, "{\"id\":%d,\"n\":%d,\"text\":\"row number %d\"}\n", i, i, i);
  }
  return json;
}

static void open_filled(int count) {
  database = open_database("db", "{}");
  collection = open_collection(database, "c", "{}");
  const char* json = many_rows(count);
  bytes rows = batch(json);
  free((void*)json);
  cairn_transaction* transaction = NULL;
  WORKS(cairn_transaction_begin(collection, NULL, 0, &transaction, E));
  WORKS(cairn_transaction_add(transaction, rows.data, rows.size, E));
  cairn_buffer* out = NULL;
  WORKS(cairn_transaction_commit(transaction, &out, E));
  cairn_buffer_free(out);
  cairn_transaction_close(transaction);
}

static void close_filled(void) {
  cairn_collection_close(collection);
  cairn_database_close(database);
}

typedef cairn_status (*work)(void);

/* Works until it is cancelled, or fails in another way. */
static void* work_until_cancelled(void* argument) {
  work* one = argument;
  cairn_status status = CAIRN_OK;
  while (status == CAIRN_OK) status = (*one)();
  set_finished(true);
  CHECK(status == CAIRN_CANCELLED);
  return NULL;
}

/* Interrupts the work in another thread until it has been cancelled. */
static void interrupt_until_cancelled(work one) {
  pthread_t thread;
  set_finished(false);
  CHECK(pthread_create(&thread, NULL, work_until_cancelled, &one) == 0);
  while (!is_finished()) {
    CHECK(cairn_database_interrupt(database) == CAIRN_OK);
    sched_yield();
  }
  pthread_join(thread, NULL);
}

static void interrupt_work(work one) {
  interrupt_until_cancelled(one);
  /* Later calls are not affected. */
  CHECK(one() == CAIRN_OK);
}

static cairn_status digest(void) {
  cairn_buffer* out = UNSET;
  cairn_status status = cairn_database_digest(database, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  cairn_buffer_free(out);
  return status;
}

static cairn_status check(void) {
  cairn_buffer* out = UNSET;
  cairn_status status = cairn_database_check(database, NULL, 0, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  cairn_buffer_free(out);
  return status;
}

static cairn_status load(bytes request) {
  cairn_cursor* cursor = NULL;
  cairn_status status =
      cairn_collection_load(collection, request.data, request.size, &cursor, NULL);
  while (status == CAIRN_OK) {
    cairn_buffer* out = UNSET;
    status = cairn_cursor_next(cursor, &out, NULL);
    CHECK((status == CAIRN_OK) == (out != NULL));
    cairn_buffer_free(out);
  }
  cairn_cursor_close(cursor);
  return status == CAIRN_DONE ? CAIRN_OK : status;
}

static cairn_status scan(void) {
  bytes all = {NULL, 0};
  return load(all);
}

static bytes request_to_sort;
static cairn_status sort(void) { return load(request_to_sort); }

static bytes request_to_index;
static cairn_status make_index(void) {
  cairn_buffer* out = UNSET;
  cairn_status status = cairn_collection_ensure_index(collection, request_to_index.data,
                                                      request_to_index.size, &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  cairn_buffer_free(out);
  return status == CAIRN_OK ? cairn_collection_remove_index(collection, "s", 1, NULL) : status;
}

static void an_interrupt_ends_queries_and_the_making_of_indexes(void) {
  open_filled(20000);
  request_to_sort = table("LoadRequest",
                          "{subset: {order_by: [{expression: {nodes: [{kind: \"Reference\", "
                          "path: [\"text\"]}]}, direction: \"Descending\"}]}}");
  interrupt_work(sort);
  request_to_index = table("IndexRequest",
                           "{signature: \"s\", expressions: [{nodes: [{kind: \"Reference\", "
                           "path: [\"text\"]}]}]}");
  interrupt_work(make_index);
  CHECK(check() == CAIRN_OK);
  close_filled();
}

static void an_interrupt_ends_reading(void) {
  open_filled(20000);
  interrupt_work(digest);
  interrupt_work(check);
  interrupt_work(scan);
  close_filled();
}

static bytes rows_to_write;

static cairn_status write_rows(void) {
  cairn_transaction* transaction = NULL;
  cairn_status status = cairn_transaction_begin(collection, NULL, 0, &transaction, NULL);
  for (int i = 0; i < 3 && status == CAIRN_OK; i++) {
    status = cairn_transaction_add(transaction, rows_to_write.data, rows_to_write.size, NULL);
  }
  cairn_transaction_close(transaction);
  return status;
}

static void an_interrupt_ends_writing_and_leaves_nothing(void) {
  open_filled(10);
  const char* json = many_rows(5000);
  rows_to_write = batch(json);
  free((void*)json);
  interrupt_work(write_rows);
  CHECK(row_count(collection) == 10);
  CHECK(check() == CAIRN_OK);
  close_filled();
}

static cairn_status wait_for_the_writer(void) {
  cairn_transaction* transaction = NULL;
  cairn_status status = cairn_transaction_begin(collection, NULL, 0, &transaction, NULL);
  cairn_transaction_close(transaction);
  return status;
}

static void an_interrupt_ends_waiting(void) {
  cairn_database* other = open_database("db", "{}");
  cairn_collection* held = open_collection(other, "c", "{}");
  database = open_database("db", "{busy_timeout_ms: 4000000}");
  collection = open_collection(database, "c", "{}");
  cairn_transaction* transaction = NULL;
  WORKS(cairn_transaction_begin(held, NULL, 0, &transaction, E));
  interrupt_until_cancelled(wait_for_the_writer);
  cairn_transaction_close(transaction);
  CHECK(wait_for_the_writer() == CAIRN_OK);
  cairn_collection_close(held);
  cairn_database_close(other);
  close_filled();
}

static void* put_hundred(void* argument) {
  int first = *(int*)argument;
  for (int i = first; i < first + 100; i++) {
    /* A key by hand, as the harness belongs to the main thread: an integer of four bytes. */
    uint8_t key[5] = {0x07, (uint8_t)i, (uint8_t)(i >> 8), 1, 0};
    static const uint8_t empty[] = {0x15, 0x02, 0x00, 0x00};
    cairn_status status =
        cairn_collection_put(collection, key, sizeof key, empty, sizeof empty, NULL, NULL);
    if (status != CAIRN_OK) return (void*)cairn_status_name(status);
  }
  return NULL;
}

static void one_handle_serves_several_threads(void) {
  open_filled(10);
  pthread_t threads[4];
  int firsts[4] = {0, 100, 200, 300};
  for (int i = 0; i < 4; i++) {
    CHECK(pthread_create(&threads[i], NULL, put_hundred, &firsts[i]) == 0);
  }
  for (int i = 0; i < 4; i++) {
    void* failure = NULL;
    pthread_join(threads[i], &failure);
    CHECK_TEXT(failure ? (const char*)failure : "CAIRN_OK", "CAIRN_OK");
  }
  CHECK(row_count(collection) == 410);
  close_filled();
}

/* --- Coordinators --- */

static cairn_coordinator* coordinator;
static cairn_replica* replica;

static void open_coordinated(void) {
  database = open_memory();
  collection = open_collection(database, "c", "{}");
  coordinator = open_coordinator(database, "{kind: \"Host\"}");
  replica = open_replica(collection, coordinator, "{}");
}

static void close_coordinated(void) {
  cairn_replica_close(replica);
  cairn_coordinator_close(coordinator);
  close_filled();
}

static void* wait_for_work(void* argument) {
  *(cairn_status*)argument = cairn_wait(coordinator, UINT32_MAX, NULL);
  return NULL;
}

/* Each thread that waits goes on, whether it began to before or after the event. */
static void an_event_ends_the_waiting_of_all(void) {
  open_coordinated();
  pthread_t threads[3];
  cairn_status given[3] = {CAIRN_INTERNAL, CAIRN_INTERNAL, CAIRN_INTERNAL};
  for (int i = 0; i < 3; i++) {
    CHECK(pthread_create(&threads[i], NULL, wait_for_work, &given[i]) == 0);
  }
  send_event(replica, "Start", "");
  for (int i = 0; i < 3; i++) {
    pthread_join(threads[i], NULL);
    CHECK(given[i] == CAIRN_OK);
  }
  effects(replica);
  close_coordinated();
}

/* A wakeup that is called until it may end, so that the test knows that it goes on meanwhile. */
typedef struct slow_wakeup {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool is_called;
  bool may_end;
  bool has_ended;
  int destroyed;
} slow_wakeup;

static void run_slowly(void* user_data) {
  slow_wakeup* slow = user_data;
  pthread_mutex_lock(&slow->lock);
  slow->is_called = true;
  pthread_cond_broadcast(&slow->changed);
  while (!slow->may_end) pthread_cond_wait(&slow->changed, &slow->lock);
  pthread_mutex_unlock(&slow->lock);
  sched_yield(); /* so that a removal that does not wait would overtake it */
  pthread_mutex_lock(&slow->lock);
  slow->has_ended = true;
  pthread_mutex_unlock(&slow->lock);
}

static void destroy_slowly(void* user_data) {
  slow_wakeup* slow = user_data;
  pthread_mutex_lock(&slow->lock);
  CHECK(slow->has_ended);
  slow->destroyed++;
  pthread_mutex_unlock(&slow->lock);
}

static void* start_replica(void* argument) {
  bytes* start = argument;
  return (void*)cairn_status_name(cairn_replica_send(replica, start->data, start->size, NULL));
}

static void a_removed_wakeup_is_not_called_any_more(void) {
  open_coordinated();
  slow_wakeup slow = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false, false, 0};
  cairn_wakeup wakeup = {sizeof wakeup, &slow, run_slowly, destroy_slowly};
  WORKS(cairn_coordinator_set_wakeup(coordinator, &wakeup, E));
  bytes start = event("Start", "");
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, start_replica, &start) == 0);
  pthread_mutex_lock(&slow.lock);
  while (!slow.is_called) pthread_cond_wait(&slow.changed, &slow.lock);
  /* It goes on under no lock: the coordinator can be used meanwhile. */
  tell_coordinator(coordinator, "{kind: \"Tick\", now_ms: 1}");
  WORKS(cairn_wait(coordinator, 0, E));
  slow.may_end = true;
  pthread_cond_broadcast(&slow.changed);
  pthread_mutex_unlock(&slow.lock);
  WORKS(cairn_coordinator_set_wakeup(coordinator, NULL, E));
  CHECK(slow.has_ended && slow.destroyed == 1);
  void* name = NULL;
  pthread_join(thread, &name);
  CHECK_TEXT((const char*)name, "CAIRN_OK");
  close_coordinated();
  CHECK(slow.destroyed == 1);
}

/* Two threads use one coordinator: a leader that writes, and a host that carries its messages. */
static void* carry_until_finished(void* argument) {
  int* carried = argument;
  for (bool last = false; !last;) {
    last = is_finished();
    cairn_buffer* out = NULL;
    while (cairn_coordinator_next(coordinator, &out, NULL) == CAIRN_OK) {
      (*carried)++;
      cairn_buffer_free(out);
    }
    if (!last) cairn_wait(coordinator, 1, NULL);
  }
  return NULL;
}

static void a_replica_and_its_host_are_on_two_threads(void) {
  open_coordinated();
  set_finished(false);
  pthread_t thread;
  int carried = 0;
  CHECK(pthread_create(&thread, NULL, carry_until_finished, &carried) == 0);
  send_event(replica, "Start", "");
  effects(replica);
  tell_coordinator(coordinator, "{kind: \"Elected\", collection: \"c\"}");
  for (int i = 0; i < 50; i++) {
    send_event(replica, "SourceBegin", "");
    send_event(replica, "SourceTruncate", "");
    send_event(replica, "SourceCommit", "metadata: [{key: \"k\", value: 1}]");
    CHECK(strstr(effects(replica), "\"Saved\"") != NULL);
  }
  set_finished(true);
  pthread_join(thread, NULL);
  CHECK(carried >= 2); /* the election, and news of the commits */
  close_coordinated();
}

/* What the library carries out on a thread of its own is not for the host: it would never lead. */
static void a_native_coordinator_has_no_actions_for_its_host(void) {
  database = open_database("db", "{}");
  collection = open_collection(database, "c", "{}");
  coordinator = open_coordinator(database, "{kind: \"Native\"}");
  replica = open_replica(collection, coordinator, "{}");
  send_event(replica, "Start", "");
  bool leads = false;
  for (int i = 0; i < 1000 && !leads; i++) {
    cairn_buffer* action = UNSET;
    GIVES(CAIRN_DONE, cairn_coordinator_next(coordinator, &action, E));
    CHECK(action == NULL);
    leads = count_of(effects(replica), "\"leads\":true") != 0;
    if (!leads) cairn_wait(coordinator, 10, NULL);
  }
  CHECK(leads);
  cairn_replica_close(replica);
  cairn_coordinator_close(coordinator);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

int main(void) {
  static const test tests[] = {
      TEST(an_interrupt_ends_reading),
      TEST(an_interrupt_ends_queries_and_the_making_of_indexes),
      TEST(an_interrupt_ends_writing_and_leaves_nothing),
      TEST(an_interrupt_ends_waiting),
      TEST(one_handle_serves_several_threads),
      TEST(an_event_ends_the_waiting_of_all),
      TEST(a_removed_wakeup_is_not_called_any_more),
      TEST(a_replica_and_its_host_are_on_two_threads),
      TEST(a_native_coordinator_has_no_actions_for_its_host),
  };
  return RUN_TESTS(tests);
}
