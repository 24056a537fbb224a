// The turn to write: one holder, bounded waiting, and giving it back from another thread.
#include "core/storage/gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "core/platform/worker.h"
#include "support/stores.h"

namespace cairn::unit {
namespace {

// A gate with the interrupts that end waiting for it.
class Turn {
 public:
  void enter(uint32_t timeout_ms) { gate_.enter(timeout_ms, interrupts_); }
  void leave() { gate_.leave(); }
  void interrupt() { ++interrupts_; }

 private:
  std::atomic<uint64_t> interrupts_{0};
  Gate gate_;
};

TEST(GateTest, WaitingIsBounded) {
  Turn gate;
  gate.enter(0);
  for (uint32_t timeout : {0u, 1u, 20u}) {
    try {
      gate.enter(timeout);
      ADD_FAILURE() << "two have the turn";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::kBusy);
      EXPECT_TRUE(error.retryable());
    }
  }
  gate.leave();
  gate.enter(0);
  gate.leave();
}

#if CAIRN_THREADS
TEST(GateTest, ATurnMayBeGivenBackByAnotherThread) {
  Turn gate;
  gate.enter(0);
  std::thread([&] { gate.leave(); }).join();
  gate.enter(0);
  gate.leave();
}

TEST(GateTest, WhoWaitsGetsTheTurn) {
  Turn gate;
  gate.enter(0);
  std::atomic<bool> entered{false};
  std::thread waiter([&] {
    gate.enter(600000);
    entered = true;
    gate.leave();
  });
  EXPECT_FALSE(entered);
  gate.leave();
  waiter.join();
  EXPECT_TRUE(entered);
}

TEST(GateTest, WhoWaitsCanBeInterrupted) {
  Turn gate;
  gate.enter(0);
  std::atomic<bool> done{false};
  Status status = Status::kOk;
  std::thread waiter([&] {
    status = status_of([&] { gate.enter(600000); });
    done = true;
  });
  // More than once, since one that comes before the waiting is not for it.
  while (!done) {
    gate.interrupt();
    pause_ms(1);
  }
  waiter.join();
  EXPECT_EQ(status, Status::kCancelled);
}

TEST(GateTest, OneAtATime) {
  Turn gate;
  int inside = 0, most = 0, turns = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int turn = 0; turn < 500; ++turn) {
        gate.enter(600000);
        most = std::max(most, ++inside);
        ++turns;
        --inside;
        gate.leave();
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
  EXPECT_EQ(turns, 4000);
}
#endif

class WriterTurn : public StoreTest {};
CAIRN_OVER_ALL_STORES(WriterTurn);

TEST_P(WriterTurn, ASecondWriterOfAStoreIsBusy) {
  auto store = open_store();
  {
    Lease lease = store->writer();
    EXPECT_EQ(status_of([&] { store->writer(); }), Status::kBusy);
  }
  Lease again = store->writer();
}

TEST_P(WriterTurn, AReaderOfAFileNeedsNoTurn) {
  auto store = open_store();
  Lease lease = store->writer();
  EXPECT_EQ(status_of([&] { store->reader(); }), is_file() ? Status::kOk : Status::kBusy);
}

TEST_P(WriterTurn, AnotherStoreThatWritesMakesThisOneBusy) {
  if (!is_file()) GTEST_SKIP() << "only a file's transactions stay open";
  auto store = open_store(), other = open_store();
  Lease lease = other->writer();
  other->begin(*lease);
  Lease mine = store->writer();
  EXPECT_EQ(status_of([&] { store->begin(*mine); }), Status::kBusy);
  other->rollback(*lease);
  store->begin(*mine);
  store->rollback(*mine);
}

}  // namespace
}  // namespace cairn::unit
