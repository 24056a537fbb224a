/* error.h - the details of a failed call: a message that says what to do, and SQLite's own code. */
#ifndef CAIRN_ERROR_H
#define CAIRN_ERROR_H

#include "status.h"

CAIRN_BEGIN

/** Gives the status that the failed call returned.
 *  Ownership: `error` is borrowed; null gives CAIRN_OK.
 *  Threads: any, one at a time.
 *  Errors: none. */
CAIRN_API cairn_status cairn_error_status(const cairn_error* error);

/** Gives a message for people, in English and UTF-8: what failed, and what to do.
 *  Ownership: the text lives as long as `error`; null gives "".
 *  Threads: any, one at a time.
 *  Errors: none. */
CAIRN_API const char* cairn_error_message(const cairn_error* error);

/** Gives SQLite's extended result code where SQLite was the cause, else 0.
 *  Ownership: `error` is borrowed; null gives 0.
 *  Threads: any, one at a time.
 *  Errors: none. */
CAIRN_API int32_t cairn_error_sqlite_code(const cairn_error* error);

/** Tells (1 or 0) whether the same call may succeed later without any change by the caller.
 *  Ownership: `error` is borrowed; null gives 0.
 *  Threads: any, one at a time.
 *  Errors: none. */
CAIRN_API int32_t cairn_error_retryable(const cairn_error* error);

/** Frees an error.
 *  Ownership: takes `error`; null is allowed.
 *  Threads: any.
 *  Errors: none. */
CAIRN_API void cairn_error_free(cairn_error* error);

CAIRN_END

#endif
