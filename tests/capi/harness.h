/* A small harness for tests of the C API in strict C: named tests, checks that go on or leave the
 * test, a folder of its own for each test, and a leak count after each. One thread runs the tests.
 *
 * WORKS and FAILS run a call in which E stands for its cairn_error**. */
#ifndef CAIRN_TEST_HARNESS_H
#define CAIRN_TEST_HARNESS_H

#include <cairn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct test {
  const char* name;
  void (*run)(void);
} test;

#define TEST(function) \
  { #function, function }

/* Runs all tests, prints "N passed, N failed", and gives what main returns. */
int run_tests(const test* tests, size_t count);
#define RUN_TESTS(tests) run_tests(tests, sizeof(tests) / sizeof((tests)[0]))

/* Fails the test and goes on; gives whether the condition holds. */
#define CHECK(condition) check_that((condition) != 0, #condition, __FILE__, __LINE__)
/* Fails the test and leaves the function. */
#define REQUIRE(condition)         \
  do {                             \
    if (!CHECK(condition)) return; \
  } while (0)
/* Checks that two texts are equal, and shows them if not. */
#define CHECK_TEXT(actual, expected) check_text(actual, expected, __FILE__, __LINE__)

/* What out pointers hold before a call, so that a call that leaves one alone is seen. */
#define UNSET ((void*)&unset_object)
extern char unset_object;

/* The call gives CAIRN_OK, and no error. */
#define WORKS(call) GIVES(CAIRN_OK, call)
/* The call gives this status; below 100 without an error, else with one that says so. */
#define GIVES(status, call)                                         \
  do {                                                              \
    cairn_error* error_ = UNSET;                                    \
    cairn_error** E = &error_;                                      \
    cairn_status given_ = (call);                                   \
    check_call(given_, status, &error_, #call, __FILE__, __LINE__); \
  } while (0)
/* The call fails with this status, and again where nobody wants the error. */
#define FAILS(status, call)                                        \
  do {                                                             \
    GIVES(status, call);                                           \
    {                                                              \
      cairn_error** E = NULL;                                      \
      cairn_status given_ = (call);                                \
      (void)E;                                                     \
      check_call(given_, status, NULL, #call, __FILE__, __LINE__); \
    }                                                              \
  } while (0)

bool check_that(bool condition, const char* text, const char* file, int line);
bool check_text(const char* actual, const char* expected, const char* file, int line);
/* Checks what a call gave, and frees its error. */
void check_call(cairn_status given, cairn_status expected, cairn_error** error, const char* text,
                const char* file, int line);

/* A path in the test's own folder, which goes when the test ends. Valid until the test ends. */
const char* test_path(const char* name);

/* Bytes and texts of the API, owned by the test: they are freed when it ends. Null on failure. */
typedef struct bytes {
  const uint8_t* data;
  size_t size;
} bytes;

/* What a call gave, as a terminated text: takes the buffer. */
const char* text_of(cairn_buffer* buffer);
/* What a call gave, as bytes: takes the buffer. */
bytes bytes_of(cairn_buffer* buffer);
/* A table of schemas/ from JSON whose names may stand without quotes. */
bytes table(const char* name, const char* json);
/* A table's JSON: takes the buffer. */
const char* table_text(const char* name, cairn_buffer* buffer);
/* A portable value from JSON. */
bytes value(const char* json);
/* A row batch of inserts from JSON rows whose key is the field "id". */
bytes batch(const char* json);
/* A copy at an odd address, of exactly that size, so that a sanitizer sees a read beyond it. */
bytes misaligned(bytes original);
/* `size` zeros. */
bytes zeros(size_t size);

/* A file database in the test's folder, one in memory, and a collection "c". Null on failure. */
cairn_database* open_database(const char* name, const char* options);
cairn_database* open_memory(void);
cairn_collection* open_collection(cairn_database* database, const char* name, const char* options);
/* Puts {"id": key text, "n": n} under the key. */
void put_row(cairn_collection* collection, const char* key_json, const char* value_json);
/* How many rows the collection has. */
uint64_t row_count(cairn_collection* collection);

#endif
