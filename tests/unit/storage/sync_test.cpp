// Durability: which calls reach the disk, that waiting ones share a sync, and that a failed sync is
// told to everybody who waited for it.
#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

#include "core/platform/worker.h"
#include "core/storage/file_store.h"
#include "support/counting_vfs.h"
#include "support/stores.h"

namespace cairn::unit {
namespace {

class WalSyncTest : public ::testing::Test {
 protected:
  WalSyncTest() : store_(Store::open_file(quick_options(folder_ / "db"))) {}

  void put(const std::string& value) {
    Lease lease = store_->writer();
    store_->begin(*lease);
    Query(lease->statement(Sql::kMetadataWrite)).with(1, std::string("k"), value).run();
    store_->commit(*lease);
  }

  TempFolder folder_;
  CountingVfs vfs_;
  std::shared_ptr<Store> store_;
};

TEST_F(WalSyncTest, CommitsAreHandedToTheSystemAlone) {
  vfs_.journal_syncs = 0;
  for (int i = 0; i < 20; ++i) put(std::to_string(i));
  EXPECT_EQ(vfs_.journal_syncs, 0);
}

// A header and its page are one write, whatever the number of pages.
TEST_F(WalSyncTest, EachPageOfTheJournalIsOneWrite) {
  put("0");
  for (size_t pages : {1u, 50u}) {
    vfs_.journal_writes = 0;
    uint64_t before = store_->info().journal_bytes;
    put(std::string((pages - 1) * 4096, 'x'));
    uint64_t frames = (store_->info().journal_bytes - before) / (4096 + 24);
    EXPECT_GE(frames, pages);
    EXPECT_EQ(static_cast<uint64_t>(vfs_.journal_writes), frames);
  }
}

TEST_F(WalSyncTest, AWriteIntoTheJournalThatFailsLeavesNothing) {
  put("before");
  for (int failing = 1; failing <= 12; ++failing) {
    int writes = 0;
    vfs_.on_journal_write = [&] { return ++writes >= failing ? SQLITE_IOERR_WRITE : SQLITE_OK; };
    EXPECT_EQ(status_of([&] { put(std::string(11 * 4096, 'x')); }), Status::kIo) << failing;
    Lease lease = store_->writer();
    store_->rollback(*lease);
    Query query(lease->statement(Sql::kMetadataRead));
    ASSERT_TRUE(query.with(1, std::string("k")).step());
    EXPECT_EQ(as_text(query.bytes(0)), "before");
  }
  vfs_.on_journal_write = nullptr;
  put("after");
}

TEST_F(WalSyncTest, ASyncReachesTheDisk) {
  put("1");
  vfs_.journal_syncs = 0;
  EXPECT_TRUE(store_->sync());
  EXPECT_EQ(vfs_.journal_syncs, 1);
  put("2");
  EXPECT_TRUE(store_->sync());
  EXPECT_EQ(vfs_.journal_syncs, 2);
}

TEST_F(WalSyncTest, ANewDatabaseCanBeSyncedBeforeItsFirstCommit) {
  EXPECT_TRUE(store_->sync());
  EXPECT_GE(vfs_.journal_syncs, 1);
}

TEST_F(WalSyncTest, AFailureIsToldAndTheNextSyncTriesAgain) {
  put("1");
  int code = SQLITE_IOERR_FSYNC;
  vfs_.on_journal_sync = [&] { return code; };
  EXPECT_EQ(status_of([&] { store_->sync(); }), Status::kIo);
  code = SQLITE_FULL;
  EXPECT_EQ(status_of([&] { store_->sync(); }), Status::kDiskFull);
  code = SQLITE_OK;
  EXPECT_TRUE(store_->sync());
}

#if CAIRN_THREADS
// Threads that ask for a sync while one is held up at the disk.
class SyncingThreads {
 public:
  static constexpr int kCount = 8;

  SyncingThreads(Store& store, CountingVfs& vfs, int code) {
    held_.lock();
    vfs.on_journal_sync = [this, code] {
      std::scoped_lock wait(held_);
      return code;
    };
    for (int i = 0; i < kCount; ++i) threads_.emplace_back([this, &store] { sync(store); });
    while (asking_ < kCount) pause_ms(1);
    pause_ms(20);  // so that they are likely to wait; the results do not depend on it
    held_.unlock();
    for (std::thread& thread : threads_) thread.join();
    vfs.on_journal_sync = nullptr;
  }
  int failures() const { return failures_; }

 private:
  void sync(Store& store) {
    ++asking_;
    if (status_of([&] { store.sync(); }) != Status::kOk) ++failures_;
  }

  std::mutex held_;
  std::atomic<int> asking_{0};
  std::atomic<int> failures_{0};
  std::vector<std::thread> threads_;
};

TEST_F(WalSyncTest, ThreadsThatWaitShareASync) {
  put("1");
  vfs_.journal_syncs = 0;
  SyncingThreads threads(*store_, vfs_, SQLITE_OK);
  EXPECT_EQ(threads.failures(), 0);
  EXPECT_GE(vfs_.journal_syncs, 1);
  EXPECT_LT(vfs_.journal_syncs, SyncingThreads::kCount);
}

TEST_F(WalSyncTest, AFailureIsToldToAllWhoWaited) {
  put("1");
  SyncingThreads threads(*store_, vfs_, SQLITE_IOERR_FSYNC);
  EXPECT_EQ(threads.failures(), SyncingThreads::kCount);
}
#endif

}  // namespace
}  // namespace cairn::unit
