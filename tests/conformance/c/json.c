/* JSON in the C runner; see payloads.h. Objects of json-c cannot have a zero in a name: while they
 * are in memory U+F8F7, which the corpus does not use, stands for it. */
#include <stdlib.h>
#include <string.h>

#include "payloads.h"

static const char kZero[] = "\xef\xa3\xb7";

/* A copy in which `from` is `to`, in which a byte becomes 6 at most; `*size` becomes its size. */
static char* replaced(const char* data, size_t* size, const char* from, const char* to,
                      size_t to_size) {
  char* copy = defer(malloc(2 * *size + 8), free);
  size_t count = 0, from_size = strlen(from);
  for (size_t i = 0; i < *size;) {
    bool escaped = from[0] == '\\' && data[i] == '\\' && i + 1 < *size;
    if (i + from_size <= *size && memcmp(data + i, from, from_size) == 0) {
      memcpy(copy + count, to, to_size);
      count += to_size;
      i += from_size;
      continue;
    }
    for (int copied = escaped ? 2 : 1; copied > 0; copied--) copy[count++] = data[i++];
  }
  copy[count] = '\0';
  *size = count;
  return copy;
}

static void put_json(void* object) { json_object_put(object); }

json* owned(json* made) { return defer(made, put_json); }

json* copy_of(json* object) {
  json* copy = owned(json_object_new_object());
  if (object == NULL) return copy;
  json_object_object_foreach(object, field, one)
      json_object_object_add(copy, field, json_object_get(one));
  return copy;
}

json* get(json* object, const char* field) {
  json* found = NULL;
  json_object_object_get_ex(object, field, &found);
  return found;
}

const char* text(json* object, const char* field, const char* otherwise) {
  json* found = get(object, field);
  return found == NULL ? otherwise : json_object_get_string(found);
}

struct bytes string(json* object, const char* field, const char* otherwise) {
  const char* found = text(object, field, otherwise);
  size_t size = strlen(found);
  found = replaced(found, &size, kZero, "", 1);
  return (struct bytes){(const uint8_t*)found, size};
}

int64_t number(json* object, const char* field, int64_t otherwise) {
  json* found = get(object, field);
  return found == NULL ? otherwise : json_object_get_int64(found);
}

size_t length(json* array) { return array == NULL ? 0 : json_object_array_length(array); }
json* item(json* array, size_t i) { return json_object_array_get_idx(array, i); }

json* parsed(const char* data, size_t size) {
  json_tokener* tokener = json_tokener_new_ex(4096);
  char* copy = replaced(data, &size, "\\u0000", kZero, 3);
  copy[size++] = '\n'; /* a number ends only where something follows it */
  json* made = json_tokener_parse_ex(tokener, copy, (int)size);
  enum json_tokener_error error = json_tokener_get_error(tokener);
  json_tokener_free(tokener);
  if (error != json_tokener_success) fail("not JSON: %s", json_tokener_error_desc(error));
  return owned(made);
}

struct bytes written(json* value) {
  const char* data = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
  size_t size = strlen(data);
  data = replaced(data, &size, kZero, "\\u0000", 6);
  return (struct bytes){(const uint8_t*)data, size};
}
