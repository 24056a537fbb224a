/* Row batches of mutations, as schemas/batch.fbs lays them out: written forwards, with columns of
 * tagged values alone. See payloads.h. */
#include <stdlib.h>
#include <string.h>

#include "payloads.h"

struct buffer {
  uint8_t* data;
  size_t size;
};

static void put(struct buffer* buffer, const void* data, size_t size) {
  memcpy(buffer->data + buffer->size, data, size);
  buffer->size += size;
}

static void put_number(struct buffer* buffer, uint32_t value, size_t width) {
  uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                      (uint8_t)(value >> 24)};
  put(buffer, bytes, width);
}

static void set(struct buffer* buffer, size_t at, uint32_t value) {
  struct buffer there = {buffer->data + at, 0};
  put_number(&there, value, 4);
}

/* A table at the next place, for the offset at `from`, with the fields of `ids` (rising) in slots
 * of 4 bytes; gives the first slot. */
static size_t put_table(struct buffer* buffer, size_t from, const int* ids, int count) {
  int fields = ids[count - 1] + 1, next = 0;
  while (buffer->size % 4 != (fields % 2 == 0 ? 0 : 2)) put_number(buffer, 0, 1);
  size_t vtable = buffer->size;
  put_number(buffer, (uint32_t)(4 + 2 * fields), 2);
  put_number(buffer, (uint32_t)(4 + 4 * count), 2);
  for (int id = 0; id < fields; id++)
    put_number(buffer, ids[next] == id ? (uint32_t)(4 + 4 * next++) : 0, 2);
  set(buffer, from, (uint32_t)(buffer->size - from));
  put_number(buffer, (uint32_t)(buffer->size - vtable), 4);
  size_t slots = buffer->size;
  for (int i = 0; i < count; i++) put_number(buffer, 0, 4);
  return slots;
}

/* A vector's length, for the offset at `from`; its elements follow. */
static void put_vector(struct buffer* buffer, size_t from, size_t count) {
  while (buffer->size % 4 != 0) put_number(buffer, 0, 1);
  set(buffer, from, (uint32_t)(buffer->size - from));
  put_number(buffer, (uint32_t)count, 4);
}

static void put_column(struct buffer* buffer, size_t from, const struct bytes* values,
                       size_t count) {
  static const int ids[] = {0, 2, 5, 12}; /* kind, data, ends, count */
  size_t column = put_table(buffer, from, ids, 4), size = 0;
  for (size_t i = 0; i < count; i++) size += values[i].size;
  set(buffer, column, 10); /* Tagged */
  set(buffer, column + 12, (uint32_t)count);
  put_vector(buffer, column + 4, size);
  for (size_t i = 0; i < count; i++) put(buffer, values[i].data, values[i].size);
  put_vector(buffer, column + 8, count);
  for (size_t i = 0, end = 0; i < count; i++)
    put_number(buffer, (uint32_t)(end += values[i].size), 4);
}

static uint8_t op_of(const char* name) {
  static const char* const names[] = {"insert", "update", "delete", "touch"};
  for (uint8_t i = 0; i < 4; i++)
    if (strcmp(names[i], name) == 0) return i;
  fail("unknown operation %s", name);
}

struct bytes batch_of(json* list, bool rows) {
  static const int batch_ids[] = {0, 1, 2,
                                  3, 5, 6};   /* count keys ops values metadata_ops metadata */
  static const int objects_ids[] = {0, 1, 3}; /* count group_of loose */
  size_t count = length(list), value_count = 0, metadata_count = 0, size = 4096 + 32 * count;
  struct bytes* keys = defer(calloc(3 * count + 1, sizeof *keys), free);
  struct bytes *values = keys + count, *metadata = values + count;
  uint8_t* ops = defer(calloc(2 * count + 1, 1), free);
  uint8_t* metadata_ops = ops + count;
  for (size_t i = 0; i < count; i++) {
    json* one = item(list, i);
    size_t first = rows ? 0 : 1, parts = length(one);
    if (!rows) ops[i] = op_of(json_object_get_string(item(one, 0)));
    keys[i] = value_of(item(one, first));
    size += keys[i].size;
    if (ops[i] < 2) size += (values[value_count++] = value_of(item(one, first + 1))).size;
    size_t third = first + (ops[i] < 2 ? 2 : 1);
    json* change = third < parts ? item(one, third) : NULL;
    const char* field = rows ? "metadata" : "set";
    bool sets = json_object_object_get_ex(change, field, NULL);
    metadata_ops[i] = sets ? 1 : get(change, "remove") != NULL ? 2 : 0;
    if (sets) size += (metadata[metadata_count++] = value_of(get(change, field))).size;
  }
  struct buffer buffer = {defer(malloc(size), free), 0};
  put_number(&buffer, 0, 4);
  size_t batch = put_table(&buffer, 0, batch_ids, 6);
  set(&buffer, batch, (uint32_t)count);
  put_column(&buffer, batch + 4, keys, count);
  put_vector(&buffer, batch + 8, count);
  put(&buffer, ops, count);
  size_t objects = put_table(&buffer, batch + 12, objects_ids, 3);
  set(&buffer, objects, (uint32_t)value_count);
  put_vector(&buffer, objects + 4, value_count);
  for (size_t i = 0; i < value_count; i++) put_number(&buffer, 65535, 2); /* loose */
  put_column(&buffer, objects + 8, values, value_count);
  put_vector(&buffer, batch + 16, count);
  put(&buffer, metadata_ops, count);
  put_column(&buffer, batch + 20, metadata, metadata_count);
  return (struct bytes){buffer.data, buffer.size};
}
