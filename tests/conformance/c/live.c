/* The steps on cursors, indexes, replicas and coordinators; see steps.h. */
#include <string.h>

#include "steps.h"

void do_ensure_index(void) {
  struct bytes request = table_of("IndexRequest", get(step, "request"));
  EXPECT("IndexInfo", cairn_collection_ensure_index, in(step), request.data, request.size);
}

void do_remove_index(void) {
  const char* signature = text(step, "signature", "");
  CALL(cairn_collection_remove_index, in(step), signature, strlen(signature));
}

void do_cursor(void) {
  cairn_cursor* opened = keep(CURSOR, step, string(step, "as", ""), open_cursor(step));
  EXPECT("CursorHead", cairn_cursor_head, opened);
}

void do_next(void) {
  cairn_status status;
  struct bytes bytes = next_of(need(CURSOR, step, "of", ""), &status);
  cairn_status wanted = get(step, "done")       ? CAIRN_DONE
                        : get(step, "question") ? CAIRN_QUESTION
                                                : CAIRN_OK;
  if (status != wanted) fail("%s", cairn_status_name(status));
  if (status == CAIRN_QUESTION) expect_table(get(step, "question"), json_of("Question", bytes));
  if (status != CAIRN_OK) return;
  json* rows = owned(json_object_new_array());
  read_rows(bytes, rows);
  expect_rows(get(step, "rows"), rows, false);
}

void do_answer(void) { answer_to(need(CURSOR, step, "of", ""), get(step, "answer")); }

void do_release(void) {
  for (enum kind kind = COORDINATOR; kind <= CURSOR; kind++) {
    struct handle* found = find(kind, step, "of", "");
    if (found == NULL) continue;
    close_handle(found);
    return;
  }
  fail("nothing is open as %s", text(step, "of", ""));
}

void do_coordinator(void) {
  struct bytes options = table_of("CoordinatorOptions", get(step, "options"));
  cairn_coordinator* opened;
  CALL(cairn_coordinator_open, database(step), options.data, options.size, &opened);
  keep(COORDINATOR, step, string(step, "as", ""), opened);
}

void do_replica(void) {
  struct bytes options = table_of("ReplicaOptions", get(step, "options"));
  bool alone = get(step, "coordinator") == NULL;
  cairn_coordinator* coordinator = alone ? NULL : need(COORDINATOR, step, "coordinator", "");
  cairn_replica* opened;
  CALL(cairn_replica_open, in(step), coordinator, options.data, options.size, &opened);
  keep(REPLICA, step, string(step, "as", ""), opened);
}

/* An event whose effect is named by its kind gets its number. */
static json* numbered(json* event, struct handle* handle) {
  if (!json_object_is_type(get(event, "effect"), json_type_string)) return event;
  json* copy = copy_of(event);
  json_object_object_add(copy, "effect",
                         json_object_get(get(handle->numbers, text(event, "effect", ""))));
  return copy;
}

void do_send(void) {
  struct handle* to = find(REPLICA, step, "of", "");
  for (size_t i = 0; i < length(get(step, "events")); i++) {
    json* event = item(get(step, "events"), i);
    struct bytes bytes =
        table_of(to ? "ReplicaEvent" : "CoordinatorEvent", to ? numbered(event, to) : event);
    if (to != NULL) CALL(cairn_replica_send, to->it, bytes.data, bytes.size);
    if (to == NULL)
      CALL(cairn_coordinator_send, need(COORDINATOR, step, "of", ""), bytes.data, bytes.size);
  }
}

static bool wanted(const char* kind) {
  json* kinds = get(step, "kinds");
  for (size_t i = 0; i < length(kinds); i++)
    if (strcmp(json_object_get_string(item(kinds, i)), kind) == 0) return true;
  return kinds == NULL;
}

void do_effects(void) {
  cairn_replica* replica = need(REPLICA, step, "of", "");
  json* numbers = find(REPLICA, step, "of", "")->numbers;
  json* taken = owned(json_object_new_array());
  cairn_status status;
  while ((status = cairn_replica_next(replica, &out, &call_error)) == CAIRN_OK) {
    json* effect = json_of("ReplicaEffect", take(out));
    const char* kind = text(effect, "kind", "Started");
    json_object_object_add(numbers, kind, json_object_get(get(effect, "number")));
    if (wanted(kind)) json_object_array_add(taken, json_object_get(effect));
  }
  if (status != CAIRN_DONE) check(status);
  expect_table(get(step, "effects"), taken);
}

/* A message arrives at the coordinators that the step delivers to. */
static void deliver(json* message) {
  json *event = owned(json_object_new_object()), *to = get(step, "deliver");
  json_object_object_add(event, "kind", json_object_new_string("Received"));
  json_object_object_add(event, "message", json_object_get(message));
  struct bytes bytes = table_of("CoordinatorEvent", event);
  for (size_t i = 0; i < length(to); i++) {
    json* receiver = copy_of(step);
    json_object_object_add(receiver, "of", json_object_get(item(to, i)));
    CALL(cairn_coordinator_send, need(COORDINATOR, receiver, "of", ""), bytes.data, bytes.size);
  }
}

void do_actions(void) {
  json* taken = owned(json_object_new_array());
  cairn_status status;
  while ((status = cairn_coordinator_next(need(COORDINATOR, step, "of", ""), &out, &call_error)) ==
         CAIRN_OK) {
    json* action = json_of("CoordinatorAction", take(out));
    if (wanted(text(action, "kind", "Elect")))
      json_object_array_add(taken, json_object_get(action));
    if (get(action, "message") != NULL) deliver(get(action, "message"));
  }
  if (status != CAIRN_DONE) check(status);
  expect_table(get(step, "actions"), taken);
}
