/* What tests of replicas and coordinators share: events written as JSON, effects read as JSON, and
 * a host that elects and carries messages between coordinators. One thread at a time. */
#ifndef CAIRN_TEST_PEERS_H
#define CAIRN_TEST_PEERS_H

#include "harness.h"

/* Bytes as JSON: {"$bytes": "..."}; and back, from where the JSON's object begins. */
const char* bytes_json(bytes from);
bytes bytes_from_json(const char* json);
/* The text of a field of a table's JSON, or its object of one level; null where it has none. */
const char* field_text(const char* json, const char* name);
const char* field_object(const char* json, const char* name);
/* How often `part` stands in `text`. */
int count_of(const char* text, const char* part);

cairn_replica* open_replica(cairn_collection* collection, cairn_coordinator* coordinator,
                            const char* options);
/* The bytes of an event whose number is above all before it; `fields` are more of its fields. */
bytes event(const char* kind, const char* fields);
/* Sends that event. */
void send_event(cairn_replica* replica, const char* kind, const char* fields);
/* Takes effects until there is none: their JSON, a line each. */
const char* effects(cairn_replica* replica);

cairn_coordinator* open_coordinator(cairn_database* database, const char* options);
void tell_coordinator(cairn_coordinator* coordinator, const char* event_json);

/* Up to four coordinators whose host is the test. The first that asks holds the collection. */
typedef struct carrier {
  cairn_coordinator* nodes[4];
  int count;
  int holder;     /* -1: none */
  bool wishes[4]; /* who has asked and does not hold it */
  bool is_cut[4]; /* messages from and to it are lost */
} carrier;

carrier new_carrier(void);
cairn_coordinator* add_node(carrier* all, cairn_database* database);
/* Carries out all actions, until there are no more; gives how many there were. */
int carry(carrier* all);

#endif
