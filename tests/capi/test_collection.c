/* Collections: opening, single rows, metadata, reset and drop. */
#include <stdio.h>

#include "harness.h"

static cairn_database* database;

static void fail_name(const char* name, size_t size) {
  cairn_collection* collection = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT,
        cairn_collection_open(database, name, size, NULL, 0, &collection, E));
  CHECK(collection == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_drop(database, name, size, E));
}

static void names_are_utf8_and_not_empty(void) {
  fail_name("", 0);
  fail_name(NULL, 0);
  fail_name(NULL, 3);
  fail_name("a\xFF", 2);
  fail_name("\xC3", 1);
  fail_name("\xED\xA0\xBD", 3); /* a surrogate */
  fail_name("\xC0\x80", 2);     /* an overlong NUL */
  fail_name("\xF4\x90\x80\x80", 4);
}

static void names_may_hold_nul(void) {
  cairn_collection* first = UNSET;
  cairn_collection* second = UNSET;
  WORKS(cairn_collection_open(database, "a\0b", 3, NULL, 0, &first, E));
  WORKS(cairn_collection_open(database, "a\0c", 3, NULL, 0, &second, E));
  put_row(first, "1", "{}");
  CHECK(row_count(first) == 1 && row_count(second) == 0);
  cairn_collection_close(first);
  cairn_collection_close(second);
}

static void a_name_that_is_too_long_is_an_error_or_works(void) {
  bytes name = zeros(1000 * 1000);
  memset((void*)name.data, 'n', name.size);
  cairn_collection* collection = UNSET;
  cairn_status status = cairn_collection_open(database, (const char*)name.data, name.size, NULL, 0,
                                              &collection, NULL);
  CHECK(status == CAIRN_OK || status == CAIRN_INVALID_ARGUMENT || status == CAIRN_TOO_LARGE);
  CHECK((status == CAIRN_OK) == (collection != NULL));
  cairn_collection_close(collection);
}

static void options_are_read_at_any_address(void) {
  bytes options = misaligned(table("CollectionOptions", "{schema_version: 5, local: true}"));
  cairn_collection* collection = UNSET;
  WORKS(cairn_collection_open(database, "c", 1, options.data, options.size, &collection, E));
  cairn_buffer* out = UNSET;
  WORKS(cairn_collection_info(collection, &out, E));
  const char* text = table_text("CollectionInfo", out);
  CHECK(strstr(text, "\"schema_version\":5") && strstr(text, "\"local\":true"));
  cairn_collection_close(collection);
}

static void a_schema_mismatch_names_both_versions(void) {
  cairn_collection_close(open_collection(database, "c", "{local: true}"));
  bytes options = table("CollectionOptions", "{schema_version: 2, local: true}");
  cairn_collection* collection = UNSET;
  cairn_error* error = NULL;
  CHECK(cairn_collection_open(database, "c", 1, options.data, options.size, &collection, &error) ==
        CAIRN_SCHEMA_MISMATCH);
  CHECK(collection == NULL);
  CHECK_TEXT(cairn_error_message(error),
             "Schema version mismatch for collection \"c\": found 1, expected 2");
  CHECK(cairn_error_retryable(error) == 0);
  cairn_error_free(error);
}

static void rows_are_put_got_and_removed(void) {
  cairn_collection* collection = open_collection(database, "c", "{}");
  bytes key = misaligned(value("\"k\""));
  bytes first = misaligned(value("{\"a\": 1, \"b\": [true, null]}"));
  bytes second = misaligned(value("{\"z\": 1}"));
  uint64_t version = 99;
  WORKS(cairn_collection_put(collection, key.data, key.size, first.data, first.size, &version, E));
  CHECK(version == 1);
  cairn_buffer* out = UNSET;
  WORKS(cairn_collection_get(collection, key.data, key.size, &out, E));
  bytes got = bytes_of(out);
  CHECK(got.size == first.size && memcmp(got.data, first.data, got.size) == 0);
  WORKS(
      cairn_collection_put(collection, key.data, key.size, second.data, second.size, &version, E));
  CHECK(version == 2);
  WORKS(cairn_collection_put(collection, key.data, key.size, first.data, first.size, NULL, E));
  WORKS(cairn_collection_remove(collection, key.data, key.size, &version, E));
  CHECK(version == 4);
  out = UNSET;
  GIVES(CAIRN_NOT_FOUND, cairn_collection_get(collection, key.data, key.size, &out, E));
  CHECK(out == NULL);
  WORKS(cairn_collection_remove(collection, key.data, key.size, NULL, E));
  cairn_collection_close(collection);
}

static void bad_rows_are_refused(void) {
  cairn_collection* collection = open_collection(database, "c", "{}");
  bytes key = value("\"the key\"");
  bytes bad_key = value("true");
  bytes row = value("{}");
  uint64_t version = 99;
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_INVALID_VALUE, cairn_collection_put(collection, bad_key.data, bad_key.size, row.data,
                                                  row.size, &version, E));
  CHECK(version == 0);
  FAILS(CAIRN_INVALID_VALUE, cairn_collection_get(collection, bad_key.data, bad_key.size, &out, E));
  CHECK(out == NULL);
  version = 99;
  FAILS(CAIRN_INVALID_VALUE,
        cairn_collection_remove(collection, bad_key.data, bad_key.size, &version, E));
  CHECK(version == 0);
  FAILS(CAIRN_INVALID_VALUE,
        cairn_collection_put(collection, key.data, key.size, bad_key.data, bad_key.size, NULL, E));
  /* A date one millisecond after the last one. */
  static const uint8_t late[] = {0x15, 0x10, 0,    1,    4,    'w',  'h',  'e',  'n',
                                 0x0D, 0x01, 0x00, 0xDC, 0xC2, 0x08, 0xB2, 0x1E, 0x00};
  bytes late_row = {late, sizeof late};
  cairn_error* error = NULL;
  CHECK(cairn_collection_put(collection, key.data, key.size, late_row.data, late_row.size, NULL,
                             &error) == CAIRN_INVALID_VALUE);
  CHECK(strstr(cairn_error_message(error), "the key") != NULL);
  CHECK(strstr(cairn_error_message(error), "when") != NULL);
  cairn_error_free(error);
  CHECK(row_count(collection) == 0);
  cairn_collection_close(collection);
}

static void bad_bytes_are_malformed(void) {
  cairn_collection* collection = open_collection(database, "c", "{}");
  bytes key = value("1");
  bytes row = value("{\"a\": \"text\"}");
  cairn_buffer* out = UNSET;
  for (size_t size = 0; size < row.size; size++) {
    bytes cut = misaligned((bytes){row.data, size});
    FAILS(CAIRN_MALFORMED,
          cairn_collection_put(collection, key.data, key.size, cut.data, cut.size, NULL, E));
  }
  FAILS(CAIRN_MALFORMED, cairn_collection_get(collection, key.data, 0, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_MALFORMED, cairn_collection_remove(collection, (const uint8_t*)"\x7F", 1, NULL, E));
  CHECK(row_count(collection) == 0);
  cairn_collection_close(collection);
}

static void a_row_above_16_mib_is_too_large(void) {
  cairn_collection* collection = open_collection(database, "c", "{}");
  size_t size = ((size_t)16 << 20) + 64;
  bytes row = zeros(size);
  uint8_t* at = (uint8_t*)row.data;
  /* An object with one field: its body's size in five bytes, then bytes of the rest's size. */
  size_t body = size - 6;
  size_t text = body - 5 - 5;
  uint8_t head[] = {0x15, 0, 0, 0, 0, 0, 0, 1, 1, 'b', 0x11, 0, 0, 0, 0, 0};
  for (int i = 0; i < 5; i++) {
    head[1 + i] = (uint8_t)((body >> (7 * i) & 0x7F) | (i < 4 ? 0x80 : 0));
    head[11 + i] = (uint8_t)((text >> (7 * i) & 0x7F) | (i < 4 ? 0x80 : 0));
  }
  memcpy(at, head, sizeof head);
  bytes key = value("1");
  FAILS(CAIRN_TOO_LARGE,
        cairn_collection_put(collection, key.data, key.size, row.data, row.size, NULL, E));
  CHECK(row_count(collection) == 0);
  cairn_collection_close(collection);
}

static void metadata_is_listed_by_key(void) {
  cairn_collection* collection = open_collection(database, "c", "{}");
  bytes options = table("TransactionOptions",
                        "{metadata: [{key: \"b\", value: 1}, {key: \"a\", value: [null]}]}");
  cairn_transaction* transaction = UNSET;
  WORKS(cairn_transaction_begin(collection, options.data, options.size, &transaction, E));
  cairn_buffer* out = UNSET;
  WORKS(cairn_transaction_commit(transaction, &out, E));
  cairn_buffer_free(out);
  cairn_transaction_close(transaction);
  out = UNSET;
  WORKS(cairn_collection_metadata(collection, &out, E));
  const char* text = table_text("MetadataReport", out);
  const char* a = strstr(text, "\"a\"");
  const char* b = strstr(text, "\"b\"");
  CHECK(a != NULL && b != NULL && a < b);
  CHECK(strstr(text, "[null]") != NULL);
  cairn_collection_close(collection);
}

static void reset_empties_and_raises_the_epoch(void) {
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_row(collection, "1", "{}");
  WORKS(cairn_collection_reset(collection, E));
  CHECK(row_count(collection) == 0);
  cairn_buffer* out = UNSET;
  WORKS(cairn_collection_info(collection, &out, E));
  CHECK(strstr(table_text("CollectionInfo", out), "\"reset_epoch\":") != NULL);
  put_row(collection, "1", "{}");
  CHECK(row_count(collection) == 1);
  cairn_collection_close(collection);
}

static void every_call_on_a_dropped_collection_says_so(void) {
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_row(collection, "1", "{}");
  WORKS(cairn_collection_drop(database, "c", 1, E));
  FAILS(CAIRN_NOT_FOUND, cairn_collection_drop(database, "c", 1, E));
  bytes key = value("1");
  bytes row = value("{}");
  cairn_buffer* out = UNSET;
  uint64_t version = 9;
  FAILS(CAIRN_DROPPED, cairn_collection_get(collection, key.data, key.size, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_DROPPED,
        cairn_collection_put(collection, key.data, key.size, row.data, row.size, &version, E));
  CHECK(version == 0);
  FAILS(CAIRN_DROPPED, cairn_collection_remove(collection, key.data, key.size, NULL, E));
  FAILS(CAIRN_DROPPED, cairn_collection_reset(collection, E));
  out = UNSET;
  FAILS(CAIRN_DROPPED, cairn_collection_info(collection, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_DROPPED, cairn_collection_metadata(collection, &out, E));
  CHECK(out == NULL);
  cairn_cursor* cursor = UNSET;
  FAILS(CAIRN_DROPPED, cairn_collection_load(collection, NULL, 0, &cursor, E));
  CHECK(cursor == NULL);
  bytes request = table("DeltaRequest", "{since: 0}");
  cursor = UNSET;
  FAILS(CAIRN_DROPPED, cairn_collection_delta(collection, request.data, request.size, &cursor, E));
  CHECK(cursor == NULL);
  cairn_transaction* transaction = UNSET;
  FAILS(CAIRN_DROPPED, cairn_transaction_begin(collection, NULL, 0, &transaction, E));
  CHECK(transaction == NULL);
  cairn_collection_close(collection);
}

static void no_collection_is_invalid(void) {
  cairn_collection* collection = UNSET;
  cairn_buffer* out = UNSET;
  uint64_t version = 9;
  bytes key = value("1");
  bytes row = value("{}");
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_open(NULL, "c", 1, NULL, 0, &collection, E));
  CHECK(collection == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_open(database, "c", 1, NULL, 0, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_drop(NULL, "c", 1, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_info(NULL, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_get(NULL, key.data, key.size, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT,
        cairn_collection_put(NULL, key.data, key.size, row.data, row.size, &version, E));
  CHECK(version == 0);
  version = 9;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_remove(NULL, key.data, key.size, &version, E));
  CHECK(version == 0);
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_metadata(NULL, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_reset(NULL, E));
  collection = open_collection(database, "c", "{}");
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_info(collection, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_metadata(collection, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_get(collection, key.data, key.size, NULL, E));
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_get(collection, NULL, 4, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_put(collection, NULL, 4, row.data, 2, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_put(collection, key.data, 1, NULL, 2, NULL, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_remove(collection, NULL, 4, NULL, E));
  cairn_collection_close(collection);
}

/* Every test runs in memory and over a file. */
#define BOTH(name)                        \
  static void name##_in_memory(void) {    \
    database = open_memory();             \
    name();                               \
    cairn_database_close(database);       \
  }                                       \
  static void name##_in_a_file(void) {    \
    database = open_database("db", "{}"); \
    name();                               \
    cairn_database_close(database);       \
  }
BOTH(names_are_utf8_and_not_empty)
BOTH(names_may_hold_nul)
BOTH(a_name_that_is_too_long_is_an_error_or_works)
BOTH(options_are_read_at_any_address)
BOTH(a_schema_mismatch_names_both_versions)
BOTH(rows_are_put_got_and_removed)
BOTH(bad_rows_are_refused)
BOTH(bad_bytes_are_malformed)
BOTH(a_row_above_16_mib_is_too_large)
BOTH(metadata_is_listed_by_key)
BOTH(reset_empties_and_raises_the_epoch)
BOTH(every_call_on_a_dropped_collection_says_so)
BOTH(no_collection_is_invalid)

#define TESTS(name) TEST(name##_in_memory), TEST(name##_in_a_file)

int main(void) {
  static const test tests[] = {
      TESTS(names_are_utf8_and_not_empty),
      TESTS(names_may_hold_nul),
      TESTS(a_name_that_is_too_long_is_an_error_or_works),
      TESTS(options_are_read_at_any_address),
      TESTS(a_schema_mismatch_names_both_versions),
      TESTS(rows_are_put_got_and_removed),
      TESTS(bad_rows_are_refused),
      TESTS(bad_bytes_are_malformed),
      TESTS(a_row_above_16_mib_is_too_large),
      TESTS(metadata_is_listed_by_key),
      TESTS(reset_empties_and_raises_the_epoch),
      TESTS(every_call_on_a_dropped_collection_says_so),
      TESTS(no_collection_is_invalid),
  };
  return RUN_TESTS(tests);
}
