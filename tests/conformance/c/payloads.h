/* What the C runner sends and expects: JSON of the corpus as tables, values and row batches, and
 * comparisons. What is made here lives until release_all, at the end of a step. One thread. */
#ifndef CONFORMANCE_PAYLOADS_H
#define CONFORMANCE_PAYLOADS_H

#include <cairn.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdbool.h>

typedef struct json_object json;

struct bytes {
  const uint8_t* data;
  size_t size;
};

/* How a step ends that fails: status, message, and whether it is a value that could not be made. */
struct failure {
  cairn_status status; /* CAIRN_OK where what came is not what should have come */
  bool of_value;
  char message[4096];
};
extern struct failure failure;
extern jmp_buf step_end;

/* Calls a function of the API whose last parameter is an error; `out` is for the bytes it gives. */
#define CALL(function, ...) check(function(__VA_ARGS__, &call_error))
extern cairn_error* call_error;
extern cairn_buffer* out;
void check(cairn_status status);
_Noreturn void fail(const char* format, ...);

/* Has `it` released at the end of the step. */
void* defer(void* it, void (*release)(void* it));
void release_all(void);
/* Bytes that the API has given. */
struct bytes take(cairn_buffer* buffer);

json* get(json* object, const char* field);
const char* text(json* object, const char* field, const char* otherwise);
/* The same as bytes: texts may have zeros. */
struct bytes string(json* object, const char* field, const char* otherwise);
int64_t number(json* object, const char* field, int64_t otherwise);
size_t length(json* array);
json* item(json* array, size_t i);
/* One JSON text, and the text of one. */
json* parsed(const char* data, size_t size);
struct bytes written(json* value);
/* Objects that are owned by the step. */
json* owned(json* made);
/* An object with the same fields; null has none. */
json* copy_of(json* object);

/* Bytes that are given as they are: {"$bytes": base64} or {"$zeros": n}. */
struct bytes raw(json* value);
bool is_raw(json* value);
/* A table of schemas/, of nothing where `value` is null; with {"$table": ...} in it. */
struct bytes table_of(const char* name, json* value);
json* json_of(const char* name, struct bytes bytes);
/* One portable value. */
struct bytes value_of(json* value);
json* json_of_value(struct bytes bytes);
/* A row batch of mutations, or of rows as inserts. */
struct bytes batch_of(json* list, bool rows);
/* The rows of a batch as the corpus writes them, added to `rows`. */
void read_rows(struct bytes batch, json* rows);

/* Fail where they differ. */
void expect_table(json* expected, json* actual);
void expect_value(json* expected, json* actual);
void expect_rows(json* expected, json* actual, bool any_order);

#endif
