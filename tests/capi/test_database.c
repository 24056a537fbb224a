/* Opening, describing, checking and keeping a database. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "harness.h"

static void fail_open(cairn_status status, const char* path, const char* options) {
  bytes made = table("DatabaseOptions", options);
  cairn_database* database = UNSET;
  FAILS(status, cairn_database_open(path, strlen(path), made.data, made.size, &database, E));
  CHECK(database == NULL);
}

static void write_file(const char* path, const char* text, size_t size) {
  FILE* file = fopen(path, "wb");
  REQUIRE(file != NULL);
  CHECK(fwrite(text, 1, size, file) == size);
  fclose(file);
}

static void a_database_opens_with_defaults(void) {
  cairn_database* database = UNSET;
  const char* path = test_path("db");
  WORKS(cairn_database_open(path, strlen(path), NULL, 0, &database, E));
  CHECK(database != NULL && database != UNSET);
  CHECK(cairn_live_objects() == 1);
  cairn_database_close(database);
  CHECK(cairn_live_objects() == 0);
}

static void contents_outlive_the_handle(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{local: true}");
  put_row(collection, "1", "{\"v\": 1}");
  cairn_collection_close(collection);
  cairn_database_close(database);
  database = open_database("db", "{}");
  collection = open_collection(database, "c", "{local: true}");
  CHECK(row_count(collection) == 1);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void memory_ends_with_the_handle(void) {
  cairn_database* first = open_memory();
  cairn_database* second = open_memory();
  cairn_collection* collection = open_collection(first, "c", "{}");
  put_row(collection, "1", "{}");
  cairn_collection* other = open_collection(second, "c", "{}");
  CHECK(row_count(other) == 0);
  cairn_collection_close(other);
  cairn_collection_close(collection);
  cairn_database_close(first);
  cairn_database_close(second);
}

static void paths_that_cannot_be_opened(void) {
  fail_open(CAIRN_CANNOT_OPEN, test_path("no/such/folder"), "{}");
  fail_open(CAIRN_CANNOT_OPEN, test_path(""), "{}");
  fail_open(CAIRN_CANNOT_OPEN, test_path("absent"), "{read_only: true}");
}

static void paths_that_are_none(void) {
  cairn_database* database = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_open(NULL, 0, NULL, 0, &database, E));
  CHECK(database == NULL);
  database = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_open(NULL, 3, NULL, 0, &database, E));
  CHECK(database == NULL);
  database = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_open("a\0b", 3, NULL, 0, &database, E));
  CHECK(database == NULL);
  database = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_open("\xFF\xFE", 2, NULL, 0, &database, E));
  CHECK(database == NULL);
  const char* path = test_path("db");
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_open(path, strlen(path), NULL, 0, NULL, E));
}

static void a_file_that_is_no_database_is_left_alone(void) {
  char text[4096];
  memset(text, 'x', sizeof text);
  const char* path = test_path("text");
  write_file(path, text, sizeof text);
  fail_open(CAIRN_NOT_A_DATABASE, path, "{}");
  struct stat info;
  CHECK(stat(path, &info) == 0 && info.st_size == (off_t)sizeof text);
}

static void another_applications_database_is_left_alone(void) {
  const char* path = test_path("foreign");
  sqlite3* foreign = NULL;
  CHECK(sqlite3_open(path, &foreign) == SQLITE_OK);
  const char* sql =
      "CREATE TABLE users(id INTEGER PRIMARY KEY, name); INSERT INTO users VALUES(1, 'a')";
  CHECK(sqlite3_exec(foreign, sql, NULL, NULL, NULL) == SQLITE_OK);
  sqlite3_close(foreign);
  fail_open(CAIRN_FOREIGN_DATABASE, path, "{}");
  fail_open(CAIRN_FOREIGN_DATABASE, path, "{read_only: true}");
  CHECK(sqlite3_open(path, &foreign) == SQLITE_OK);
  sql = "INSERT INTO users SELECT max(id) + 1, count(*) FROM users";
  CHECK(sqlite3_exec(foreign, sql, NULL, NULL, NULL) == SQLITE_OK);
  sqlite3_close(foreign);
}

static void encryption_is_refused_unless_built_for_it(void) {
  fail_open(CAIRN_UNSUPPORTED, test_path("db"), "{key: [1, 2, 3]}");
  struct stat info;
  CHECK(stat(test_path("db"), &info) != 0);
}

static void read_only_reads_and_does_not_write(void) {
  cairn_database* writer = open_database("db", "{}");
  cairn_collection* collection = open_collection(writer, "c", "{}");
  put_row(collection, "1", "{\"v\": 1}");
  cairn_collection_close(collection);
  cairn_database_close(writer);

  cairn_database* reader = open_database("db", "{read_only: true}");
  collection = open_collection(reader, "c", "{}");
  CHECK(row_count(collection) == 1);
  bytes key = value("2");
  bytes row = value("{}");
  FAILS(CAIRN_READ_ONLY,
        cairn_collection_put(collection, key.data, key.size, row.data, row.size, NULL, E));
  FAILS(CAIRN_READ_ONLY, cairn_collection_remove(collection, key.data, key.size, NULL, E));
  FAILS(CAIRN_READ_ONLY, cairn_collection_reset(collection, E));
  FAILS(CAIRN_READ_ONLY, cairn_collection_drop(reader, "c", 1, E));
  cairn_transaction* transaction = UNSET;
  FAILS(CAIRN_READ_ONLY, cairn_transaction_begin(collection, NULL, 0, &transaction, E));
  CHECK(transaction == NULL);
  cairn_collection* absent = UNSET;
  FAILS(CAIRN_NOT_FOUND, cairn_collection_open(reader, "absent", 6, NULL, 0, &absent, E));
  CHECK(absent == NULL);
  cairn_collection_close(collection);
  cairn_database_close(reader);
}

static void info_describes_the_database(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection_close(open_collection(database, "b", "{schema_version: 3}"));
  cairn_collection* collection = open_collection(database, "a", "{local: true}");
  put_row(collection, "1", "{\"x\": 1}");
  cairn_buffer* out = UNSET;
  WORKS(cairn_database_info(database, &out, E));
  const char* text = table_text("DatabaseInfo", out);
  CHECK(strstr(text, test_path("db")) != NULL);
  CHECK(strstr(text, EXPECTED_VERSION) != NULL);
  CHECK(strstr(text, sqlite3_libversion()) != NULL);
  CHECK(strstr(text, "\"file_bytes\":") != NULL);
  const char* a = strstr(text, "\"name\":\"a\"");
  const char* b = strstr(text, "\"name\":\"b\"");
  CHECK(a != NULL && b != NULL && a < b);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void check_reports_on_all_or_one(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* first = open_collection(database, "first", "{}");
  cairn_collection* second = open_collection(database, "second", "{}");
  put_row(first, "1", "{}");
  put_row(second, "1", "{}");
  put_row(second, "2", "{}");
  cairn_buffer* out = UNSET;
  WORKS(cairn_database_check(database, NULL, 0, &out, E));
  const char* text = table_text("CheckReport", out);
  CHECK(strstr(text, "\"ok\":true") && strstr(text, "\"rows\":3"));
  CHECK(strstr(text, "\"pages_checked\":true") != NULL);
  bytes options = misaligned(table("CheckOptions", "{collection: \"second\", pages: false}"));
  WORKS(cairn_database_check(database, options.data, options.size, &out, E));
  text = table_text("CheckReport", out);
  CHECK(strstr(text, "\"rows\":2") != NULL && strstr(text, "\"pages_checked\":true") == NULL);
  options = table("CheckOptions", "{collection: \"absent\"}");
  out = UNSET;
  FAILS(CAIRN_NOT_FOUND, cairn_database_check(database, options.data, options.size, &out, E));
  CHECK(out == NULL);
  cairn_collection_close(first);
  cairn_collection_close(second);
  cairn_database_close(database);
}

static const char* digest_of(cairn_database* database) {
  cairn_buffer* out = UNSET;
  WORKS(cairn_database_digest(database, &out, E));
  return table_text("DigestReport", out);
}

static void digests_follow_the_contents(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  const char* empty = digest_of(database);
  put_row(collection, "1", "{\"a\": 1}");
  const char* full = digest_of(database);
  CHECK(strcmp(empty, full) != 0);
  CHECK(strstr(full, "\"digest\":\"") != NULL);
  bytes key = value("1");
  uint64_t version = 7;
  WORKS(cairn_collection_remove(collection, key.data, key.size, &version, E));
  CHECK(version == 2);
  CHECK_TEXT(digest_of(database), empty);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

/* Writes 1,500 rows of some 1,500 bytes in one transaction. */
static void fill(cairn_collection* collection) {
  char* json = malloc(1500 * 1600);
  REQUIRE(json != NULL);
  char* at = json;
  for (int i = 0; i < 1500; i++) {
    at += sprintf(at, "{\"id\": %d, \"text\": \"", i);
    memset(at, 'a' + i % 26, 1500);
    at += 1500;
    at += sprintf(at, "\"}\n");
  }
  bytes rows = batch(json);
  free(json);
  cairn_transaction* transaction = UNSET;
  WORKS(cairn_transaction_begin(collection, NULL, 0, &transaction, E));
  WORKS(cairn_transaction_add(transaction, rows.data, rows.size, E));
  cairn_buffer* out = UNSET;
  WORKS(cairn_transaction_commit(transaction, &out, E));
  cairn_buffer_free(out);
  cairn_transaction_close(transaction);
}

/* Does upkeep until there is nothing left to do. */
static void keep_up(cairn_database* database) {
  cairn_status status = CAIRN_OK;
  for (int i = 0; i < 1000 && status == CAIRN_OK; i++) {
    status = cairn_database_maintain(database, 50, NULL);
  }
  CHECK(status == CAIRN_DONE);
  GIVES(CAIRN_DONE, cairn_database_maintain(database, 0, E));
}

static void fill_and_keep_up(cairn_database* database) {
  cairn_collection* collection = open_collection(database, "c", "{}");
  fill(collection);
  WORKS(cairn_database_flush(database, E));
  keep_up(database);
  CHECK(row_count(collection) == 1500);
  cairn_collection_close(collection);
}

static void the_journal_goes_into_the_file(void) {
  cairn_database* database = open_database("db", "{background: false}");
  fill_and_keep_up(database);
  struct stat info;
  CHECK(stat(test_path("db"), &info) == 0 && info.st_size > 1500 * 1500);
  cairn_database_close(database);
}

static void memory_is_kept_by_hand(void) {
  cairn_database* database = open_memory();
  fill_and_keep_up(database);
  cairn_database_close(database);
}

static void free_pages_go_back_to_the_system(void) {
  cairn_database* database = open_database("db", "{background: false}");
  fill_and_keep_up(database);
  struct stat full, small;
  CHECK(stat(test_path("db"), &full) == 0);
  WORKS(cairn_collection_drop(database, "c", 1, E));
  keep_up(database);
  CHECK(stat(test_path("db"), &small) == 0);
  CHECK(small.st_size < full.st_size / 2); /* a little stays for what comes next */
  cairn_database_close(database);
}

static void an_interrupt_ends_nothing_that_does_not_run(void) {
  cairn_database* database = open_database("db", "{}");
  CHECK(cairn_database_interrupt(database) == CAIRN_OK);
  cairn_collection* collection = open_collection(database, "c", "{}");
  CHECK(cairn_database_interrupt(database) == CAIRN_OK);
  put_row(collection, "1", "{}");
  CHECK(row_count(collection) == 1);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void no_database_is_invalid(void) {
  cairn_buffer* out = UNSET;
  CHECK(cairn_database_interrupt(NULL) == CAIRN_INVALID_ARGUMENT);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_info(NULL, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_check(NULL, NULL, 0, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_digest(NULL, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_flush(NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_maintain(NULL, 1, E));
  cairn_database* database = open_memory();
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_info(database, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_check(database, NULL, 0, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_digest(database, NULL, E));
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_check(database, NULL, 8, &out, E));
  CHECK(out == NULL);
  cairn_database_close(database);
}

int main(void) {
  static const test tests[] = {
      TEST(a_database_opens_with_defaults),
      TEST(contents_outlive_the_handle),
      TEST(memory_ends_with_the_handle),
      TEST(paths_that_cannot_be_opened),
      TEST(paths_that_are_none),
      TEST(a_file_that_is_no_database_is_left_alone),
      TEST(another_applications_database_is_left_alone),
      TEST(encryption_is_refused_unless_built_for_it),
      TEST(read_only_reads_and_does_not_write),
      TEST(info_describes_the_database),
      TEST(check_reports_on_all_or_one),
      TEST(digests_follow_the_contents),
      TEST(the_journal_goes_into_the_file),
      TEST(memory_is_kept_by_hand),
      TEST(free_pages_go_back_to_the_system),
      TEST(an_interrupt_ends_nothing_that_does_not_run),
      TEST(no_database_is_invalid),
  };
  return RUN_TESTS(tests);
}
