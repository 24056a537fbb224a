/* The steps of a scenario: rows.c has those on rows, live.c those on cursors, indexes, replicas and
 * coordinators, steps.c the others and the running of all. One thread. */
#ifndef CONFORMANCE_STEPS_H
#define CONFORMANCE_STEPS_H

#include "handles.h"

/* clang-format off */
#define VERBS(X) \
  X(open) X(close) X(reopen) X(collection) X(apply) X(reconcile) X(store) X(fill) X(json)         \
  X(put) X(remove) X(get) X(load) X(copy) X(reset) X(drop) X(metadata) X(info) X(database)        \
  X(check) X(digest) X(flush) X(compact) X(backup) X(file) X(ensure_index) X(remove_index)        \
  X(cursor) X(next) X(drain) X(answer) X(release) X(coordinator) X(replica) X(send) X(effects)             \
  X(actions)
/* clang-format on */

/* Each carries out `step`. */
#define DECLARE(name) void do_##name(void);
VERBS(DECLARE)
extern json* step;

/* Compares the table that a call gives with the step's `result`. */
#define EXPECT(table, ...) \
  (CALL(__VA_ARGS__, &out), expect_table(get(step, "result"), json_of(table, take(out))))

/* A cursor over a load, or over a delta where `from` has `since`. */
cairn_cursor* open_cursor(json* from);
/* What a cursor gives next: bytes, with CAIRN_OK or CAIRN_QUESTION, or CAIRN_DONE. */
struct bytes next_of(cairn_cursor* cursor, cairn_status* status);
void answer_to(cairn_cursor* cursor, json* answer);

/* Runs the steps and closes everything; false, with a line that says why, where something is not as
 * they say. */
bool run_steps(json* steps);

#endif
