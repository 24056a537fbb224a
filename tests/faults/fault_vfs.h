// Fails the Nth call to the file system, once or from then on, with the error that SQLite's own
// layer gives for that call. One thread at a time.
#pragma once

#include "vfs_layer.h"

namespace cairn::testing {

class FaultVfs : public VfsHooks {
 public:
  // Which calls fail: every one, or those that need space on the disk.
  enum class Cause { kError, kFull };

  FaultVfs() { set_vfs_hooks(this); }
  ~FaultVfs() override { set_vfs_hooks(nullptr); }
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  void arm(Cause cause, int nth, bool lasting);
  void disarm() { armed_ = false; }
  // Whether a call has failed since it was armed.
  bool failed() const { return failed_; }

  int before(const VfsCall& call) override;

 private:
  Cause cause_ = Cause::kError;
  int left_ = 0;
  bool lasting_ = false;
  bool armed_ = false;
  bool failed_ = false;
};

}  // namespace cairn::testing
