/* database.h - a database: one SQLite file and the connections to it. */
#ifndef CAIRN_DATABASE_H
#define CAIRN_DATABASE_H

#include "executor.h"
#include "status.h"

CAIRN_BEGIN

/** Opens a database, and creates it where there is none. Several processes may open one file.
 *  `options`: DatabaseOptions; (null, 0) for the defaults.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller
 *  (cairn_database_close).
 *  Threads: any; the handle may be used by several threads at once.
 *  Errors: CAIRN_CANNOT_OPEN, CAIRN_NOT_A_DATABASE, CAIRN_FOREIGN_DATABASE, CAIRN_NEWER_FORMAT,
 *  CAIRN_CORRUPT, CAIRN_BUSY, CAIRN_READ_ONLY, CAIRN_DISK_FULL, CAIRN_UNSUPPORTED. */
CAIRN_API cairn_status cairn_database_open(const char* path, size_t path_size,
                                           const uint8_t* options, size_t options_size,
                                           cairn_database** out, cairn_error** error);

/** Opens a database over a host's SQL. The path, read_only, in_memory, busy_timeout_ms and
 *  background options do not apply; durability is the host's.
 *  Ownership: `*executor` is copied; its `destroy` is called exactly once, also when opening fails;
 *  `*out` is owned by the caller (cairn_database_close).
 *  Threads: the handle and all that is opened from it belong to the calling thread.
 *  Errors: CAIRN_INVALID_ARGUMENT for a table that is too small, CAIRN_HOST, and those of
 *  cairn_database_open. */
CAIRN_API cairn_status cairn_database_open_executor(const cairn_sql_executor* executor,
                                                    const uint8_t* options, size_t options_size,
                                                    cairn_database** out, cairn_error** error);

/** Closes a database. Collections, cursors and transactions that are still open keep the file open
 *  until they are closed too; open transactions are rolled back then.
 *  Ownership: takes `database`; null is allowed.
 *  Threads: any, after every other call on the handle has returned.
 *  Errors: none. */
CAIRN_API void cairn_database_close(cairn_database* database);

/** Makes the calls that run now on this database, its collections, cursors and transactions end
 *  with CAIRN_CANCELLED soon. Later calls are not affected.
 *  Ownership: `database` is borrowed.
 *  Threads: any, at any time.
 *  Errors: none but CAIRN_INVALID_ARGUMENT for null. */
CAIRN_API cairn_status cairn_database_interrupt(cairn_database* database);

/** Describes the database: DatabaseInfo, with all collections by name.
 *  Ownership: `*out` is owned by the caller (cairn_buffer_free).
 *  Threads: any.
 *  Errors: those of reading (CAIRN_BUSY, CAIRN_IO, CAIRN_CORRUPT). */
CAIRN_API cairn_status cairn_database_info(cairn_database* database, cairn_buffer** out,
                                           cairn_error** error);

/** Checks pages, rows, hashes, counts and the log. `options`: CheckOptions; the result is a
 *  CheckReport, and CAIRN_OK also where it lists problems.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller.
 *  Threads: any; writers are not held up.
 *  Errors: CAIRN_NOT_FOUND for a collection that is not there, CAIRN_CANCELLED, CAIRN_IO. */
CAIRN_API cairn_status cairn_database_check(cairn_database* database, const uint8_t* options,
                                            size_t options_size, cairn_buffer** out,
                                            cairn_error** error);

/** Gives a DigestReport: equal for equal rows (keys, values, row metadata), whatever their history,
 *  the platform or the language that wrote them.
 *  Ownership: `*out` is owned by the caller.
 *  Threads: any; writers are not held up.
 *  Errors: CAIRN_CANCELLED, CAIRN_CORRUPT, CAIRN_IO. */
CAIRN_API cairn_status cairn_database_digest(cairn_database* database, cairn_buffer** out,
                                             cairn_error** error);

/** Raises what has been committed so far to the durability Disk. Over an executor it does nothing:
 *  durability is the host's there.
 *  Ownership: `database` is borrowed.
 *  Threads: any; several flushes at once share one sync.
 *  Errors: CAIRN_IO, CAIRN_DISK_FULL: what was committed is not known to be on the disk. */
CAIRN_API cairn_status cairn_database_flush(cairn_database* database, cairn_error** error);

/** Does upkeep for about `budget_ms`: moves the journal into the file, gives free pages back to the
 *  system. The database's own thread does this when idle; hosts without threads call it.
 *  Gives CAIRN_DONE when nothing is left to do, CAIRN_OK when there is more.
 *  Ownership: `database` is borrowed.
 *  Threads: any; one upkeep at a time, commits are not held up.
 *  Errors: CAIRN_IO, CAIRN_DISK_FULL; nothing is lost by them. */
CAIRN_API cairn_status cairn_database_maintain(cairn_database* database, uint32_t budget_ms,
                                               cairn_error** error);

CAIRN_END

#endif
