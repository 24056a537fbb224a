/* A live view of a collection: a replica hydrates it, and saves what a source brings together with
 * the source's resume cursor. Events go in, effects come out. */
#include <cairn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program with the error's message where a call failed. */
static void check(cairn_status status, cairn_error* error) {
  if (status < 100) return;
  fprintf(stderr, "%s: %s\n", cairn_status_name(status), cairn_error_message(error));
  exit(1);
}

static void send_event(cairn_replica* replica, const char* json) {
  cairn_error* error = NULL;
  cairn_buffer* event;
  check(cairn_table_from_json("ReplicaEvent", 12, json, strlen(json), &event, &error), error);
  check(cairn_replica_send(replica, cairn_buffer_data(event), cairn_buffer_size(event), &error),
        error);
  cairn_buffer_free(event);
}

/* Prints an effect's kind, and what it brings. */
static void print_effect(const char* json) {
  const char* kind = json + strlen("{\"kind\":\"");
  printf("  %.*s", (int)strcspn(kind, "\""), kind);
  static const char* const fields[] = {"\"batch\":[", "\"metadata\":["};
  for (int i = 0; i < 2; i++) {
    const char* field = strstr(json, fields[i]);
    if (field) printf(" %.*s]", (int)strcspn(field, "]"), field);
  }
  printf("\n");
}

/* Takes effects until there is nothing to do. */
static void print_effects(cairn_replica* replica) {
  cairn_error* error = NULL;
  cairn_buffer *effect, *text;
  cairn_status status;
  while ((status = cairn_replica_next(replica, &effect, &error)) == CAIRN_OK) {
    check(cairn_table_to_json("ReplicaEffect", 13, cairn_buffer_data(effect),
                              cairn_buffer_size(effect), &text, &error),
          error);
    char* json = calloc(1, cairn_buffer_size(text) + 1);
    if (!json) exit(1);
    memcpy(json, cairn_buffer_data(text), cairn_buffer_size(text));
    print_effect(json);
    free(json);
    cairn_buffer_free(text);
    cairn_buffer_free(effect);
  }
  check(status, error);
}

/* Opens the collection, lets `events` happen one after another, and closes it. */
static void run(const char* path, const char* const* events) {
  cairn_error* error = NULL;
  cairn_database* database;
  cairn_collection* cities;
  cairn_replica* replica;
  check(cairn_database_open(path, strlen(path), NULL, 0, &database, &error), error);
  check(cairn_collection_open(database, "cities", 6, NULL, 0, &cities, &error), error);
  check(cairn_replica_open(cities, NULL, NULL, 0, &replica, &error), error);
  for (; *events; events++) {
    send_event(replica, *events);
    print_effects(replica);
  }
  cairn_replica_close(replica);
  cairn_collection_close(cities);
  cairn_database_close(database);
}

int main(int count, char** arguments) {
  const char* path = count > 1 ? arguments[1] : "replica.cairn";
  static const char* const first[] = {"{\"kind\": \"Start\", \"number\": 1}",
                                      "{\"kind\": \"SourceBegin\", \"number\": 2}",
                                      "{\"kind\": \"SourceWrite\", \"number\": 3, \"batch\": ["
                                      "  {\"key\": 1, \"value\": {\"name\": \"Bergen\"}},"
                                      "  {\"key\": 2, \"value\": {\"name\": \"Lyon\"}}]}",
                                      "{\"kind\": \"SourceCommit\", \"number\": 4,"
                                      " \"metadata\": [{\"key\": \"cursor\", \"value\": 42}]}",
                                      "{\"kind\": \"SourceReady\", \"number\": 5}",
                                      NULL};
  static const char* const again[] = {"{\"kind\": \"Start\", \"number\": 1}", NULL};
  printf("The first time:\n");
  run(path, first);
  printf("After a restart, before the source is there:\n");
  run(path, again);
  return 0;
}
