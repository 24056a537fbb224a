/* replica.h - the live state of one consumer of one collection: it hydrates the consumer, keeps its
 * subsets fresh, and saves what its source brings. It has no thread, clock or network of its own:
 * events go in, effects come out by polling. schemas/replica.fbs has the tables, and
 * core/replica/FRONT.md says what a consumer does with them. */
#ifndef CAIRN_REPLICA_H
#define CAIRN_REPLICA_H

#include "status.h"

CAIRN_BEGIN

/** Opens a replica of a collection. `coordinator` tells it of other instances; with null it is the
 *  only one, and leads at once. `options`: ReplicaOptions; (null, 0) for the defaults. Nothing
 *  happens before the event Start.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller
 *  (cairn_replica_close).
 *  Threads: any; the replica is for one thread at a time.
 *  Errors: CAIRN_MALFORMED, CAIRN_INVALID_ARGUMENT. */
CAIRN_API cairn_status cairn_replica_open(cairn_collection* collection,
                                          cairn_coordinator* coordinator, const uint8_t* options,
                                          size_t options_size, cairn_replica** out,
                                          cairn_error** error);

/** Closes a replica: it leads no more, and what it had not saved or committed yet is gone.
 *  Ownership: takes `replica`; null is allowed.
 *  Threads: one at a time.
 *  Errors: none. */
CAIRN_API void cairn_replica_close(cairn_replica* replica);

/** Hands over an event: ReplicaEvent. Its work is done by cairn_replica_next, which the wakeup of
 *  the coordinator and cairn_wait tell of.
 *  Ownership: inputs are borrowed for the call.
 *  Threads: one at a time.
 *  Errors: CAIRN_MALFORMED, CAIRN_INVALID_ARGUMENT for a number that does not rise,
 *  CAIRN_WRONG_STATE before Start, after Stop, or where the collection's kind takes no such event,
 *  CAIRN_INVALID_VALUE for answers that do not fit their question, CAIRN_TOO_LARGE; nothing has
 *  changed then. */
CAIRN_API cairn_status cairn_replica_send(cairn_replica* replica, const uint8_t* event,
                                          size_t event_size, cairn_error** error);

/** Does some of the work, one batch of rows at most, and gives a ReplicaEffect; or CAIRN_DONE and
 *  null where there is nothing to do before the next event or wakeup. Failures of the work are
 *  effects, too: Error or Reject.
 *  Ownership: `*out` is owned by the caller (cairn_buffer_free); rows in it are aligned to 16.
 *  Threads: one at a time.
 *  Errors: none but those of memory, after which the same effect comes again. */
CAIRN_API cairn_status cairn_replica_next(cairn_replica* replica, cairn_buffer** out,
                                          cairn_error** error);

CAIRN_END

#endif
