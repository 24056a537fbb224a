/* salvage.h - what can still be read of a damaged database, into a new one. */
#ifndef CAIRN_SALVAGE_H
#define CAIRN_SALVAGE_H

#include "status.h"

CAIRN_BEGIN

/** Recovers every row that still passes its hash from a damaged file into a new database, and tells
 *  what was lost. The file at `damaged_path` and its journal (the same name with -wal) are read as
 *  they are and never changed; nobody may have them open, this process included. Nothing may be at
 *  `out_path`: the new database appears there when it is complete, synced and checked.
 *
 *  Rows keep their order and row metadata, collections their schema version and kind. Collection
 *  metadata is recovered for local-only collections; a resume cursor must not outlive lost rows, so
 *  it is left out for synced ones, which load anew. Rows whose collection cannot be told go to one
 *  named "rows_7" after its number, or "unknown". A row's hash covers its value, not its key.
 *  `options`: SalvageOptions; (null, 0) for the defaults. The result is a SalvageReport, and
 *  CAIRN_OK also where it lists losses.
 *  Ownership: inputs are borrowed for the call; `*report` is owned by the caller
 *  (cairn_buffer_free).
 *  Threads: any.
 *  Errors: CAIRN_CANNOT_OPEN where there is no such file, or something at `out_path`; CAIRN_BUSY
 *  where this process has the damaged file open;
 *  CAIRN_NOT_A_DATABASE or CAIRN_FOREIGN_DATABASE where nothing of Cairn is in the file;
 *  CAIRN_DISK_FULL, CAIRN_READ_ONLY, CAIRN_IO: nothing is left at `out_path` then. */
CAIRN_API cairn_status cairn_salvage(const char* damaged_path, size_t damaged_path_size,
                                     const char* out_path, size_t out_path_size,
                                     const uint8_t* options, size_t options_size,
                                     cairn_buffer** report, cairn_error** error);

CAIRN_END

#endif
