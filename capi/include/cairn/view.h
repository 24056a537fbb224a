/* view.h - reads the tables of schemas/ by the names of their fields, row batches too, for
 * languages that have no FlatBuffers of their own. Vectors and texts are read where they stand: a
 * row batch takes a few calls a column, whatever the number of its rows.
 *
 * A table in a view has a number: 0 is the one that the view was opened over, the others are given
 * by cairn_view_table. A field that is absent gives CAIRN_NOT_FOUND: then its default in schemas/
 * holds. Fields that hold a table in bytes, such as the batch of a ReplicaEffect, are read as
 * bytes, over which another view is opened. */
#ifndef CAIRN_VIEW_H
#define CAIRN_VIEW_H

#include "status.h"

CAIRN_BEGIN

/** Opens a view over a table, such as "CursorHead", and verifies all of it. Of a "RowBatch" counts,
 *  ends, codes and alignment are checked, too, so that each value is where its column says; texts
 *  and portable values in it are for their reader to check.
 *  Ownership: `table` is borrowed for the call, `bytes` until the view is closed; they are copied
 *  where they are not aligned to 16. `*out` is owned by the caller (cairn_view_close).
 *  Threads: any; the view is for one thread at a time.
 *  Errors: CAIRN_INVALID_ARGUMENT for an unknown table, CAIRN_MALFORMED, CAIRN_TOO_LARGE for a row
 *  batch above 64 MiB, or of far more values than bytes. */
CAIRN_API cairn_status cairn_view_open(const char* table, size_t table_size, const uint8_t* bytes,
                                       size_t bytes_size, cairn_view** out, cairn_error** error);

/** Reads a number: an integer of any size and sign (negative ones in two's complement), a bool (0
 *  or 1), or the value of an enum.
 *  Ownership: `view` and `field` are borrowed for the call.
 *  Threads: one at a time.
 *  Errors: CAIRN_NOT_FOUND and 0 where the field is absent; CAIRN_INVALID_ARGUMENT for a table that
 *  the view has not given, or a field that it does not have or that is no number. */
CAIRN_API cairn_status cairn_view_number(const cairn_view* view, uint32_t table, const char* field,
                                         size_t field_size, uint64_t* out, cairn_error** error);

/** Gives a vector of numbers: its first element, aligned for it, and how many there are.
 *  `element_size` is what the caller takes an element for, in bytes. They are little-endian.
 *  Ownership: `view` and `field` are borrowed for the call; `*out` lives as long as the view and
 *  its bytes.
 *  Threads: one at a time.
 *  Errors: CAIRN_NOT_FOUND, null and 0 where the field is absent; CAIRN_INVALID_ARGUMENT as
 *  cairn_view_number, and for elements of another size; CAIRN_MALFORMED where one is misaligned. */
CAIRN_API cairn_status cairn_view_vector(const cairn_view* view, uint32_t table, const char* field,
                                         size_t field_size, uint32_t element_size, const void** out,
                                         size_t* count, cairn_error** error);

/** Gives a text, or the one at `index` of a vector of texts: bytes that should be UTF-8, without a
 *  terminating zero to rely on.
 *  Ownership: `view` and `field` are borrowed for the call; `*out` lives as long as the view and
 *  its bytes.
 *  Threads: one at a time.
 *  Errors: CAIRN_NOT_FOUND, null and 0 where the field is absent or has no entry at `index`;
 *  CAIRN_INVALID_ARGUMENT as cairn_view_number. */
CAIRN_API cairn_status cairn_view_text(const cairn_view* view, uint32_t table, const char* field,
                                       size_t field_size, size_t index, const char** out,
                                       size_t* size, cairn_error** error);

/** Gives the number of the table in a field, or at `index` of a vector of tables. Each call takes a
 *  few bytes of memory until the view is closed.
 *  Ownership: `view` and `field` are borrowed for the call; the number holds until the view is
 *  closed.
 *  Threads: one at a time.
 *  Errors: CAIRN_NOT_FOUND and 0 where the field is absent or has no entry at `index`;
 *  CAIRN_INVALID_ARGUMENT as cairn_view_number. */
CAIRN_API cairn_status cairn_view_table(cairn_view* view, uint32_t table, const char* field,
                                        size_t field_size, size_t index, uint32_t* out,
                                        cairn_error** error);

/** Closes a view.
 *  Ownership: takes `view`; null is allowed. What it gave is not valid any more.
 *  Threads: one at a time.
 *  Errors: none. */
CAIRN_API void cairn_view_close(cairn_view* view);

CAIRN_END

#endif
