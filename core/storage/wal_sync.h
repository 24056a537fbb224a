// Syncs the journal to the disk, once for all who wait for it at the same time (group commit):
// transactions are handed to the operating system first, and a sync that begins afterwards covers
// them. A journal that may not be on the disk although the system takes it to be is suspect: it is
// written again before a sync counts. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "core/platform/mutex.h"
#include "core/storage/native_connection.h"

namespace cairn {

class WalSync {
 public:
  using Connect = std::function<std::unique_ptr<NativeConnection>()>;

  // What `connect` gives is for this alone: its handle of the journal, and the write lock where the
  // journal has to be written again.
  explicit WalSync(Connect connect) : connect_(std::move(connect)), connection_(connect_()) {}

  // Returns when all that was committed before the call is on the disk. Throws kIo, kDiskFull; of a
  // suspect journal kBusy as well.
  void sync();
  // Closes the connection until the next sync.
  void release();

  // How long the next syncs wait for the write lock, until the connection is closed.
  void set_busy_timeout(uint32_t milliseconds);

  // A sync of the journal has failed elsewhere, or nobody knows whether one did.
  void suspect() { ++doubts_; }
  // Whether the journal must not be moved into the file, nor ended, before a sync has succeeded.
  bool is_suspect() const { return settled_ != doubts_; }
  // Throws kIo where a part of the journal is gone, so that what is added to it would be lost.
  void expect_whole() const;

 private:
  void sync_file();
  void write_again();

  Connect connect_;
  std::unique_ptr<NativeConnection> connection_;
  Mutex mutex_;
  Condition changed_;
  uint64_t asked_ = 0;
  uint64_t covered_ = 0;
  bool running_ = false;
  bool folder_synced_ = false;
  std::atomic<uint64_t> doubts_{0};
  std::atomic<uint64_t> settled_{0};  // so many doubts a sync has ended
  std::atomic<bool> lost_{false};
};

}  // namespace cairn
