// A layer over the system's file system that asks before each call of SQLite's whether it is to
// fail. It is SQLite's default from the first use on and stays that, so databases have to be opened
// afterwards. Syncs go no further: what is on the disk is the hooks' to say. One thread at a time.
#pragma once

#include <sqlite3.h>

namespace cairn::testing {

struct VfsCall {
  enum class Kind {
    kOpen,
    kRead,
    kWrite,
    kTruncate,
    kSync,
    kFileSize,
    kLock,
    kDelete,
    kAccess,
    kFullPath,
    kSharedMap,
    kSharedLock,
  };

  Kind kind;
  const char* path;  // null for a temporary file
  const void* data = nullptr;
  sqlite3_int64 size = 0;  // of what is written, or what the file is truncated to
  sqlite3_int64 offset = 0;
};

class VfsHooks {
 public:
  virtual ~VfsHooks() = default;
  // SQLITE_OK lets the call go on; anything else is its result.
  virtual int before(const VfsCall& call) = 0;
};

// Null: nothing is asked.
void set_vfs_hooks(VfsHooks* hooks);

}  // namespace cairn::testing
