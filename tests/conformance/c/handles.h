/* What a scenario of the C runner has open, by names: databases and what was opened from them. */
#ifndef CONFORMANCE_HANDLES_H
#define CONFORMANCE_HANDLES_H

#include "payloads.h"

enum kind { DATABASE, COLLECTION, COORDINATOR, REPLICA, CURSOR };

struct handle {
  enum kind kind;
  const char* db;
  struct bytes name;
  void* it;
  json* step;    /* that has opened it */
  json* numbers; /* of a replica's last effects, by their kinds */
};

/* Where databases are; `main_file` is the database main, where it is given. */
extern const char *folder, *main_file;
const char* path_of(const char* name);

/* The name of a step's database. */
const char* db_of(json* from);
/* What is open under the name that a step has in `field`; null where nothing is. Databases and
 * collections have names of their own in each database. */
struct handle* find(enum kind kind, json* from, const char* field, const char* otherwise);
/* The same, as the API knows it; fails where nothing is. */
void* need(enum kind kind, json* from, const char* field, const char* otherwise);
void* keep(enum kind kind, json* from, struct bytes name, void* it);
void close_handle(struct handle* handle);

/* The database of a step, opened unless it is open. */
cairn_database* database(json* from);
cairn_collection* open_collection(json* from);
/* The collection `in` of a step. */
cairn_collection* in(json* from);
void reopen(json* from);
void close_database(const char* db);
/* Checks every open database. */
void finish(void);
/* Closes all, whatever state it is in. */
void close_all(void);

#endif
