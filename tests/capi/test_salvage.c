/* What cairn_salvage gets out of a damaged file, and what it refuses. */
#include <stdio.h>

#include "harness.h"

/* A file with the rows 0 to 199 in "c", a local-only collection. */
static const char* make_file(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{local: true, schema_version: 7}");
  char key[16], row[200];
  for (int i = 0; i < 200; i++) {
    sprintf(key, "%d", i);
    sprintf(row, "{\"n\": %d, \"text\": \"number %d, and some more to fill the pages\"}", i, i);
    put_row(collection, key, row);
  }
  cairn_collection_close(collection);
  cairn_database_close(database);
  return test_path("db");
}

/* Overwrites bytes of a file. */
static void overwrite(const char* path, long at, const char* with, size_t size) {
  FILE* file = fopen(path, "r+b");
  REQUIRE(file != NULL);
  CHECK(fseek(file, at, SEEK_SET) == 0 && fwrite(with, 1, size, file) == size);
  fclose(file);
}

static bool exists(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file) fclose(file);
  return file != NULL;
}

/* The report of a salvage into "out", which must work. */
static const char* salvage(const char* path, const char* options) {
  bytes made = table("SalvageOptions", options);
  const char* out_path = test_path("out");
  cairn_buffer* out = UNSET;
  WORKS(
      cairn_salvage(path, strlen(path), out_path, strlen(out_path), made.data, made.size, &out, E));
  return table_text("SalvageReport", out);
}

static void fail_salvage(cairn_status status, const char* path, const char* out_path) {
  cairn_buffer* out = UNSET;
  FAILS(status, cairn_salvage(path, strlen(path), out_path, strlen(out_path), NULL, 0, &out, E));
  CHECK(out == NULL);
}

static void check_rows(uint64_t count) {
  cairn_database* database = open_database("out", "{}");
  cairn_collection* collection = open_collection(database, "c", "{local: true, schema_version: 7}");
  CHECK(row_count(collection) == count);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void a_whole_file_gives_everything(void) {
  const char* report = salvage(make_file(), "{}");
  CHECK(strstr(report, "\"complete\":true") && strstr(report, "\"rows\":200"));
  CHECK(strstr(report, "\"name\":\"c\"") && strstr(report, "\"named\":true"));
  CHECK(strstr(report, "\"schema_version\":7") && strstr(report, "\"local\":true"));
  CHECK(strstr(report, "\"expected\":200") && strstr(report, "\"lost\":0"));
  CHECK(strstr(report, "\"damaged_pages\":0") && strstr(report, "\"journal_used\":false"));
  check_rows(200);
}

static void a_file_without_its_first_page(void) {
  const char* path = make_file();
  char zeros_of_a_page[4096] = {0};
  overwrite(path, 0, zeros_of_a_page, sizeof zeros_of_a_page);
  const char* report = salvage(path, "{}");
  CHECK(strstr(report, "\"complete\":false") && strstr(report, "\"rows\":200"));
  CHECK(strstr(report, "\"damaged_pages\":1"));
  check_rows(200);
}

/* Changes the text of rows in the file. */
static void damage_rows(const char* path, const char* text) {
  FILE* file = fopen(path, "rb");
  REQUIRE(file != NULL);
  static char whole[1 << 20];
  size_t size = fread(whole, 1, sizeof whole, file);
  fclose(file);
  size_t length = strlen(text);
  for (size_t at = 0; at + length <= size; at++)
    if (memcmp(whole + at, text, length) == 0) overwrite(path, (long)at, "N", 1);
}

static void damaged_rows_are_told(void) {
  const char* path = make_file();
  damage_rows(path, "number 17,");
  damage_rows(path, "number 99,");
  const char* report = salvage(path, "{}");
  CHECK(strstr(report, "\"rows\":198") && strstr(report, "\"lost\":2"));
  CHECK(strstr(report, "\"damaged\":2") && strstr(report, "\"damaged_keys\":[17,99]"));
  check_rows(198);
}

static void no_more_keys_than_asked_for(void) {
  const char* path = make_file();
  damage_rows(path, "number 1");
  const char* report = salvage(path, "{max_keys: 3}");
  CHECK(strstr(report, "\"damaged\":111") && strstr(report, "\"damaged_keys\":[1,10,11]"));
}

static void refuses(void) {
  const char* path = make_file();
  const char* out_path = test_path("out");
  fail_salvage(CAIRN_CANNOT_OPEN, test_path("none"), out_path);
  fail_salvage(CAIRN_CANNOT_OPEN, path, path);
  fail_salvage(CAIRN_CANNOT_OPEN, path, test_path("no/such/folder"));
  fail_salvage(CAIRN_INVALID_ARGUMENT, "", out_path);
  fail_salvage(CAIRN_INVALID_ARGUMENT, path, "");
  fail_salvage(CAIRN_INVALID_ARGUMENT, path, "\xff");
  FILE* file = fopen(test_path("text"), "wb");
  REQUIRE(file != NULL);
  fputs("no database", file);
  fclose(file);
  fail_salvage(CAIRN_NOT_A_DATABASE, test_path("text"), out_path);
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_MALFORMED, cairn_salvage(path, strlen(path), out_path, strlen(out_path),
                                       (const uint8_t*)"bad", 3, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_salvage(path, 1, NULL, 3, NULL, 0, &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT,
        cairn_salvage(path, strlen(path), out_path, strlen(out_path), NULL, 0, NULL, E));
  CHECK(!exists(out_path));
}

int main(void) {
  static const test tests[] = {
      TEST(a_whole_file_gives_everything),
      TEST(a_file_without_its_first_page),
      TEST(damaged_rows_are_told),
      TEST(no_more_keys_than_asked_for),
      TEST(refuses),
  };
  return RUN_TESTS(tests);
}
