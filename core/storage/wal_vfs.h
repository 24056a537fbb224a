// A layer over SQLite's file system that writes each page of the journal in one step with the
// header before it, where SQLite takes two: half the system calls of a commit. The header of a new
// frame (https://sqlite.org/fileformat2.html#the_write_ahead_log) is held until its page comes,
// which is the next call; anything else is preceded by it. So nothing is held once a page is
// written, and SQLite tells nobody of a page before. Any thread.
#pragma once

namespace cairn {

// The name of that layer over the file system that is SQLite's default now; null where the layer
// cannot be made, which also means SQLite's default.
const char* wal_vfs();

}  // namespace cairn
