/* executor.h - a host's own synchronous SQLite, for platforms where Cairn cannot open the file: a
 * Durable Object, or a connection that the app holds already. */
#ifndef CAIRN_EXECUTOR_H
#define CAIRN_EXECUTOR_H

#include "status.h"

CAIRN_BEGIN

/* Receives the rows of a statement: a portable array of the rows' columns, one row after another
 * (null, number, text or bytes). May be called several times for one statement, with parts that end
 * at the end of a row. Returns 0, or another number: then stop and return it from `execute`. */
typedef int32_t (*cairn_sql_rows)(void* context, const uint8_t* values, size_t size);

/* Runs `body` inside a transaction; what it returns decides: 0 commits, anything else rolls back.
 */
typedef int32_t (*cairn_sql_body)(void* context);

/* The callbacks of a host. They are called on the thread that calls into Cairn, one at a time, and
 * must not call into the same database. Integers stay within 53 bits. */
typedef struct cairn_sql_executor {
  /* sizeof(cairn_sql_executor) of the caller. */
  size_t struct_size;

  /* Given to every callback. */
  void* user_data;

  /* Called exactly once, when the database is closed or could not be opened; may be null. */
  void (*destroy)(void* user_data);

  /* Runs one statement. `parameters` is a portable array. Rows go to `rows`. Returns 0, or an
   * extended result code of SQLite's (1 where the host knows none). */
  int32_t (*execute)(void* user_data, const char* sql, size_t sql_size, const uint8_t* parameters,
                     size_t parameters_size, cairn_sql_rows rows, void* rows_context);

  /* Runs `body(body_context)` in one write transaction: commits if it returns 0, else rolls back.
   * Returns what `body` returned, or an extended result code if the host's commit failed. */
  int32_t (*transaction)(void* user_data, cairn_sql_body body, void* body_context);
} cairn_sql_executor;

CAIRN_END

#endif
