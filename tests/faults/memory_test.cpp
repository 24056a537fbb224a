// Every operation with the Nth allocation failing, once or from then on, for N until success: of
// the engine, of its buffers and of SQLite.
#include <cstdio>
#include <exception>

#include "failing_memory.h"
#include "fault_vfs.h"
#include "trial.h"

namespace cairn::testing {
namespace {

int failing = 0;

// A crash has to say where it was.
[[noreturn]] void say_where() {
  std::fprintf(stderr, "terminated with allocation %d failing\n", failing);
  std::abort();
}

class FailingAllocations : public Faults {
 public:
  void arm(int nth, bool lasting) override {
    failing = nth;
    fail_allocation(nth, lasting);
  }
  bool disarm() override { return allow_allocations(); }
  bool may_give(cairn_status status) const override { return status == CAIRN_OUT_OF_MEMORY; }
  bool may_lack_message() const override { return true; }
  int64_t live() const override { return live_allocations(); }

 private:
  FaultVfs without_syncs_;
};

class MemoryTest : public ConcurrencyTest, public ::testing::WithParamInterface<Operation> {
 protected:
  void run(bool lasting) {
    FailingAllocations faults;
    Trial(GetParam(), faults, path("files")).run(lasting);
  }
};

TEST_P(MemoryTest, AnAllocationFails) { run(false); }
TEST_P(MemoryTest, AllocationsFailFromThenOn) { run(true); }

INSTANTIATE_TEST_SUITE_P(Files, MemoryTest, ::testing::ValuesIn(file_operations()), operation_name);
INSTANTIATE_TEST_SUITE_P(Memory, MemoryTest, ::testing::ValuesIn(memory_operations()),
                         operation_name);

}  // namespace
}  // namespace cairn::testing

int main(int count, char** arguments) {
  cairn::testing::install_failing_memory();
  std::set_terminate(cairn::testing::say_where);
  ::testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
