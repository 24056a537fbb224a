// Syncs the journal to the disk, once for all who wait for it at the same time (group commit):
// transactions are handed to the operating system first, and a sync that begins afterwards covers
// them. Any thread.
#pragma once

#include <string>

#include "core/platform/mutex.h"
#include "core/storage/native_connection.h"

namespace cairn {

class WalSync {
 public:
  // `connection` is for this alone: only its handle of the journal is used.
  explicit WalSync(std::unique_ptr<NativeConnection> connection)
      : connection_(std::move(connection)) {}

  // Returns when all that was committed before the call is on the disk. Throws kIo, kDiskFull.
  void sync();

 private:
  void sync_file();

  std::unique_ptr<NativeConnection> connection_;
  Mutex mutex_;
  Condition changed_;
  uint64_t asked_ = 0;
  uint64_t covered_ = 0;
  bool running_ = false;
  bool folder_synced_ = false;
};

}  // namespace cairn
