/* A database's file as a whole: backup and restore, compact, letting go of it before the system
 * suspends the program, and what becomes of a damaged one. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"

static cairn_database* make_rows(const char* name, int count) {
  cairn_database* database = open_database(name, "{background: false}");
  cairn_collection* collection = open_collection(database, "c", "{local: true}");
  for (int i = 0; i < count; i++) {
    char key[16];
    sprintf(key, "%d", i);
    put_row(collection, key, "{\"text\": \"some text for a row of its own\"}");
  }
  cairn_collection_close(collection);
  return database;
}

static uint64_t rows_of(const char* name) {
  cairn_database* database = open_database(name, "{damage: \"Refuse\"}");
  cairn_collection* collection = open_collection(database, "c", "{local: true}");
  uint64_t rows = row_count(collection);
  cairn_collection_close(collection);
  cairn_database_close(database);
  return rows;
}

static void write_file(const char* path, const char* contents) {
  FILE* file = fopen(path, "wb");
  REQUIRE(file != NULL);
  fputs(contents, file);
  fclose(file);
}

static bool file_is(const char* path, const char* contents) {
  char read[100] = "";
  FILE* file = fopen(path, "rb");
  if (!file) return false;
  size_t size = fread(read, 1, sizeof read - 1, file);
  fclose(file);
  return size == strlen(contents) && strcmp(read, contents) == 0;
}

static const char* back_up(cairn_database* database, const char* path) {
  cairn_buffer* out = UNSET;
  WORKS(cairn_database_backup(database, path, strlen(path), &out, E));
  return table_text("BackupReport", out);
}

static void a_backup_is_made_while_the_database_is_in_use(void) {
  cairn_database* database = make_rows("db", 200);
  cairn_collection* collection = open_collection(database, "c", "{local: true}");
  cairn_transaction* open = UNSET;
  WORKS(cairn_transaction_begin(collection, NULL, 0, &open, E));
  const char* path = test_path("backup");
  CHECK(strstr(back_up(database, path), "\"rows\":200"));
  cairn_transaction_close(open);
  put_row(collection, "1000", "{}");
  /* The next one replaces it. */
  CHECK(strstr(back_up(database, path), "\"rows\":201"));
  cairn_collection_close(collection);
  cairn_database_close(database);
  CHECK(rows_of("backup") == 201);
  CHECK(access(test_path("backup.partial"), F_OK) != 0);
}

static void a_backup_replaces_no_other_file(void) {
  cairn_database* database = make_rows("db", 3);
  const char* letter = test_path("letter");
  write_file(letter, "a letter");
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_FOREIGN_DATABASE, cairn_database_backup(database, letter, strlen(letter), &out, E));
  CHECK(out == NULL);
  CHECK(file_is(letter, "a letter"));
  /* Least of all the database itself. */
  const char* path = test_path("db");
  FAILS(CAIRN_BUSY, cairn_database_backup(database, path, strlen(path), &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_backup(database, NULL, 0, &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_backup(NULL, path, strlen(path), &out, E));
  cairn_database_close(database);
  CHECK(rows_of("db") == 3);
}

static void a_restore_keeps_what_was_there(void) {
  cairn_database* database = make_rows("db", 20);
  const char *path = test_path("db"), *backup = test_path("backup");
  back_up(database, backup);
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_BUSY, cairn_restore(backup, strlen(backup), path, strlen(path), &out, E));
  CHECK(out == NULL);
  cairn_collection* collection = open_collection(database, "c", "{local: true}");
  put_row(collection, "1000", "{}");
  cairn_collection_close(collection);
  cairn_database_close(database);
  WORKS(cairn_restore(backup, strlen(backup), path, strlen(path), &out, E));
  const char* report = table_text("BackupReport", out);
  CHECK(strstr(report, "\"rows\":20"));
  char* replaced = strstr(report, ".replaced-");
  REQUIRE(replaced != NULL);
  CHECK(rows_of("db") == 20);
  char name[100] = "db";
  sscanf(replaced, "%90[^\"]", name + 2);
  CHECK(rows_of(name) == 21);
}

static void a_restore_refuses_what_does_not_pass(void) {
  cairn_database* database = make_rows("db", 300);
  const char *path = test_path("db"), *backup = test_path("backup");
  back_up(database, backup);
  cairn_database_close(database);
  cairn_buffer* out = UNSET;
  /* A row's byte, then the end of the file. */
  FILE* file = fopen(backup, "r+b");
  REQUIRE(file != NULL);
  char page[65536];
  size_t size = fread(page, 1, sizeof page, file);
  for (size_t at = 0; at + 9 < size; at++) {
    if (memcmp(page + at, "some text", 9) != 0) continue;
    fseek(file, (long)at, SEEK_SET);
    fputc('S', file);
    break;
  }
  fclose(file);
  FAILS(CAIRN_CORRUPT, cairn_restore(backup, strlen(backup), path, strlen(path), &out, E));
  CHECK(truncate(backup, 12288) == 0);
  FAILS(CAIRN_TRUNCATED, cairn_restore(backup, strlen(backup), path, strlen(path), &out, E));
  write_file(backup, "no backup at all");
  FAILS(CAIRN_NOT_A_DATABASE, cairn_restore(backup, strlen(backup), path, strlen(path), &out, E));
  CHECK(unlink(backup) == 0);
  FAILS(CAIRN_CANNOT_OPEN, cairn_restore(backup, strlen(backup), path, strlen(path), &out, E));
  CHECK(out == NULL);
  CHECK(rows_of("db") == 300);
  CHECK(access(test_path("db.partial"), F_OK) != 0);
}

static void compact_gives_space_back(void) {
  cairn_database* database = make_rows("db", 2000);
  cairn_collection* collection = open_collection(database, "c", "{local: true}");
  for (int i = 0; i < 2000; i += 2) {
    char json[16];
    sprintf(json, "%d", i);
    bytes key = value(json);
    WORKS(cairn_collection_remove(collection, key.data, key.size, NULL, E));
  }
  cairn_buffer* out = UNSET;
  WORKS(cairn_database_digest(database, &out, E));
  const char* before = table_text("DigestReport", out);
  WORKS(cairn_database_compact(database, E));
  WORKS(cairn_database_digest(database, &out, E));
  CHECK_TEXT(table_text("DigestReport", out), before);
  WORKS(cairn_database_info(database, &out, E));
  CHECK(strstr(table_text("DatabaseInfo", out), "\"free_bytes\":0") != NULL);
  cairn_transaction* open = UNSET;
  WORKS(cairn_transaction_begin(collection, NULL, 0, &open, E));
  cairn_transaction_close(open);
  cairn_collection_close(collection);
  cairn_database_close(database);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_compact(NULL, E));
}

static void a_suspended_program_holds_nothing(void) {
  cairn_database* database = open_database("db", "{busy_timeout_ms: 20}");
  cairn_collection* collection = open_collection(database, "c", "{local: true}");
  put_row(collection, "1", "{}");
  cairn_cursor* cursor = UNSET;
  WORKS(cairn_collection_load(collection, NULL, 0, &cursor, E));
  cairn_transaction* open = UNSET;
  WORKS(cairn_transaction_begin(collection, NULL, 0, &open, E));
  FAILS(CAIRN_BUSY, cairn_database_prepare_for_suspend(database, E));
  cairn_transaction_close(open);
  WORKS(cairn_database_prepare_for_suspend(database, E));
  CHECK(access(test_path("db-wal"), F_OK) != 0 && access(test_path("db-shm"), F_OK) != 0);
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_SNAPSHOT_EXPIRED, cairn_cursor_next(cursor, &out, E));
  cairn_cursor_close(cursor);
  /* Every sort of call finds the file again. */
  CHECK(row_count(collection) == 1);
  WORKS(cairn_database_prepare_for_suspend(database, E));
  put_row(collection, "2", "{}");
  WORKS(cairn_database_prepare_for_suspend(database, E));
  WORKS(cairn_database_prepare_for_suspend(database, E));
  WORKS(cairn_database_flush(database, E));
  WORKS(cairn_database_prepare_for_suspend(database, E));
  GIVES(CAIRN_DONE, cairn_database_maintain(database, 1000, E));
  CHECK(row_count(collection) == 2);
  cairn_collection_close(collection);
  cairn_database_close(database);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_database_prepare_for_suspend(NULL, E));
}

static void a_damaged_file_is_set_aside_and_told(void) {
  cairn_database_close(make_rows("db", 300));
  CHECK(truncate(test_path("db"), 20480) == 0);
  const char* path = test_path("db");
  bytes refuse = table("DatabaseOptions", "{damage: \"Refuse\"}");
  cairn_database* database = UNSET;
  FAILS(CAIRN_TRUNCATED,
        cairn_database_open(path, strlen(path), refuse.data, refuse.size, &database, E));
  CHECK(database == NULL);
  database = open_database("db", "{}");
  cairn_buffer* out = UNSET;
  WORKS(cairn_database_info(database, &out, E));
  const char* info = table_text("DatabaseInfo", out);
  CHECK(strstr(info, "\"damaged_file\":") && strstr(info, ".damaged-"));
  CHECK(strstr(info, "\"damage\":\"") != NULL);
  cairn_collection* collection = open_collection(database, "c", "{local: true}");
  CHECK(row_count(collection) == 0);
  cairn_collection_close(collection);
  cairn_database_close(database);
}

int main(void) {
  static const test tests[] = {
      TEST(a_backup_is_made_while_the_database_is_in_use),
      TEST(a_backup_replaces_no_other_file),
      TEST(a_restore_keeps_what_was_there),
      TEST(a_restore_refuses_what_does_not_pass),
      TEST(compact_gives_space_back),
      TEST(a_suspended_program_holds_nothing),
      TEST(a_damaged_file_is_set_aside_and_told),
  };
  return RUN_TESTS(tests);
}
