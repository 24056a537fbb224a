/* coordinator.h - how the instances that share a database agree on who leads each collection, tell
 * each other what was written, and ask the leader. An instance opens one coordinator for all of its
 * replicas. schemas/coordination.fbs has the tables.
 *
 * With CoordinatorKind Host the host does what cannot be done here: it takes actions from
 * cairn_coordinator_next until there is none, and tells with cairn_coordinator_send what came of
 * them, what has arrived, and what time it is. When to look is told by a wakeup or by cairn_wait.
 */
#ifndef CAIRN_COORDINATOR_H
#define CAIRN_COORDINATOR_H

#include "status.h"

CAIRN_BEGIN

/* Tells a host that there may be something to do for a coordinator or its replicas. */
typedef struct cairn_wakeup {
  /* sizeof(cairn_wakeup) of the caller. */
  uint32_t struct_size;

  /* Given to both callbacks. */
  void* user_data;

  /* Called once, and again only after cairn_coordinator_next or cairn_replica_next has given
   * CAIRN_DONE. From any thread, in the midst of calls on the coordinator and its replicas, under
   * no lock: it must not call into Cairn, but have the host do so soon. */
  void (*wakeup)(void* user_data);

  /* Called exactly once, when the wakeup is not used any more; may be null. */
  void (*destroy)(void* user_data);
} cairn_wakeup;

/** Opens a coordinator. `options`: CoordinatorOptions; (null, 0) for the defaults.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller
 *  (cairn_coordinator_close).
 *  Threads: any; the handle may be used by several threads at once.
 *  Errors: CAIRN_MALFORMED, CAIRN_INVALID_ARGUMENT, CAIRN_UNSUPPORTED for a kind that this platform
 *  does not have. */
CAIRN_API cairn_status cairn_coordinator_open(cairn_database* database, const uint8_t* options,
                                              size_t options_size, cairn_coordinator** out,
                                              cairn_error** error);

/** Closes a coordinator, and removes its wakeup. Close its replicas first, then take the actions
 *  that are left: they release what it holds.
 *  Ownership: takes `coordinator`; null is allowed. Replicas stay usable, but hear of no other
 *  instance any more.
 *  Threads: any, after every other call on the handle has returned.
 *  Errors: none. */
CAIRN_API void cairn_coordinator_close(cairn_coordinator* coordinator);

/** Tells what has happened. `event`: CoordinatorEvent.
 *  Ownership: inputs are borrowed for the call.
 *  Threads: any.
 *  Errors: CAIRN_MALFORMED, also for a message that is none, CAIRN_INVALID_ARGUMENT for an event
 *  without what its kind needs, CAIRN_TOO_LARGE; nothing has changed then. */
CAIRN_API cairn_status cairn_coordinator_send(cairn_coordinator* coordinator, const uint8_t* event,
                                              size_t event_size, cairn_error** error);

/** Gives the next CoordinatorAction, or CAIRN_DONE and null where there is none now, as always with
 *  CoordinatorKind Native, whose actions are carried out here.
 *  Ownership: `*out` is owned by the caller (cairn_buffer_free).
 *  Threads: any; actions are carried out in their order.
 *  Errors: none but those of memory, after which the same action comes again. */
CAIRN_API cairn_status cairn_coordinator_next(cairn_coordinator* coordinator, cairn_buffer** out,
                                              cairn_error** error);

/** Has `wakeup` called when there may be something to do, at once where there is; replaces the one
 *  before. Null removes it: it is not called any more when this has returned.
 *  Ownership: the struct is borrowed for the call. Its user_data belongs to the library until it
 *  calls `destroy`, also where this fails; only where struct_size is too small nothing is called.
 *  Threads: any. Waits for a call of the former wakeup that is going on in another thread.
 *  Errors: CAIRN_INVALID_ARGUMENT. */
CAIRN_API cairn_status cairn_coordinator_set_wakeup(cairn_coordinator* coordinator,
                                                    const cairn_wakeup* wakeup,
                                                    cairn_error** error);

/** Waits until there is something to do for the coordinator or one of its replicas: CAIRN_OK, at
 *  once while there is, or CAIRN_DONE after `timeout_ms` milliseconds. Call cairn_coordinator_next
 *  and each cairn_replica_next until CAIRN_DONE before waiting again. For hosts that must not be
 *  called from other threads. In a library without threads it does not wait.
 *  Ownership: `coordinator` is borrowed.
 *  Threads: any; several may wait.
 *  Errors: none but those of the handle. */
CAIRN_API cairn_status cairn_wait(cairn_coordinator* coordinator, uint32_t timeout_ms,
                                  cairn_error** error);

CAIRN_END

#endif
