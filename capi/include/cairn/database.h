/* database.h - a database: one SQLite file and the connections to it. */
#ifndef CAIRN_DATABASE_H
#define CAIRN_DATABASE_H

#include "executor.h"
#include "status.h"

CAIRN_BEGIN

/** Opens a database, and creates it where there is none. Several processes may open one file.
 *  `options`: DatabaseOptions; (null, 0) for the defaults. A damaged file is set aside with its
 *  journal, under its name, ".damaged-" and the time in UTC, and a new database begins:
 *  DatabaseInfo says so, and cairn_salvage recovers its rows. With the policy Refuse, and with
 *  read_only, damage is an error instead, and the file stays as it is. Damage that opening does
 *  not meet is an error of the call that does; opening again with `check` sets the file aside.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller
 *  (cairn_database_close).
 *  Threads: any; the handle may be used by several threads at once.
 *  Errors: CAIRN_CANNOT_OPEN, CAIRN_NOT_A_DATABASE for a file that was never Cairn's,
 *  CAIRN_FOREIGN_DATABASE, CAIRN_NEWER_FORMAT, CAIRN_CORRUPT, CAIRN_TRUNCATED, CAIRN_BUSY (also
 *  where a damaged file is open elsewhere), CAIRN_READ_ONLY, CAIRN_DISK_FULL, CAIRN_UNSUPPORTED. */
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

/** Writes the file anew without gaps, in one transaction, and gives the space back to the system.
 *  Needs up to twice the file's size meanwhile.
 *  Ownership: `database` is borrowed.
 *  Threads: any; writers wait, readers go on.
 *  Errors: CAIRN_BUSY, CAIRN_DISK_FULL, CAIRN_IO, CAIRN_CANCELLED, CAIRN_READ_ONLY; the file is as
 *  it was then. CAIRN_UNSUPPORTED over an executor. */
CAIRN_API cairn_status cairn_database_compact(cairn_database* database, cairn_error** error);

/** Moves the journal into the file, and lets go of every lock and file handle, for hosts that are
 *  about to be suspended by their system. Open cursors end with CAIRN_SNAPSHOT_EXPIRED. The next
 *  call on the database opens the file again by itself.
 *  Ownership: `database` is borrowed.
 *  Threads: any; it waits for calls that run, for up to busy_timeout_ms each.
 *  Errors: CAIRN_BUSY where a transaction is open or a call still reads; CAIRN_IO, CAIRN_DISK_FULL
 *  where the journal could not be moved: nothing is lost, and the locks are let go all the same. */
CAIRN_API cairn_status cairn_database_prepare_for_suspend(cairn_database* database,
                                                          cairn_error** error);

/** Copies the database as it is now to a file, while it is in use. The copy is checked (pages,
 *  rows, hashes) and synced under another name first; only then it takes the place of an older
 *  backup at `path`. The result is a BackupReport.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller.
 *  Threads: any; neither readers nor writers wait.
 *  Errors: CAIRN_FOREIGN_DATABASE where a file of another sort is at `path`, CAIRN_BUSY where a
 *  database in use is; CAIRN_CORRUPT where the copy does not pass, CAIRN_DISK_FULL, CAIRN_IO,
 *  CAIRN_CANCELLED. What was at `path` is as it was then. CAIRN_UNSUPPORTED over an executor. */
CAIRN_API cairn_status cairn_database_backup(cairn_database* database, const char* path,
                                             size_t path_size, cairn_buffer** out,
                                             cairn_error** error);

/** Puts a copy of a backup at `path`, once it has passed its check there under another name. A
 *  database that is at `path` is set aside with its journal, under its name, ".replaced-" and the
 *  time in UTC. The result is a BackupReport.
 *  Ownership: inputs are borrowed for the call; `*out` is owned by the caller.
 *  Threads: any; neither file may be open anywhere.
 *  Errors: CAIRN_CORRUPT, CAIRN_TRUNCATED, CAIRN_NOT_A_DATABASE where the backup does not pass,
 *  CAIRN_FOREIGN_DATABASE where a file of another sort is at `path`, CAIRN_BUSY where one of them
 * is open, CAIRN_CANNOT_OPEN, CAIRN_DISK_FULL, CAIRN_IO. What was at `path` is as it was then. */
CAIRN_API cairn_status cairn_restore(const char* backup, size_t backup_size, const char* path,
                                     size_t path_size, cairn_buffer** out, cairn_error** error);

CAIRN_END

#endif
