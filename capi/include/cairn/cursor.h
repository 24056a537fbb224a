/* cursor.h - reading many rows, in row batches of bounded size.
 *
 * A cursor reads one snapshot of its collection: the moment at which it was opened. Where the
 * database cannot pin a snapshot (in memory, or over an executor), a write to the collection ends
 * its open cursors with CAIRN_SNAPSHOT_EXPIRED. */
#ifndef CAIRN_CURSOR_H
#define CAIRN_CURSOR_H

#include "status.h"

CAIRN_BEGIN

/** Opens a cursor over a subset of a collection. `request`: LoadRequest; (null, 0) for all rows.
 *  Rows come in the order that the subset asks for, ties by key; without one in that of their
 *  insertion, or of the keys that are given. Predicates give what JavaScript gives; see
 *  core/query/ORDER.md for the order.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller (cairn_cursor_close).
 *  Threads: any; the cursor is for one thread at a time.
 *  Errors: CAIRN_MALFORMED, CAIRN_INVALID_VALUE for a key or a constant that cannot be one,
 *  CAIRN_INVALID_ARGUMENT for a function that is not known or a cursor that does not fit the order,
 *  CAIRN_TOO_LARGE for an expression of more than 65,536 parts, 16 MiB or a depth of 256,
 *  CAIRN_DROPPED, CAIRN_BUSY, CAIRN_IO. */
CAIRN_API cairn_status cairn_collection_load(cairn_collection* collection, const uint8_t* request,
                                             size_t request_size, cairn_cursor** out,
                                             cairn_error** error);

/** Opens a cursor over what changed since a row version. `request`: DeltaRequest. The batches hold
 *  whole current rows (insert) and deleted keys (delete), so that they can be applied elsewhere.
 *  The head says whether to reload instead.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller (cairn_cursor_close).
 *  Threads: any; the cursor is for one thread at a time.
 *  Errors: CAIRN_MALFORMED, CAIRN_DROPPED, CAIRN_BUSY, CAIRN_IO, CAIRN_CORRUPT. */
CAIRN_API cairn_status cairn_collection_delta(cairn_collection* collection, const uint8_t* request,
                                              size_t request_size, cairn_cursor** out,
                                              cairn_error** error);

/** Gives the CursorHead: the snapshot's position and, for a delta, what goes beside its rows.
 *  Ownership: `*out` is owned by the caller (cairn_buffer_free).
 *  Threads: one at a time.
 *  Errors: none but those of memory. */
CAIRN_API cairn_status cairn_cursor_head(cairn_cursor* cursor, cairn_buffer** out,
                                         cairn_error** error);

/** Gives the next RowBatch, or CAIRN_DONE and null after the last one. With CAIRN_QUESTION `*out`
 *  is a Question, for cairn_cursor_answer; only a request with `host` asks.
 *  Ownership: `*out` is owned by the caller (cairn_buffer_free).
 *  Threads: one at a time.
 *  Errors: CAIRN_SNAPSHOT_EXPIRED, CAIRN_CANCELLED, CAIRN_CORRUPT, CAIRN_IO, CAIRN_INVALID_VALUE
 *  where an expression cannot be evaluated for a row, such as a bigint plus a number; after any of
 *  them the cursor can only be closed (CAIRN_SNAPSHOT_EXPIRED again, else CAIRN_WRONG_STATE). */
CAIRN_API cairn_status cairn_cursor_next(cairn_cursor* cursor, cairn_buffer** out,
                                         cairn_error** error);

/** Answers the question that cairn_cursor_next gave with CAIRN_QUESTION; then call that again.
 *  `answer`: Answer, one value for each of the question's, in the same order.
 *  Ownership: inputs are borrowed for the call.
 *  Threads: one at a time.
 *  Errors: CAIRN_MALFORMED, CAIRN_INVALID_VALUE for answers of another number or type,
 *  CAIRN_WRONG_STATE where nothing was asked. */
CAIRN_API cairn_status cairn_cursor_answer(cairn_cursor* cursor, const uint8_t* answer,
                                           size_t answer_size, cairn_error** error);

/** Explains how a cursor gets its rows: Explanation, with what it has read up to now. Read the
 *  cursor to its end first for the whole cost.
 *  Ownership: `*out` is owned by the caller (cairn_buffer_free).
 *  Threads: one at a time.
 *  Errors: none but those of memory. */
CAIRN_API cairn_status cairn_cursor_explain(cairn_cursor* cursor, cairn_buffer** out,
                                            cairn_error** error);

/** Closes a cursor and lets its snapshot go.
 *  Ownership: takes `cursor`; null is allowed.
 *  Threads: one at a time.
 *  Errors: none. */
CAIRN_API void cairn_cursor_close(cairn_cursor* cursor);

CAIRN_END

#endif
