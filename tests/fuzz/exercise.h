// What an app does with a database, for databases that are damaged: every call may fail, and none
// may crash, hang or leave an object behind. One thread.
#pragma once

#include "fuzz.h"

namespace cairn::fuzz {

// The answers that a damaged database may give to right requests.
bool may_damage_answer(cairn_status status);

// Gives the collection "c" what exercise() looks for: rows of two shapes, metadata, a log with
// positions of its own, a request and a pruned term.
void fill(cairn_database* database);

// Looks at everything and changes nothing.
void read_all(cairn_database* database);

// Writes in every way: rows, snapshots, requests, resets, new collections.
void write_all(cairn_database* database);

}  // namespace cairn::fuzz
