/* collection.h - a collection: rows under a unique key. Reading and writing one row at a time is
 * here; transactions and cursors, for many rows, have headers of their own.
 *
 * Keys and values of single rows are portable values (core/value/ENCODING.md): a key is a text or a
 * finite number, a value is an object. */
#ifndef CAIRN_COLLECTION_H
#define CAIRN_COLLECTION_H

#include "status.h"

CAIRN_BEGIN

/** Opens a collection, and creates it where there is none (CAIRN_NOT_FOUND in a database that is
 *  open read-only). `options`: CollectionOptions; its schema version is compared with the stored
 *  one, and its mismatch policy decides: an error, or a reset of this collection.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller
 *  (cairn_collection_close).
 *  Threads: any; the handle may be used by several threads at once.
 *  Errors: CAIRN_SCHEMA_MISMATCH, CAIRN_INVALID_ARGUMENT for a name that is empty or not UTF-8, and
 *  those of writing (CAIRN_BUSY, CAIRN_READ_ONLY, CAIRN_DISK_FULL, CAIRN_IO, CAIRN_CORRUPT). */
CAIRN_API cairn_status cairn_collection_open(cairn_database* database, const char* name,
                                             size_t name_size, const uint8_t* options,
                                             size_t options_size, cairn_collection** out,
                                             cairn_error** error);

/** Closes a collection.
 *  Ownership: takes `collection`; null is allowed. Its cursors and transactions stay usable.
 *  Threads: any, after every other call on the handle has returned.
 *  Errors: none. */
CAIRN_API void cairn_collection_close(cairn_collection* collection);

/** Describes a collection: CollectionInfo, with its stream position.
 *  Ownership: `*out` is owned by the caller (cairn_buffer_free).
 *  Threads: any.
 *  Errors: CAIRN_DROPPED, CAIRN_BUSY, CAIRN_IO, CAIRN_CORRUPT. */
CAIRN_API cairn_status cairn_collection_info(cairn_collection* collection, cairn_buffer** out,
                                             cairn_error** error);

/** Gives the row under a key as a portable object.
 *  Ownership: `key` is borrowed for the call; `*out` is owned by the caller, null with
 *  CAIRN_NOT_FOUND.
 *  Threads: any.
 *  Errors: CAIRN_NOT_FOUND, CAIRN_INVALID_VALUE for a value that cannot be a key, CAIRN_DROPPED,
 *  CAIRN_CORRUPT. */
CAIRN_API cairn_status cairn_collection_get(cairn_collection* collection, const uint8_t* key,
                                            size_t key_size, cairn_buffer** out,
                                            cairn_error** error);

/** Inserts or replaces one row in a transaction of its own, with the collection's durability.
 *  `*row_version` (may be null) is the collection's row version after it.
 *  Ownership: inputs are borrowed for the call.
 *  Threads: any; writers wait for each other up to busy_timeout_ms.
 *  Errors: CAIRN_INVALID_VALUE, CAIRN_MALFORMED, CAIRN_TOO_LARGE, CAIRN_SCHEMA_MISMATCH when the
 *  collection was reset to another version meanwhile, and those of writing. */
CAIRN_API cairn_status cairn_collection_put(cairn_collection* collection, const uint8_t* key,
                                            size_t key_size, const uint8_t* value,
                                            size_t value_size, uint64_t* row_version,
                                            cairn_error** error);

/** Deletes one row in a transaction of its own; CAIRN_OK also where there is none, and then deltas
 *  show the key as deleted all the same.
 *  Ownership: inputs are borrowed for the call.
 *  Threads: any; writers wait for each other up to busy_timeout_ms.
 *  Errors: as cairn_collection_put. */
CAIRN_API cairn_status cairn_collection_remove(cairn_collection* collection, const uint8_t* key,
                                               size_t key_size, uint64_t* row_version,
                                               cairn_error** error);

/** Gives all collection metadata: MetadataReport, entries by key.
 *  Ownership: `*out` is owned by the caller (cairn_buffer_free).
 *  Threads: any.
 *  Errors: CAIRN_DROPPED, CAIRN_BUSY, CAIRN_IO, CAIRN_CORRUPT. */
CAIRN_API cairn_status cairn_collection_metadata(cairn_collection* collection, cairn_buffer** out,
                                                 cairn_error** error);

/** Makes an index over the rows that are there, and keeps it in step from then on. `request`:
 *  IndexRequest; `*out`: IndexInfo. An index of that signature and definition that is there already
 *  is not made again; one of another definition is replaced. With max_rows it takes in so many rows
 *  a call: call again until it is ready. Interrupted, it goes on from there the next time.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller (cairn_buffer_free).
 *  Threads: any; writers wait for each other up to busy_timeout_ms.
 *  Errors: CAIRN_MALFORMED, CAIRN_INVALID_ARGUMENT for an expression that cannot be indexed,
 *  CAIRN_UNSUPPORTED for raw SQL, CAIRN_CANCELLED, CAIRN_DROPPED and those of writing. */
CAIRN_API cairn_status cairn_collection_ensure_index(cairn_collection* collection,
                                                     const uint8_t* request, size_t request_size,
                                                     cairn_buffer** out, cairn_error** error);

/** Removes an index.
 *  Ownership: inputs are borrowed for the call.
 *  Threads: any; writers wait for each other up to busy_timeout_ms.
 *  Errors: CAIRN_NOT_FOUND, CAIRN_DROPPED and those of writing. */
CAIRN_API cairn_status cairn_collection_remove_index(cairn_collection* collection,
                                                     const char* signature, size_t signature_size,
                                                     cairn_error** error);

/** Resets a collection: rows, log, row version and collection metadata go together, in one
 *  transaction, and the reset epoch rises. The term is kept.
 *  Ownership: `collection` is borrowed.
 *  Threads: any; writers wait for each other up to busy_timeout_ms.
 *  Errors: CAIRN_DROPPED and those of writing. */
CAIRN_API cairn_status cairn_collection_reset(cairn_collection* collection, cairn_error** error);

/** Drops a collection with all that belongs to it. Handles that are open on it give CAIRN_DROPPED.
 *  Ownership: inputs are borrowed for the call.
 *  Threads: any; writers wait for each other up to busy_timeout_ms.
 *  Errors: CAIRN_NOT_FOUND and those of writing. */
CAIRN_API cairn_status cairn_collection_drop(cairn_database* database, const char* name,
                                             size_t name_size, cairn_error** error);

CAIRN_END

#endif
