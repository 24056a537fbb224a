/* The harness of harness.h. */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char unset_object;

static bool current_failed;
/* How many failures of a test are still shown. */
static int shown_failures;
static char folder[64];

/* What is freed when the test ends: memory, and buffers of the library. */
typedef struct owned {
  struct owned* next;
  void* memory;
  cairn_buffer* buffer;
} owned;
static owned* all_owned;

static void* own_both(void* memory, cairn_buffer* buffer) {
  owned* one = malloc(sizeof *one);
  if (!one || (!memory && !buffer)) abort();
  one->next = all_owned;
  one->memory = memory;
  one->buffer = buffer;
  all_owned = one;
  return memory;
}

static void* own(void* memory) { return own_both(memory, NULL); }

static bytes own_buffer(cairn_buffer* buffer) {
  bytes result = {cairn_buffer_data(buffer), cairn_buffer_size(buffer)};
  if (buffer) own_both(NULL, buffer);
  return result;
}

static void free_owned(void) {
  while (all_owned) {
    owned* one = all_owned;
    all_owned = one->next;
    free(one->memory);
    cairn_buffer_free(one->buffer);
    free(one);
  }
}

static void make_folder(void) {
  const char* base = getenv("TMPDIR");
  if (!base || strlen(base) > 30) base = "/tmp";
  snprintf(folder, sizeof folder, "%s/cairn-capi-XXXXXX", base);
  if (!mkdtemp(folder)) {
    perror("mkdtemp");
    exit(2);
  }
}

static void remove_folder(void) {
  DIR* files = opendir(folder);
  struct dirent* entry;
  while (files && (entry = readdir(files)) != NULL) {
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] != '.') remove(path);
  }
  if (files) closedir(files);
  rmdir(folder);
}

static bool run_test(const test* one) {
  current_failed = false;
  shown_failures = 20;
  int64_t before = cairn_live_objects();
  make_folder();
  one->run();
  free_owned();
  remove_folder();
  check_that(cairn_live_objects() == before, "nothing is left open", one->name, 0);
  if (current_failed) printf("FAILED %s\n", one->name);
  fflush(stdout);
  return !current_failed;
}

int run_tests(const test* tests, size_t count) {
  size_t passed = 0;
  for (size_t i = 0; i < count; i++) passed += run_test(&tests[i]);
  if (cairn_live_objects() != 0) passed = 0;
  printf("%d passed, %d failed\n", (int)passed, (int)(count - passed));
  return passed == count && count > 0 ? 0 : 1;
}

bool check_that(bool condition, const char* text, const char* file, int line) {
  if (condition) return true;
  if (shown_failures-- > 0) printf("%s:%d: not so: %s\n", file, line, text);
  current_failed = true;
  return false;
}

bool check_text(const char* actual, const char* expected, const char* file, int line) {
  if (actual && strcmp(actual, expected) == 0) return true;
  check_that(false, "the texts are equal", file, line);
  printf("  expected %s\n  but got  %s\n", expected, actual ? actual : "(null)");
  return false;
}

static void check_error(cairn_status given, cairn_error* error, const char* file, int line) {
  if (!check_that((void*)error != UNSET, "the error is set on every path", file, line)) return;
  if (given < 100) {
    check_that(error == NULL, "no error where nothing failed", file, line);
  } else if (check_that(error != NULL, "an error where something failed", file, line)) {
    check_that(cairn_error_status(error) == given, "the error has the call's status", file, line);
    check_that(cairn_error_message(error)[0] != 0, "the error has a message", file, line);
  }
}

void check_call(cairn_status given, cairn_status expected, cairn_error** error, const char* text,
                const char* file, int line) {
  cairn_error* owner = error && (void*)*error != UNSET ? *error : NULL;
  if (given != expected && !check_that(false, text, file, line) && shown_failures >= 0) {
    printf("  gives %s, not %s: %s\n", cairn_status_name(given), cairn_status_name(expected),
           cairn_error_message(owner));
  }
  if (error) check_error(given, *error, file, line);
  cairn_error_free(owner);
}

const char* test_path(const char* name) {
  char* path = own(malloc(strlen(folder) + strlen(name) + 2));
  sprintf(path, "%s/%s", folder, name);
  return path;
}

const char* text_of(cairn_buffer* buffer) {
  size_t size = cairn_buffer_size(buffer);
  char* text = own(malloc(size + 1));
  if (size > 0) memcpy(text, cairn_buffer_data(buffer), size);
  text[size] = 0;
  cairn_buffer_free(buffer);
  return text;
}

bytes bytes_of(cairn_buffer* buffer) { return own_buffer(buffer); }

static size_t name_size(const char* text) {
  size_t size = 0;
  while (text[size] == '_' || (text[size] >= 'a' && text[size] <= 'z')) size++;
  return size;
}

/* The JSON with its bare names in quotes, which C would have to escape one by one. */
static const char* with_quotes(const char* json) {
  char* out = own(malloc(3 * strlen(json) + 1));
  char* at = out;
  bool in_text = false;
  for (size_t i = 0; json[i]; i++) {
    bool escaped = in_text && i > 0 && json[i - 1] == '\\';
    if (json[i] == '"' && !escaped) in_text = !in_text;
    size_t size = in_text ? 0 : name_size(json + i);
    bool is_name = size > 0 && json[i + size] == ':';
    if (size == 0) size = 1;
    if (is_name) *at++ = '"';
    memcpy(at, json + i, size);
    at += size;
    if (is_name) *at++ = '"';
    i += size - 1;
  }
  *at = 0;
  return out;
}

bytes table(const char* name, const char* bare_json) {
  const char* json = with_quotes(bare_json);
  cairn_buffer* out = NULL;
  WORKS(cairn_table_from_json(name, strlen(name), json, strlen(json), &out, E));
  return own_buffer(out);
}

const char* table_text(const char* name, cairn_buffer* buffer) {
  bytes made = own_buffer(buffer);
  cairn_buffer* out = NULL;
  WORKS(cairn_table_to_json(name, strlen(name), made.data, made.size, &out, E));
  return text_of(out);
}

bytes value(const char* json) {
  cairn_buffer* out = NULL;
  WORKS(cairn_value_from_json(json, strlen(json), &out, E));
  return own_buffer(out);
}

bytes batch(const char* json) {
  cairn_buffer* out = NULL;
  WORKS(cairn_batch_from_json(json, strlen(json), "id", 2, &out, E));
  return own_buffer(out);
}

bytes misaligned(bytes original) {
  uint8_t* memory = own(malloc(original.size + 1));
  if (original.size > 0) memcpy(memory + 1, original.data, original.size);
  bytes copy = {memory + 1, original.size};
  return copy;
}

bytes zeros(size_t size) {
  bytes made = {own(calloc(size, 1)), size};
  return made;
}

static cairn_database* open_at(const char* path, const char* options) {
  bytes made = table("DatabaseOptions", options);
  cairn_database* database = NULL;
  WORKS(cairn_database_open(path, strlen(path), made.data, made.size, &database, E));
  return database;
}

cairn_database* open_database(const char* name, const char* options) {
  return open_at(test_path(name), options);
}

cairn_database* open_memory(void) { return open_at("", "{in_memory: true}"); }

cairn_collection* open_collection(cairn_database* database, const char* name, const char* options) {
  bytes made = table("CollectionOptions", options);
  cairn_collection* collection = NULL;
  WORKS(cairn_collection_open(database, name, strlen(name), made.data, made.size, &collection, E));
  return collection;
}

void put_row(cairn_collection* collection, const char* key_json, const char* value_json) {
  bytes key = value(key_json);
  bytes row = value(value_json);
  WORKS(cairn_collection_put(collection, key.data, key.size, row.data, row.size, NULL, E));
}

uint64_t row_count(cairn_collection* collection) {
  cairn_buffer* out = NULL;
  WORKS(cairn_collection_info(collection, &out, E));
  const char* rows = strstr(table_text("CollectionInfo", out), "rows\":");
  return rows ? strtoull(rows + 6, NULL, 10) : 0;
}
