// Durability: which calls reach the disk, that waiting ones share a sync, and that a failed sync is
// told to everybody who waited for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "core/platform/worker.h"
#include "core/storage/file_store.h"
#include "support/counting_vfs.h"
#include "support/stores.h"

namespace cairn::unit {
namespace {

// Leaves the file the same one, for whoever has it open.
void overwrite(const std::string& path, const std::string& bytes) {
  std::fstream(path, std::ios::binary | std::ios::in | std::ios::out) << bytes;
}

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

// A journal that may not be on the disk although the system says so.
class SuspectJournal : public WalSyncTest {
 protected:
  static constexpr uint64_t kFrame = 4096 + 24;

  std::string path() const { return folder_ / "db"; }
  std::string value() { return value_of(*store_); }
  static std::string value_of(Store& store) {
    Lease lease = store.reader();
    Query query(lease->statement(Sql::kMetadataRead));
    return query.with(1, std::string("k")).step() ? std::string(as_text(query.bytes(0))) : "";
  }
  void fail_syncs() {
    vfs_.on_journal_sync = [] { return SQLITE_IOERR_FSYNC; };
  }
  void fail_a_sync() {
    fail_syncs();
    EXPECT_EQ(status_of([&] { store_->sync(); }), Status::kIo);
    vfs_.on_journal_sync = nullptr;
  }
  int64_t frames() const { return static_cast<int64_t>(store_->info().journal_bytes / kFrame); }
  void reopen() {
    store_.reset();
    store_ = Store::open_file(quick_options(path()));
    store_->set_sound();
  }
};

TEST_F(SuspectJournal, IsWrittenAgainBeforeASyncCounts) {
  put(std::string(9 * 4096, 'x'));
  fail_a_sync();
  std::string before = read_bytes(path() + "-wal");
  vfs_.journal_writes = vfs_.journal_syncs = 0;
  store_->sync();
  EXPECT_EQ(vfs_.journal_writes, frames() + 1);
  EXPECT_EQ(vfs_.journal_syncs, 1);
  EXPECT_TRUE(read_bytes(path() + "-wal") == before);
  store_->sync();
  EXPECT_EQ(vfs_.journal_writes, frames() + 1) << "once is enough";
}

TEST_F(SuspectJournal, StaysSoUntilASyncSucceeds) {
  put("1");
  fail_a_sync();
  fail_a_sync();
  vfs_.journal_writes = 0;
  store_->sync();
  EXPECT_GT(vfs_.journal_writes, 0);
}

TEST_F(SuspectJournal, IsNotMovedIntoTheFile) {
  put("1");
  fail_syncs();
  EXPECT_EQ(status_of([&] { store_->sync(); }), Status::kIo);
  vfs_.writes_here = 0;
  EXPECT_EQ(status_of([&] { store_->maintain(1000); }), Status::kIo);
  EXPECT_EQ(status_of([&] { store_->suspend(); }), Status::kIo);
  EXPECT_EQ(vfs_.writes_here, 0);
  EXPECT_EQ(value(), "1");
  put("2");
  store_.reset();
  EXPECT_EQ(vfs_.writes_here, 0);
  EXPECT_GT(read_bytes(path() + "-wal").size(), kFrame) << "the next to open it has to have it";
  vfs_.on_journal_sync = nullptr;
  reopen();
  EXPECT_EQ(value(), "2");
  store_.reset();
  EXPECT_EQ(read_bytes(path() + "-wal").size(), 0u);
}

TEST_F(SuspectJournal, IsOneWhoseSyncACheckpointHasFailed) {
  put("1");
  fail_syncs();
  EXPECT_EQ(status_of([&] { store_->maintain(1000); }), Status::kIo);
  vfs_.on_journal_sync = nullptr;
  vfs_.journal_writes = 0;
  store_->maintain(1000);
  EXPECT_EQ(vfs_.journal_writes, frames() + 1);
}

TEST_F(SuspectJournal, IsOneThatWasLeft) {
  put("1");
  fail_syncs();
  EXPECT_EQ(status_of([&] { store_->sync(); }), Status::kIo);
  store_.reset();
  vfs_.on_journal_sync = nullptr;
  reopen();
  vfs_.journal_writes = 0;
  store_->sync();
  EXPECT_EQ(vfs_.journal_writes, frames() + 1);
}

TEST_F(SuspectJournal, IsMendedWhenItIsClosed) {
  put("1");
  store_->set_sound();
  fail_a_sync();
  store_.reset();
  EXPECT_EQ(read_bytes(path() + "-wal").size(), 0u);
}

TEST_F(SuspectJournal, WaitsForAWriter) {
  put("1");
  fail_a_sync();
  Lease lease = store_->writer();
  store_->begin(*lease);
  EXPECT_EQ(status_of([&] { store_->sync(); }), Status::kBusy);
  store_->rollback(*lease);
  EXPECT_TRUE(store_->sync());
}

TEST_F(SuspectJournal, ThatHasLostAFrameIsToldAndTakesNoMore) {
  put("1");
  store_->sync();
  std::string synced = read_bytes(path() + "-wal");
  put("2");
  fail_a_sync();
  // Of what was not synced the system gives what was there before.
  std::string journal = read_bytes(path() + "-wal");
  std::fill(journal.begin() + static_cast<int64_t>(synced.size()), journal.end(), '\0');
  overwrite(path() + "-wal", journal);
  std::string message = message_of([&] { store_->sync(); });
  EXPECT_NE(message.find("open it again"), std::string::npos) << message;
  EXPECT_EQ(status_of([&] { store_->maintain(1000); }), Status::kIo);
  EXPECT_EQ(status_of([&] { put("3"); }), Status::kIo);
  EXPECT_EQ(status_of([&] { store_->suspend(); }), Status::kIo);
  put("after all was closed and opened");
  EXPECT_TRUE(store_->sync());
}

// The journal as it was before it was begun anew is whole in itself.
TEST_F(SuspectJournal, ThatHasFallenBackToAnOlderOneIsTold) {
  put("1");
  put("2");
  store_->sync();
  std::string older = read_bytes(path() + "-wal");
  store_->maintain(1000);
  put("3");
  ASSERT_EQ(read_bytes(path() + "-wal").size(), older.size());
  fail_a_sync();
  overwrite(path() + "-wal", older);
  EXPECT_EQ(status_of([&] { store_->sync(); }), Status::kIo);
  reopen();
  EXPECT_EQ(value(), "2");
}

#if CAIRN_THREADS
TEST_F(SuspectJournal, ThatWasLeftIsMendedInTheBackground) {
  put("1");
  fail_syncs();
  EXPECT_EQ(status_of([&] { store_->sync(); }), Status::kIo);
  store_.reset();
  vfs_.on_journal_sync = nullptr;
  vfs_.journal_writes = vfs_.journal_syncs = 0;
  StoreOptions options = quick_options(path());
  options.background = true;
  store_ = Store::open_file(options);
  EXPECT_EQ(vfs_.journal_syncs, 0) << "not before it is known to be sound";
  store_->set_sound();
  for (int i = 0; i < 2000 && vfs_.journal_syncs == 0; ++i) pause_ms(5);
  EXPECT_EQ(vfs_.journal_writes, frames() + 1);
}

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
