// Every operation on a file with the Nth call to the file system failing, once or from then on, for
// N until success: an error that says what is wrong, handles that are of use afterwards, and a file
// that holds the state before or after.
#include "fault_vfs.h"
#include "trial.h"

namespace cairn::testing {
namespace {

class FailingCalls : public Faults {
 public:
  explicit FailingCalls(FaultVfs::Cause cause) : cause_(cause) {}
  void arm(int nth, bool lasting) override { vfs_.arm(cause_, nth, lasting); }
  bool disarm() override {
    vfs_.disarm();
    return vfs_.failed();
  }
  bool may_give(cairn_status status) const override {
    if (cause_ == FaultVfs::Cause::kFull) return status == CAIRN_DISK_FULL;
    return status == CAIRN_IO || status == CAIRN_CANNOT_OPEN;
  }

 private:
  FaultVfs vfs_;
  FaultVfs::Cause cause_;
};

class VfsTest : public ConcurrencyTest, public ::testing::WithParamInterface<Operation> {
 protected:
  void run(FaultVfs::Cause cause, bool lasting) {
    FailingCalls faults(cause);
    Trial(GetParam(), faults, path("files")).run(lasting);
  }
};

TEST_P(VfsTest, ACallFails) { run(FaultVfs::Cause::kError, false); }
TEST_P(VfsTest, CallsFailFromThenOn) { run(FaultVfs::Cause::kError, true); }

INSTANTIATE_TEST_SUITE_P(Files, VfsTest, ::testing::ValuesIn(file_operations()), operation_name);

// Those operations that have to write.
class FullDiskTest : public VfsTest {};

TEST_P(FullDiskTest, TheDiskIsFullForAMoment) { run(FaultVfs::Cause::kFull, false); }
TEST_P(FullDiskTest, TheDiskStaysFull) { run(FaultVfs::Cause::kFull, true); }

INSTANTIATE_TEST_SUITE_P(Files, FullDiskTest,
                         ::testing::ValuesIn(file_operations().begin(),
                                             file_operations().begin() + kWritingOperations),
                         operation_name);

}  // namespace
}  // namespace cairn::testing
