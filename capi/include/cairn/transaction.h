/* transaction.h - writing many rows, whole or not at all: begin, add row batches, commit. */
#ifndef CAIRN_TRANSACTION_H
#define CAIRN_TRANSACTION_H

#include "status.h"

CAIRN_BEGIN

/** Begins a transaction. `options`: TransactionOptions; (null, 0) for the defaults. It holds the
 *  database's write lock until it is committed or closed.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller
 *  (cairn_transaction_close, after cairn_transaction_commit too).
 *  Threads: any; the transaction is for one thread at a time.
 *  Errors: CAIRN_BUSY, CAIRN_READ_ONLY, CAIRN_DROPPED, CAIRN_SCHEMA_MISMATCH when the collection
 *  was reset to another version meanwhile, CAIRN_MALFORMED, CAIRN_INVALID_VALUE,
 *  CAIRN_INVALID_ARGUMENT for a term, seq or row version above 2^52. */
CAIRN_API cairn_status cairn_transaction_begin(cairn_collection* collection, const uint8_t* options,
                                               size_t options_size, cairn_transaction** out,
                                               cairn_error** error);

/** Adds a RowBatch of at most 64 MiB. After an error the transaction can only be closed.
 *  Ownership: inputs are borrowed for the call.
 *  Threads: one at a time.
 *  Errors: CAIRN_MALFORMED, CAIRN_INVALID_VALUE with key and path, CAIRN_TOO_LARGE,
 *  CAIRN_WRONG_STATE, CAIRN_CANCELLED, and those of writing. */
CAIRN_API cairn_status cairn_transaction_add(cairn_transaction* transaction, const uint8_t* batch,
                                             size_t batch_size, cairn_error** error);

/** Commits. The CommitResult says what was done, the new position and the durability that was
 *  reached. If it fails nothing was written.
 *  Ownership: `*out` is owned by the caller (cairn_buffer_free).
 *  Threads: one at a time.
 *  Errors: CAIRN_WRONG_STATE, CAIRN_CANCELLED, CAIRN_DISK_FULL, CAIRN_IO. CAIRN_IO with the
 *  retryable flag after the commit itself means: committed, but not known to be on the disk.
 *  CAIRN_OUT_OF_MEMORY, too, may come after it: with a request_id, a repetition tells. */
CAIRN_API cairn_status cairn_transaction_commit(cairn_transaction* transaction, cairn_buffer** out,
                                                cairn_error** error);

/** Closes a transaction, and rolls it back unless it was committed.
 *  Ownership: takes `transaction`; null is allowed.
 *  Threads: one at a time.
 *  Errors: none. */
CAIRN_API void cairn_transaction_close(cairn_transaction* transaction);

CAIRN_END

#endif
