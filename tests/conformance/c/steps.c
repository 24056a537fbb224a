/* The steps on databases and collections, and the running of all steps; see steps.h. What a step
 * makes is released at its end, also where it fails: a failure is a longjmp out of the step. */
#include <unistd.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steps.h"

json* step;

void do_open(void) { database(step); }
void do_reopen(void) { reopen(step); }
void do_close(void) { close_database(db_of(step)); }

void do_collection(void) { EXPECT("CollectionInfo", cairn_collection_info, open_collection(step)); }

void do_reset(void) { CALL(cairn_collection_reset, in(step)); }
void do_info(void) { EXPECT("CollectionInfo", cairn_collection_info, in(step)); }
void do_metadata(void) { EXPECT("MetadataReport", cairn_collection_metadata, in(step)); }
void do_database(void) { EXPECT("DatabaseInfo", cairn_database_info, database(step)); }
void do_flush(void) { CALL(cairn_database_flush, database(step)); }
void do_compact(void) { CALL(cairn_database_compact, database(step)); }

void do_drop(void) {
  struct bytes name = string(step, "name", "c");
  CALL(cairn_collection_drop, database(step), (const char*)name.data, name.size);
}

void do_check(void) {
  struct bytes options = table_of("CheckOptions", get(step, "options"));
  EXPECT("CheckReport", cairn_database_check, database(step), options.data, options.size);
}

void do_backup(void) {
  const char* path = path_of(text(step, "to", ""));
  EXPECT("BackupReport", cairn_database_backup, database(step), path, strlen(path));
}

void do_file(void) {
  const char* path = path_of(text(step, "name", "main"));
  json* content = owned(json_object_new_object());
  json_object_object_add(content, "$bytes", json_object_get(get(step, "bytes")));
  FILE* file = fopen(path, "r+b");
  if (file == NULL) file = fopen(path, "w+b");
  if (get(step, "bytes") != NULL) {
    struct bytes bytes = raw(content);
    fseek(file, number(step, "at", 0), SEEK_SET);
    fwrite(bytes.data, 1, bytes.size, file);
  }
  fclose(file);
  if (get(step, "size") != NULL && truncate(path, number(step, "size", 0)) != 0) fail("truncate");
}

static const struct verb {
  const char* name;
  void (*perform)(void);
} verbs[] = {
#define VERB(name) {#name, do_##name},
    VERBS(VERB){"delta", do_load}};

static void perform(void) {
  size_t i = 0, count = sizeof verbs / sizeof *verbs;
  while (i < count && strcmp(verbs[i].name, text(step, "do", "")) != 0) i++;
  if (i == count) fail("unknown step");
  verbs[i].perform();
}

/* Whether a step failed as it should. A value that cannot be made was refused: what its encoder
 * says is not compared. */
static bool failed_so(json* error) {
  const char* status = cairn_status_name(failure.status);
  if (error == NULL || failure.status == CAIRN_OK) return false;
  if (failure.of_value) return true;
  return strcmp(text(error, "status", status), status) == 0 &&
         strcmp(text(error, "message_is", failure.message), failure.message) == 0 &&
         strstr(failure.message, text(error, "message", "")) != NULL;
}

/* Runs a step; false where it does not end as it should, and `failure` says why. */
static bool run_step(json* one) {
  volatile bool passed = false;
  step = one;
  if (setjmp(step_end) == 0) {
    perform();
    passed = get(step, "error") == NULL;
    if (!passed) snprintf(failure.message, sizeof failure.message, "did not fail");
  } else {
    passed = failed_so(get(step, "error"));
  }
  release_all();
  return passed;
}

bool run_steps(json* steps) {
  volatile bool passed = true;
  for (size_t i = 0; i < length(steps) && passed; i++)
    if (!(passed = run_step(item(steps, i))))
      printf("  step %d %.300s\n    %s: %s\n", (int)i + 1,
             json_object_to_json_string(item(steps, i)), cairn_status_name(failure.status),
             failure.message);
  if (setjmp(step_end) == 0) {
    if (passed) finish();
  } else {
    passed = false;
    printf("  %s\n", failure.message);
  }
  close_all();
  release_all();
  if (passed && cairn_live_objects() != 0) passed = !printf("  objects are left\n");
  return passed;
}
