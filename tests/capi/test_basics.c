/* Versions, status names, errors and buffers: what needs no database. */
#include <stdlib.h>

#include "harness.h"

static void versions_are_those_of_the_build(void) {
  CHECK(cairn_abi_version() == CAIRN_ABI_VERSION);
  CHECK(cairn_schema_hash() == EXPECTED_SCHEMA_HASH);
  CHECK_TEXT(cairn_version(), EXPECTED_VERSION);
}

static void a_binding_of_another_version_is_refused(void) {
  WORKS(cairn_check_version(CAIRN_ABI_VERSION, EXPECTED_SCHEMA_HASH, E));
  FAILS(CAIRN_VERSION_SKEW, cairn_check_version(CAIRN_ABI_VERSION + 1, EXPECTED_SCHEMA_HASH, E));
  FAILS(CAIRN_VERSION_SKEW, cairn_check_version(CAIRN_ABI_VERSION, EXPECTED_SCHEMA_HASH ^ 1, E));
}

static void every_status_has_its_name(void) {
  static const struct {
    cairn_status status;
    const char* name;
  } names[] = {
      {0, "CAIRN_OK"},
      {1, "CAIRN_DONE"},
      {2, "CAIRN_NOT_FOUND"},
      {3, "CAIRN_CANCELLED"},
      {4, "CAIRN_QUESTION"},
      {100, "CAIRN_INVALID_ARGUMENT"},
      {101, "CAIRN_MALFORMED"},
      {102, "CAIRN_INVALID_VALUE"},
      {103, "CAIRN_TOO_LARGE"},
      {104, "CAIRN_UNSUPPORTED"},
      {105, "CAIRN_WRONG_STATE"},
      {106, "CAIRN_FORKED"},
      {200, "CAIRN_SCHEMA_MISMATCH"},
      {201, "CAIRN_DROPPED"},
      {202, "CAIRN_SNAPSHOT_EXPIRED"},
      {203, "CAIRN_NOT_LEADER"},
      {204, "CAIRN_RESET"},
      {300, "CAIRN_BUSY"},
      {301, "CAIRN_READ_ONLY"},
      {302, "CAIRN_DISK_FULL"},
      {303, "CAIRN_IO"},
      {304, "CAIRN_CORRUPT"},
      {305, "CAIRN_NOT_A_DATABASE"},
      {306, "CAIRN_FOREIGN_DATABASE"},
      {307, "CAIRN_NEWER_FORMAT"},
      {308, "CAIRN_CANNOT_OPEN"},
      {309, "CAIRN_HOST"},
      {310, "CAIRN_TRUNCATED"},
      {311, "CAIRN_TIMEOUT"},
      {400, "CAIRN_OUT_OF_MEMORY"},
      {401, "CAIRN_INTERNAL"},
      {402, "CAIRN_VERSION_SKEW"},
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    CHECK_TEXT(cairn_status_name(names[i].status), names[i].name);
  }
  CHECK_TEXT(cairn_status_name(-1), "CAIRN_UNKNOWN");
  CHECK_TEXT(cairn_status_name(5), "CAIRN_UNKNOWN");
  CHECK_TEXT(cairn_status_name(INT32_MAX), "CAIRN_UNKNOWN");
  CHECK_TEXT(cairn_status_name(INT32_MIN), "CAIRN_UNKNOWN");
}

static void no_error_says_that_nothing_failed(void) {
  CHECK(cairn_error_status(NULL) == CAIRN_OK);
  CHECK_TEXT(cairn_error_message(NULL), "");
  CHECK(cairn_error_sqlite_code(NULL) == 0);
  CHECK(cairn_error_retryable(NULL) == 0);
  cairn_error_free(NULL);
}

static void an_error_has_all_its_fields(void) {
  cairn_database* database = UNSET;
  cairn_error* error = NULL;
  const char* path = test_path("no/such/folder/db");
  CHECK(cairn_database_open(path, strlen(path), NULL, 0, &database, &error) == CAIRN_CANNOT_OPEN);
  CHECK(database == NULL);
  REQUIRE(error != NULL);
  CHECK(cairn_error_status(error) == CAIRN_CANNOT_OPEN);
  CHECK(strstr(cairn_error_message(error), "no/such/folder") != NULL);
  CHECK(cairn_error_retryable(error) == 0);
  CHECK(cairn_live_objects() == 1);
  cairn_error_free(error);
  CHECK(cairn_live_objects() == 0);
}

static void an_error_of_sqlite_has_its_code(void) {
  cairn_database* first = open_database("db", "{}");
  cairn_database* second = open_database("db", "{busy_timeout_ms: 0}");
  cairn_collection* held = open_collection(first, "c", "{}");
  cairn_transaction* transaction = NULL;
  WORKS(cairn_transaction_begin(held, NULL, 0, &transaction, E));
  cairn_collection* waiting = UNSET;
  cairn_error* error = NULL;
  CHECK(cairn_collection_open(second, "d", 1, NULL, 0, &waiting, &error) == CAIRN_BUSY);
  CHECK(waiting == NULL);
  CHECK((cairn_error_sqlite_code(error) & 0xFF) == 5); /* SQLITE_BUSY */
  CHECK(cairn_error_retryable(error) == 1);
  cairn_error_free(error);
  cairn_transaction_close(transaction);
  cairn_collection_close(held);
  cairn_database_close(second);
  cairn_database_close(first);
}

static void no_buffer_is_empty(void) {
  CHECK(cairn_buffer_data(NULL) == NULL);
  CHECK(cairn_buffer_size(NULL) == 0);
  cairn_buffer_free(NULL);
}

static void buffers_are_aligned_and_counted(void) {
  cairn_buffer* buffers[20];
  char json[64];
  for (size_t i = 0; i < 20; i++) {
    memset(json, ' ', sizeof json);
    json[i] = '"';
    json[sizeof json - 1] = '"';
    buffers[i] = UNSET;
    WORKS(cairn_value_from_json(json, sizeof json, &buffers[i], E));
    CHECK((uintptr_t)cairn_buffer_data(buffers[i]) % 16 == 0);
    CHECK(cairn_buffer_size(buffers[i]) == 63 - i);
  }
  CHECK(cairn_live_objects() == 20);
  for (size_t i = 0; i < 20; i++) cairn_buffer_free(buffers[i]);
  CHECK(cairn_live_objects() == 0);
}

static void closing_nothing_does_nothing(void) {
  cairn_database_close(NULL);
  cairn_collection_close(NULL);
  cairn_cursor_close(NULL);
  cairn_transaction_close(NULL);
}

int main(void) {
  static const test tests[] = {
      TEST(versions_are_those_of_the_build),
      TEST(a_binding_of_another_version_is_refused),
      TEST(every_status_has_its_name),
      TEST(no_error_says_that_nothing_failed),
      TEST(an_error_has_all_its_fields),
      TEST(an_error_of_sqlite_has_its_code),
      TEST(no_buffer_is_empty),
      TEST(buffers_are_aligned_and_counted),
      TEST(closing_nothing_does_nothing),
  };
  return RUN_TESTS(tests);
}
