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

const char* db_of(json* from) { return text(from, "db", "main"); }

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

struct handle* find(enum kind kind, json* from, const char* field, const char* otherwise) {
  struct bytes name = string(from, field, otherwise);
  for (struct handle* one = handles; one < handles + handle_count; one++)
    if (one->kind == kind && one->name.size == name.size &&
        memcmp(one->name.data, name.data, name.size) == 0 &&
        (kind > COLLECTION || strcmp(one->db, db_of(from)) == 0))
      return one;
  return NULL;
}

void* need(enum kind kind, json* from, const char* field, const char* otherwise) {
  struct handle* found = find(kind, from, field, otherwise);
  if (found == NULL) fail("nothing is open as %s", text(from, field, otherwise));
  return found->it;
}

void* keep(enum kind kind, json* from, struct bytes name, void* it) {
  uint8_t* copy = malloc(name.size + 1);
  name.data = memcpy(copy, name.data, name.size);
  struct handle one = {kind, db_of(from), name, it, from, json_object_new_object()};
  handles[handle_count++] = one;
  return it;
}

cairn_database* database(json* from) {
  struct handle* found = find(DATABASE, from, "db", "main");
  if (found != NULL) return found->it;
  json* options = strcmp(text(from, "do", ""), "open") == 0 ? get(from, "options") : NULL;
  const char* path = path_of(text(from, "file", db_of(from)));
  struct bytes bytes = table_of("DatabaseOptions", options);
  cairn_database* opened;
  CALL(cairn_database_open, path, strlen(path), bytes.data, bytes.size, &opened);
  return keep(DATABASE, from, string(from, "db", "main"), opened);
}

cairn_collection* open_collection(json* from) {
  struct bytes name = string(from, "name", "c");
  struct bytes options = table_of("CollectionOptions", get(from, "options"));
  const char* handle = get(from, "as") == NULL ? "name" : "as";
  cairn_database* owner = database(from);
  struct handle* former = find(COLLECTION, from, handle, "c");
  cairn_collection* opened;
  if (former != NULL) close_handle(former);
  CALL(cairn_collection_open, owner, (const char*)name.data, name.size, options.data, options.size,
       &opened);
  return keep(COLLECTION, from, string(from, handle, "c"), opened);
}

cairn_collection* in(json* from) {
  database(from);
  return need(COLLECTION, from, "in", "c");
}

void reopen(json* from) {
  json* steps[256];
  size_t count = 0;
  json* opening = find(DATABASE, from, "db", "main")->step;
  for (struct handle* one = handles; one < handles + handle_count; one++)
    if (one->kind == COLLECTION && strcmp(one->db, db_of(from)) == 0) steps[count++] = one->step;
  close_database(db_of(from));
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
    CALL(cairn_database_check, one->it, NULL, 0, &out);
    json* report = json_of("CheckReport", take(out));
    if (!json_object_get_boolean(get(report, "ok")))
      fail("damaged: %s", json_object_to_json_string(report));
  }
}

void close_all(void) {
  while (handle_count > 0) close_database(handles[handle_count - 1].db);
}
