/* program.c - a C program against an installed Cairn: writes a row, reads it back after a restart,
 * and exits with 0 if it is the same and nothing is left open. One thread. */
#include <cairn.h>
#include <stdio.h>
#include <string.h>

static int failed(const char* what, cairn_error* error) {
  fprintf(stderr, "%s: %s: %s\n", what, cairn_status_name(cairn_error_status(error)),
          cairn_error_message(error));
  cairn_error_free(error);
  return 1;
}

static cairn_status portable(const char* json, cairn_buffer** out, cairn_error** error) {
  return cairn_value_from_json(json, strlen(json), out, error);
}

static cairn_status open_tasks(const char* path, cairn_database** database,
                               cairn_collection** tasks, cairn_error** error) {
  cairn_status status = cairn_database_open(path, strlen(path), NULL, 0, database, error);
  *tasks = NULL;
  if (status != CAIRN_OK) return status;
  return cairn_collection_open(*database, "tasks", 5, NULL, 0, tasks, error);
}

static int write_row(const char* path, const cairn_buffer* key, const cairn_buffer* value) {
  cairn_database* database;
  cairn_collection* tasks;
  cairn_error* error;
  uint64_t version = 0;
  cairn_status status = open_tasks(path, &database, &tasks, &error);
  if (status == CAIRN_OK) {
    status =
        cairn_collection_put(tasks, cairn_buffer_data(key), cairn_buffer_size(key),
                             cairn_buffer_data(value), cairn_buffer_size(value), &version, &error);
  }
  cairn_collection_close(tasks);
  cairn_database_close(database);
  return status == CAIRN_OK && version > 0 ? 0 : failed("write", error);
}

static int read_row(const char* path, const cairn_buffer* key, const char* expected) {
  cairn_database* database;
  cairn_collection* tasks;
  cairn_buffer* row = NULL;
  cairn_buffer* json = NULL;
  cairn_error* error;
  int same = 0;
  cairn_status status = open_tasks(path, &database, &tasks, &error);
  if (status == CAIRN_OK) {
    status =
        cairn_collection_get(tasks, cairn_buffer_data(key), cairn_buffer_size(key), &row, &error);
  }
  if (status == CAIRN_OK) {
    status = cairn_value_to_json(cairn_buffer_data(row), cairn_buffer_size(row), &json, &error);
  }
  if (status == CAIRN_OK) {
    same = cairn_buffer_size(json) == strlen(expected) &&
           memcmp(cairn_buffer_data(json), expected, strlen(expected)) == 0;
    if (!same) {
      fprintf(stderr, "read: %.*s\n", (int)cairn_buffer_size(json),
              (const char*)cairn_buffer_data(json));
    }
  }
  cairn_buffer_free(json);
  cairn_buffer_free(row);
  cairn_collection_close(tasks);
  cairn_database_close(database);
  if (status != CAIRN_OK) return failed("read", error);
  return same ? 0 : 1;
}

int main(int argc, char** argv) {
  static const char row[] = "{\"title\":\"Buy milk\",\"done\":false}";
  cairn_buffer* key = NULL;
  cairn_buffer* value = NULL;
  cairn_error* error = NULL;
  char path[512];
  int result;
  (void)argc;
  snprintf(path, sizeof path, "%s.sqlite", argv[0]);
  remove(path);
  if (cairn_abi_version() != CAIRN_ABI_VERSION) return 2;
  if (portable("\"t1\"", &key, &error) != CAIRN_OK) return failed("key", error);
  if (portable(row, &value, &error) != CAIRN_OK) return failed("value", error);
  result = write_row(path, key, value) || read_row(path, key, row);
  cairn_buffer_free(value);
  cairn_buffer_free(key);
  if (cairn_live_objects() != 0) return 3;
  return result;
}
