/* status.h - what a function returns. Values are never changed or given another meaning; new ones
 * are added at the end of their band. */
#ifndef CAIRN_STATUS_H
#define CAIRN_STATUS_H

#include "base.h"

CAIRN_BEGIN

typedef int32_t cairn_status;

enum {
  /* No errors: 0 to 99. */
  CAIRN_OK = 0,
  CAIRN_DONE = 1,      /* a cursor has no further batch, or there is nothing to do now */
  CAIRN_NOT_FOUND = 2, /* no such key, entry or collection */
  CAIRN_CANCELLED = 3, /* cairn_database_interrupt ended it; nothing was changed */
  CAIRN_QUESTION = 4,  /* a cursor needs answers of the host before it can go on */

  /* The caller's: 100 to 199. Repeating the same call gives the same error. */
  CAIRN_INVALID_ARGUMENT = 100,
  CAIRN_MALFORMED = 101,     /* bytes that are not what they should be */
  CAIRN_INVALID_VALUE = 102, /* a row's value cannot be kept; the message names key and path */
  CAIRN_TOO_LARGE = 103,
  CAIRN_UNSUPPORTED = 104,
  CAIRN_WRONG_STATE = 105, /* for example a transaction that has ended or failed */
  CAIRN_FORKED = 106,      /* the handle belongs to the parent process */

  /* The collection's: 200 to 299. */
  CAIRN_SCHEMA_MISMATCH = 200,
  CAIRN_DROPPED = 201,          /* the collection was dropped, perhaps by another process */
  CAIRN_SNAPSHOT_EXPIRED = 202, /* what the cursor reads is gone: load again */
  CAIRN_NOT_LEADER = 203,       /* another instance leads the collection now */
  CAIRN_RESET = 204,            /* the collection was reset meanwhile: start the source anew */

  /* The file's and the system's: 300 to 399. */
  CAIRN_BUSY = 300, /* another writer held the database for longer than busy_timeout_ms */
  CAIRN_READ_ONLY = 301,
  CAIRN_DISK_FULL = 302,
  CAIRN_IO = 303,
  CAIRN_CORRUPT = 304,
  CAIRN_NOT_A_DATABASE = 305,
  CAIRN_FOREIGN_DATABASE = 306, /* a SQLite file of another application */
  CAIRN_NEWER_FORMAT = 307,     /* written by a newer Cairn */
  CAIRN_CANNOT_OPEN = 308,
  CAIRN_HOST = 309,      /* a callback of cairn_sql_executor failed */
  CAIRN_TRUNCATED = 310, /* the file ends before its last page */
  CAIRN_TIMEOUT = 311,   /* nobody answered in time; it can be tried again */

  /* The library's: 400 to 499. */
  CAIRN_OUT_OF_MEMORY = 400,
  CAIRN_INTERNAL = 401,
  CAIRN_VERSION_SKEW = 402 /* the library is not the one that the binding was made for */
};

/** Gives the name of a status, such as "CAIRN_BUSY"; "CAIRN_UNKNOWN" for another number.
 *  Ownership: the text is static.
 *  Threads: any.
 *  Errors: none. */
CAIRN_API const char* cairn_status_name(cairn_status status);

CAIRN_END

#endif
