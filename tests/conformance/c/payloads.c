/* Payloads and comparisons of the C runner; see payloads.h. */
#include "payloads.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct failure failure;
jmp_buf step_end;
cairn_error* call_error;
cairn_buffer* out;

struct deferred {
  void* it;
  void (*release)(void* it);
};
static struct deferred* deferred;
static size_t deferred_count, deferred_room;
static bool makes_value;

_Noreturn static void end_step(cairn_status status) {
  failure.status = status;
  failure.of_value = makes_value;
  makes_value = false;
  longjmp(step_end, 1);
}

_Noreturn void fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(failure.message, sizeof failure.message, format, arguments);
  va_end(arguments);
  end_step(CAIRN_OK);
}

void check(cairn_status status) {
  if (status == CAIRN_OK) return;
  snprintf(failure.message, sizeof failure.message, "%s", cairn_error_message(call_error));
  cairn_error_free(call_error);
  end_step(status);
}

void* defer(void* it, void (*release)(void* it)) {
  if (deferred_count == deferred_room) {
    deferred_room = 2 * deferred_room + 1024;
    deferred = realloc(deferred, deferred_room * sizeof *deferred);
  }
  deferred[deferred_count++] = (struct deferred){it, release};
  return it;
}

void release_all(void) {
  while (deferred_count > 0) {
    deferred_count--;
    deferred[deferred_count].release(deferred[deferred_count].it);
  }
}

static void free_buffer(void* buffer) { cairn_buffer_free(buffer); }

struct bytes take(cairn_buffer* buffer) {
  defer(buffer, free_buffer);
  return (struct bytes){cairn_buffer_data(buffer), cairn_buffer_size(buffer)};
}

struct bytes value_of(json* value) {
  struct bytes json_text = written(value);
  makes_value = true;
  CALL(cairn_value_from_json, (const char*)json_text.data, json_text.size, &out);
  makes_value = false;
  return take(out);
}

json* json_of_value(struct bytes bytes) {
  CALL(cairn_value_to_json, bytes.data, bytes.size, &out);
  struct bytes bytes_out = take(out);
  return parsed((const char*)bytes_out.data, bytes_out.size);
}

bool is_raw(json* value) { return get(value, "$bytes") != NULL || get(value, "$zeros") != NULL; }

struct bytes raw(json* value) {
  int64_t zeros = number(value, "$zeros", -1);
  if (zeros >= 0) return (struct bytes){defer(calloc((size_t)zeros + 1, 1), free), (size_t)zeros};
  struct bytes portable = value_of(value); /* tag, varint size, bytes */
  size_t at = 1;
  while (portable.data[at] >= 0x80) at++;
  return (struct bytes){portable.data + at + 1, portable.size - at - 1};
}

/* Bytes as {"$bytes": base64}: by way of their portable value. */
static json* json_of_bytes(struct bytes bytes) {
  uint8_t* portable = defer(malloc(bytes.size + 11), free);
  size_t at = 0, left = bytes.size;
  portable[at++] = 0x11;
  for (; left >= 0x80; left >>= 7) portable[at++] = (uint8_t)(left | 0x80);
  portable[at++] = (uint8_t)left;
  memcpy(portable + at, bytes.data, bytes.size);
  return json_of_value((struct bytes){portable, at + bytes.size});
}

struct bytes table_of(const char* name, json* value) {
  if (value == NULL) return (struct bytes){NULL, 0};
  if (is_raw(value)) return raw(value);
  json* whole = owned(json_object_new_object());
  json_object_object_foreach(value, field, one) {
    json* nested = get(one, "$table");
    bool is_bytes =
        nested != NULL && (strcmp(field, "payload") == 0 || strcmp(field, "message") == 0);
    if (is_bytes)
      one = json_of_bytes(table_of(json_object_get_string(item(nested, 0)), item(nested, 1)));
    json_object_object_add(whole, field, json_object_get(one));
  }
  struct bytes json_text = written(whole);
  CALL(cairn_table_from_json, name, strlen(name), (const char*)json_text.data, json_text.size,
       &out);
  return take(out);
}

json* json_of(const char* name, struct bytes bytes) {
  CALL(cairn_table_to_json, name, strlen(name), bytes.data, bytes.size, &out);
  struct bytes bytes_out = take(out);
  return parsed((const char*)bytes_out.data, bytes_out.size);
}

void read_rows(struct bytes batch, json* rows) {
  CALL(cairn_batch_to_json, batch.data, batch.size, &out);
  struct bytes lines = take(out);
  for (size_t at = 0; at < lines.size;) {
    const uint8_t* end = memchr(lines.data + at, '\n', lines.size - at);
    json* line = parsed((const char*)lines.data + at, (size_t)(end - lines.data) - at);
    at = (size_t)(end - lines.data) + 1;
    json* row = json_object_new_array();
    json* extras = json_object_new_object();
    json_object_array_add(row, json_object_get(get(line, "key")));
    if (strcmp(text(line, "op", "insert"), "delete") != 0)
      json_object_array_add(row, json_object_get(get(line, "value")));
    for (int i = 0; i < 2; i++) {
      const char* name = i == 0 ? "version" : "metadata";
      json* one = get(line, name);
      if (one != NULL) json_object_object_add(extras, name, json_object_get(one));
    }
    if (json_object_object_length(extras) > 0) json_object_array_add(row, json_object_get(extras));
    json_object_put(extras);
    json_object_array_add(rows, row);
  }
}

/* --- comparisons --- */

static bool same_value(json* a, json* b) {
  struct bytes left = value_of(a), right = value_of(b);
  return left.size == right.size && memcmp(left.data, right.data, left.size) == 0;
}

static bool is_default(json* value) {
  static const char defaults[] =
      " 0 false \"\" [] null \"Applied\" \"Default\" \"Elect\" \"EnsureRemoteSubset\" \"Heartbeat\""
      " \"None\" \"Nothing\" \"Rank\" \"Started\" ";
  char padded[64];
  snprintf(padded, sizeof padded, " %s ", (const char*)written(value).data);
  return strstr(defaults, padded) != NULL;
}

static bool matches(json* expected, json* actual) {
  json* nested = get(expected, "$table");
  if (nested != NULL)
    return actual != NULL &&
           matches(item(nested, 1), json_of(json_object_get_string(item(nested, 0)), raw(actual)));
  if (json_object_is_type(expected, json_type_array) &&
      json_object_is_type(actual, json_type_array)) {
    if (length(expected) != length(actual)) return false;
    for (size_t i = 0; i < length(expected); i++)
      if (!matches(item(expected, i), item(actual, i))) return false;
    return true;
  }
  bool special =
      json_object_is_type(expected, json_type_object) && written(expected).data[2] == '$';
  if (special || !json_object_is_type(expected, json_type_object) ||
      !json_object_is_type(actual, json_type_object))
    return same_value(expected, actual);
  json_object_object_foreach(expected, field, one) {
    json* other = NULL;
    bool is_value = strcmp(field, "value") == 0 || strcmp(field, "values") == 0;
    if (!json_object_object_get_ex(actual, field, &other) ? !is_default(one)
        : is_value                                        ? !same_value(one, other)
                                                          : !matches(one, other))
      return false;
  }
  return true;
}

static void differs(json* expected, json* actual) {
  fail("expected %s\n    but got  %s",
       json_object_to_json_string_ext(expected, JSON_C_TO_STRING_PLAIN),
       json_object_to_json_string_ext(actual, JSON_C_TO_STRING_PLAIN));
}

void expect_table(json* expected, json* actual) {
  if (expected != NULL && !matches(expected, actual)) differs(expected, actual);
}

void expect_value(json* expected, json* actual) {
  if (!same_value(expected, actual)) differs(expected, actual);
}

static int by_bytes(const void* a, const void* b) {
  json *left = *(json*const*)a, *right = *(json*const*)b;
  struct bytes x = value_of(left), y = value_of(right);
  int order = memcmp(x.data, y.data, x.size < y.size ? x.size : y.size);
  return order != 0 ? order : (x.size > y.size) - (x.size < y.size);
}

void expect_rows(json* expected, json* actual, bool any_order) {
  json* wanted = expected;
  if (any_order) {
    wanted = owned(json_object_new_array());
    for (size_t i = 0; i < length(expected); i++)
      json_object_array_add(wanted, json_object_get(item(expected, i)));
    json_object_array_sort(wanted, by_bytes);
    json_object_array_sort(actual, by_bytes);
  }
  if (length(wanted) != length(actual)) differs(wanted, actual);
  for (size_t i = 0; i < length(wanted); i++) {
    json *one = item(wanted, i), *other = item(actual, i);
    if (length(one) != length(other)) differs(one, other);
    for (size_t part = 0; part < length(one); part++)
      if (!same_value(item(one, part), item(other, part))) differs(one, other);
  }
}
