// Writes a journal again whose sync has failed. The system may have forgotten that its pages never
// reached the disk (Linux marks them clean, and the next sync succeeds), so all of them have to be
// written before a sync means anything. One thread at a time; other connections may use the file.
#pragma once

#include "core/storage/native_connection.h"

namespace cairn {

// The journal's file as the connection has it open; throws kIo where it has none.
sqlite3_file* journal_of(NativeConnection& connection);

// Reads the journal, verifies each frame that SQLite counts on, and writes the same bytes in their
// place; to be synced afterwards. Nobody appends to it or begins it anew meanwhile: it takes the
// write lock. False where a frame is not there any more. Throws kBusy, kIo, kDiskFull.
bool rewrite_journal(NativeConnection& connection);

}  // namespace cairn
