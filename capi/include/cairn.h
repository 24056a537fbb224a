/* cairn.h - keeps a client's collections on disk.
 *
 * The whole C API: one header per concept, included here in the order in which they build on each
 * other. docs of the payloads: schemas/ (requests and results) and core/value/ENCODING.md (row
 * batches and portable values).
 *
 * Rules that hold for every function:
 *
 * - Results are a status (cairn/status.h). Below 100 nothing went wrong. The last parameter of a
 *   function that can fail is an optional `cairn_error**`; it is set to null on success, and to an
 *   owned error otherwise. Every out parameter is set on every path, to null or 0 on failure.
 * - Bytes in are (pointer, size), borrowed for the call, of any alignment; a null pointer goes with
 *   size 0. Bytes out are an owned `cairn_buffer`.
 * - Options are FlatBuffers tables, verified before they are read; (null, 0) means the defaults.
 * - Names and ids are UTF-8.
 * - A `_close` or `_free` function takes null and does nothing then.
 * - A handle that was opened before a fork() gives CAIRN_FORKED in the child.
 */
#ifndef CAIRN_H
#define CAIRN_H

#include "cairn/buffer.h"
#include "cairn/collection.h"
#include "cairn/coordinator.h"
#include "cairn/cursor.h"
#include "cairn/database.h"
#include "cairn/error.h"
#include "cairn/executor.h"
#include "cairn/replica.h"
#include "cairn/salvage.h"
#include "cairn/status.h"
#include "cairn/transaction.h"
#include "cairn/value.h"
#include "cairn/version.h"
#include "cairn/view.h"

#endif
