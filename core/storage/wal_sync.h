// Syncs the journal to the disk, once for all who wait for it at the same time (group commit):
// transactions are handed to the operating system first, and a sync that begins afterwards covers
// them. Any thread.
#pragma once

#include <functional>
#include <memory>

#include "core/platform/mutex.h"
#include "core/storage/native_connection.h"

namespace cairn {

class WalSync {
 public:
  using Connect = std::function<std::unique_ptr<NativeConnection>()>;

  // What `connect` gives is for this alone: only its handle of the journal is used.
  explicit WalSync(Connect connect) : connect_(std::move(connect)), connection_(connect_()) {}

  // Returns when all that was committed before the call is on the disk. Throws kIo, kDiskFull.
  void sync();
  // Closes the connection until the next sync.
  void release();

 private:
  void sync_file();

  Connect connect_;
  std::unique_ptr<NativeConnection> connection_;
  Mutex mutex_;
  Condition changed_;
  uint64_t asked_ = 0;
  uint64_t covered_ = 0;
  bool running_ = false;
  bool folder_synced_ = false;
};

}  // namespace cairn
