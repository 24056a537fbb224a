/* What a scenario of the C runner has open; see handles.h. */
#include "handles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *folder, *main_file;
static struct handle handles[256];
static size_t handle_count;

const char* path_of(const char* name) {
  if (main_file != NULL && strcmp(name, "main") == 0) return main_file;
  char* path = defer(malloc(4096), free);
  snprintf(path, 4096, "%s/%s", folder, name);
  return path;
}

const char* db_of(json* step) { return text(step, "db", "main"); }

void close_handle(struct handle* handle) {
  switch (handle->kind) {
    case DATABASE:
      cairn_database_close(handle->it);
      break;
    case COLLECTION:
      cairn_collection_close(handle->it);
      break;
    case COORDINATOR:
      cairn_coordinator_close(handle->it);
      break;
    case REPLICA:
      cairn_replica_close(handle->it);
      break;
    case CURSOR:
      cairn_cursor_close(handle->it);
      break;
  }
  json_object_put(handle->numbers);
  free((void*)(uintptr_t)handle->name.data);
  size_t behind = (size_t)(handles + --handle_count - handle);
  memmove(handle, handle + 1, behind * sizeof *handle);
}

struct handle* find(enum kind kind, json* step, const char* field, const char* otherwise) {
  struct bytes name = string(step, field, otherwise);
  for (struct handle* one = handles; one < handles + handle_count; one++)
    if (one->kind == kind && one->name.size == name.size &&
        memcmp(one->name.data, name.data, name.size) == 0 &&
        (kind > COLLECTION || strcmp(one->db, db_of(step)) == 0))
      return one;
  return NULL;
}

void* need(enum kind kind, json* step, const char* field, const char* otherwise) {
  struct handle* found = find(kind, step, field, otherwise);
  if (found == NULL) fail("nothing is open as %s", text(step, field, otherwise));
  return found->it;
}

void* keep(enum kind kind, json* step, struct bytes name, void* it) {
  uint8_t* copy = malloc(name.size + 1);
  name.data = memcpy(copy, name.data, name.size);
  struct handle one = {kind, db_of(step), name, it, step, json_object_new_object()};
  handles[handle_count++] = one;
  return it;
}

cairn_database* database(json* step) {
  struct handle* found = find(DATABASE, step, "db", "main");
  if (found != NULL) return found->it;
  json* options = strcmp(text(step, "do", ""), "open") == 0 ? get(step, "options") : NULL;
  const char* path = path_of(text(step, "file", db_of(step)));
  struct bytes bytes = table_of("DatabaseOptions", options);
  cairn_database* opened;
  CALL(cairn_database_open, path, strlen(path), bytes.data, bytes.size, &opened);
  return keep(DATABASE, step, string(step, "db", "main"), opened);
}

cairn_collection* open_collection(json* step) {
  struct bytes name = string(step, "name", "c");
  struct bytes options = table_of("CollectionOptions", get(step, "options"));
  const char* handle = get(step, "as") == NULL ? "name" : "as";
  cairn_database* owner = database(step);
  struct handle* former = find(COLLECTION, step, handle, "c");
  cairn_collection* opened;
  if (former != NULL) close_handle(former);
  CALL(cairn_collection_open, owner, (const char*)name.data, name.size, options.data, options.size,
       &opened);
  return keep(COLLECTION, step, string(step, handle, "c"), opened);
}

cairn_collection* in(json* step) {
  database(step);
  return need(COLLECTION, step, "in", "c");
}

void reopen(json* step) {
  json* steps[256];
  size_t count = 0;
  json* opening = find(DATABASE, step, "db", "main")->step;
  for (struct handle* one = handles; one < handles + handle_count; one++)
    if (one->kind == COLLECTION && strcmp(one->db, db_of(step)) == 0) steps[count++] = one->step;
  close_database(db_of(step));
  database(opening);
  for (size_t i = 0; i < count; i++) open_collection(steps[i]);
}

/* Those that were opened from others go first. */
void close_database(const char* db) {
  for (int kind = CURSOR; kind >= DATABASE; kind--)
    for (size_t i = handle_count; i-- > 0;)
      if ((int)handles[i].kind == kind && strcmp(handles[i].db, db) == 0) close_handle(&handles[i]);
}

void finish(void) {
  for (struct handle* one = handles; one < handles + handle_count; one++) {
    if (one->kind != DATABASE) continue;
    cairn_buffer* out;
    CALL(cairn_database_check, one->it, NULL, 0, &out);
    json* report = json_of("CheckReport", take(out));
    if (!json_object_get_boolean(get(report, "ok")))
      fail("damaged: %s", json_object_to_json_string(report));
  }
}

void close_all(void) {
  while (handle_count > 0) close_database(handles[handle_count - 1].db);
}
