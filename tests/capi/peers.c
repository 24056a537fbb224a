/* The helpers of peers.h. */
#include "peers.h"

#include <stdio.h>
#include <stdlib.h>

static char* text_room(size_t size) { return (char*)(uintptr_t)zeros(size + 1).data; }

const char* bytes_json(bytes from) {
  char* portable = text_room(from.size + 11);
  size_t at = 0;
  portable[at++] = 0x11; /* bytes: a varint with their number, then they */
  size_t left = from.size;
  for (; left >= 128; left >>= 7) portable[at++] = (char)(0x80 | (left & 0x7F));
  portable[at++] = (char)left;
  if (from.size > 0) memcpy(portable + at, from.data, from.size);
  cairn_buffer* out = NULL;
  WORKS(cairn_value_to_json((const uint8_t*)portable, at + from.size, &out, E));
  return text_of(out);
}

bytes bytes_from_json(const char* json) {
  bytes made = {NULL, 0};
  if (!json) return made;
  made = value(json);
  size_t at = 1;
  while (at < made.size && (made.data[at] & 0x80)) at++;
  made.data += at + 1;
  made.size -= at + 1;
  return made;
}

static const char* find_field(const char* json, const char* name, char first, char last) {
  char start[64];
  snprintf(start, sizeof start, "\"%s\":%c", name, first);
  const char* at = strstr(json, start);
  if (!at) return NULL;
  at += strlen(start);
  const char* end = strchr(at, last);
  char* text = text_room((size_t)(end - at) + 2);
  memcpy(text, at, (size_t)(end - at));
  return text;
}

const char* field_text(const char* json, const char* name) {
  return find_field(json, name, '"', '"');
}

const char* field_object(const char* json, const char* name) {
  const char* inside = find_field(json, name, '{', '}');
  if (!inside) return NULL;
  char* text = text_room(strlen(inside) + 2);
  sprintf(text, "{%s}", inside);
  return text;
}

int count_of(const char* text, const char* part) {
  int count = 0;
  for (const char* at = text; (at = strstr(at, part)) != NULL; at += strlen(part)) count++;
  return count;
}

cairn_replica* open_replica(cairn_collection* collection, cairn_coordinator* coordinator,
                            const char* options) {
  bytes made = table("ReplicaOptions", options);
  cairn_replica* replica = UNSET;
  WORKS(cairn_replica_open(collection, coordinator, made.data, made.size, &replica, E));
  return replica;
}

bytes event(const char* kind, const char* fields) {
  static int last_number;
  char* json = text_room(strlen(fields) + 100);
  sprintf(json, "{kind: \"%s\", number: %d%s%s}", kind, ++last_number, *fields ? ", " : "", fields);
  return table("ReplicaEvent", json);
}

void send_event(cairn_replica* replica, const char* kind, const char* fields) {
  bytes made = event(kind, fields);
  WORKS(cairn_replica_send(replica, made.data, made.size, E));
}

const char* effects(cairn_replica* replica) {
  char* all = text_room(0);
  for (;;) {
    cairn_buffer* out = UNSET;
    cairn_status status = cairn_replica_next(replica, &out, NULL);
    CHECK((status == CAIRN_OK) == (out != NULL));
    if (status != CAIRN_OK) {
      CHECK(status == CAIRN_DONE);
      return all;
    }
    const char* one = table_text("ReplicaEffect", out);
    char* more = text_room(strlen(all) + strlen(one) + 1);
    sprintf(more, "%s%s\n", all, one);
    all = more;
  }
}

cairn_coordinator* open_coordinator(cairn_database* database, const char* options) {
  bytes made = table("CoordinatorOptions", options);
  cairn_coordinator* coordinator = UNSET;
  WORKS(cairn_coordinator_open(database, made.data, made.size, &coordinator, E));
  return coordinator;
}

void tell_coordinator(cairn_coordinator* coordinator, const char* event_json) {
  bytes made = table("CoordinatorEvent", event_json);
  WORKS(cairn_coordinator_send(coordinator, made.data, made.size, E));
}

carrier new_carrier(void) {
  carrier all;
  memset(&all, 0, sizeof all);
  all.holder = -1;
  return all;
}

cairn_coordinator* add_node(carrier* all, cairn_database* database) {
  char options[80];
  snprintf(options, sizeof options, "{kind: \"Host\", node: \"n%d\", database: \"db\"}",
           all->count);
  return all->nodes[all->count++] = open_coordinator(database, options);
}

static void elect(carrier* all) {
  for (int i = 0; i < all->count && all->holder < 0; i++) {
    if (!all->wishes[i]) continue;
    all->wishes[i] = false;
    all->holder = i;
    tell_coordinator(all->nodes[i], "{kind: \"Elected\", collection: \"c\"}");
  }
}

static void carry_message(carrier* all, int from, const char* action) {
  const char* to = field_text(action, "to");
  const char* message = field_object(action, "message");
  char* json = text_room(strlen(message) + 60);
  sprintf(json, "{kind: \"Received\", message: %s}", message);
  for (int i = 0; i < all->count; i++) {
    bool is_addressed = !to || (to[0] == 'n' && to[1] - '0' == i);
    bool is_lost = all->is_cut[i] || all->is_cut[from];
    if (all->nodes[i] && i != from && is_addressed && !is_lost)
      tell_coordinator(all->nodes[i], json);
  }
}

static bool carry_one(carrier* all, int node) {
  cairn_buffer* out = UNSET;
  cairn_status status = cairn_coordinator_next(all->nodes[node], &out, NULL);
  CHECK((status == CAIRN_OK) == (out != NULL));
  CHECK(status == CAIRN_OK || status == CAIRN_DONE);
  if (status != CAIRN_OK) return false;
  const char* action = table_text("CoordinatorAction", out);
  if (strstr(action, "\"Elect\"")) all->wishes[node] = true;
  if (strstr(action, "\"Release\"")) {
    all->wishes[node] = false;
    if (all->holder == node) all->holder = -1;
  }
  if (strstr(action, "\"Send\"")) carry_message(all, node, action);
  elect(all);
  return true;
}

int carry(carrier* all) {
  int carried = 0;
  for (bool more = true; more;) {
    more = false;
    for (int i = 0; i < all->count; i++) {
      if (!all->nodes[i] || !carry_one(all, i)) continue;
      carried++;
      more = true;
    }
  }
  return carried;
}
