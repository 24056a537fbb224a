// Upkeep: the journal moves into the file off the commit path, and free pages are given back.
#include <gtest/gtest.h>

#include <utility>

#include "core/platform/file.h"
#include "core/platform/worker.h"
#include "core/storage/file_store.h"
#include "support/counting_vfs.h"
#include "support/stores.h"

namespace cairn::unit {
namespace {

class Upkeep : public ::testing::Test {
 protected:
  std::shared_ptr<Store> open(bool background) {
    StoreOptions options = quick_options(folder_ / "db");
    options.background = background;
    options.busy_timeout_ms = 60000;
    return Store::open_file(options);
  }

  static void commit_row(Store& store, const std::string& key, size_t pages) {
    Lease lease = store.writer();
    store.begin(*lease);
    Query(lease->statement(Sql::kMetadataWrite)).with(1, key, std::string(pages * 4096, 'x')).run();
    store.commit(*lease);
  }

  // Commits so many transactions of a little more than so many pages.
  static void commit_pages(Store& store, int transactions, size_t pages) {
    for (int i = 0; i < transactions; ++i) commit_row(store, "key" + std::to_string(i), pages);
  }

  static void delete_all(Store& store) {
    Lease lease = store.writer();
    store.begin(*lease);
    Query(lease->statement(Sql::kMetadataClear)).with(1).run();
    store.commit(*lease);
  }

  uint64_t file_bytes() const { return file_size(folder_ / "db"); }
  uint64_t journal_bytes() const { return file_size(folder_ / "db-wal"); }

  TempFolder folder_;
};

TEST_F(Upkeep, CommitsLeaveTheFileAloneUntilItIsMaintained) {
  CountingVfs vfs;
  auto store = open(false);
  store->maintain(600000);
  vfs.writes_here = 0;
  commit_pages(*store, 300, 10);
  EXPECT_EQ(vfs.writes_here, 0) << "3,000 pages are far more than SQLite's own limit of 1,000";
  EXPECT_TRUE(store->maintain(600000));
  EXPECT_GT(vfs.writes_here, 2000);
}

TEST_F(Upkeep, AHostThatNeverMaintainsHasABoundedJournalAllTheSame) {
  auto store = open(false);
  for (int i = 0; i < 6; ++i) commit_pages(*store, 10, 1000);  // 240 MiB
  EXPECT_LT(journal_bytes(), 100u << 20);
}

#if CAIRN_THREADS
TEST_F(Upkeep, TheBackgroundMovesTheJournalAndNoCommitDoes) {
  CountingVfs vfs;
  auto store = open(true);
  vfs.writes_here = 0;
  commit_pages(*store, 300, 10);
  for (int i = 0; i < 10000 && vfs.writes_elsewhere == 0; ++i) pause_ms(10);
  EXPECT_GT(vfs.writes_elsewhere, 0);
  EXPECT_EQ(vfs.writes_here, 0);
}
#endif

// A commit that comes while the journal is moved leaves pages in it, and it could not begin anew.
TEST_F(Upkeep, ALongJournalBeginsAnewAlthoughCommitsComeMeanwhile) {
  CountingVfs vfs;
  auto store = open(false);
  int rows = 0;
  auto commit = [&](size_t pages) { commit_row(*store, "row" + std::to_string(rows++), pages); };
  bool meanwhile = false;
  vfs.on_journal_sync = [&] {
    if (std::exchange(meanwhile, false)) commit(1);
    return SQLITE_OK;
  };
  auto grows_after_upkeep = [&] {
    meanwhile = true;
    EXPECT_TRUE(store->maintain(600000));
    EXPECT_FALSE(meanwhile);
    uint64_t before = journal_bytes();
    commit(1);
    return journal_bytes() > before;
  };
  commit(2000);
  EXPECT_TRUE(grows_after_upkeep()) << "no commit has to wait for a short one";
  commit(4000);
  EXPECT_FALSE(grows_after_upkeep());
  vfs.on_journal_sync = nullptr;
}

TEST_F(Upkeep, NothingToDoIsDone) {
  auto store = open(false);
  EXPECT_TRUE(store->maintain(600000));
  EXPECT_TRUE(store->maintain(0));
}

TEST_F(Upkeep, FreePagesAreGivenBack) {
  auto store = open(false);
  commit_pages(*store, 100, 100);  // 40 MiB
  store->maintain(600000);
  uint64_t full = file_bytes();
  ASSERT_GT(full, 39u << 20);
  delete_all(*store);
  store->maintain(0);
  EXPECT_GT(store->info().free_bytes + (full - file_bytes()), 30u << 20);
  while (!store->maintain(10)) {
  }
  EXPECT_LT(file_bytes(), 4u << 20);
  EXPECT_LT(store->info().free_bytes, 2u << 20);
}

TEST_F(Upkeep, AFewFreePagesAreKeptForLater) {
  auto store = open(false);
  commit_pages(*store, 100, 100);
  {
    Lease lease = store->writer();
    lease->transaction(
        [&] { Query(lease->statement(Sql::kMetadataDelete)).with(1, std::string("key1")).run(); });
  }
  store->maintain(600000);
  EXPECT_GT(store->info().free_bytes, 300000u);
}

TEST_F(Upkeep, InfoTellsWhatTheFilesHold) {
  auto store = open(false);
  commit_pages(*store, 10, 10);
  StoreInfo info = store->info();
  EXPECT_EQ(info.file_bytes, file_bytes());
  EXPECT_EQ(info.journal_bytes, journal_bytes());
  EXPECT_GT(info.journal_bytes, 400000u);
  EXPECT_EQ(info.free_bytes, 0u);
}

TEST_F(Upkeep, WhatWasCommittedIsThereAfterIt) {
  auto store = open(false);
  commit_pages(*store, 50, 40);
  store->maintain(600000);
  delete_all(*store);
  commit_pages(*store, 5, 40);
  store->maintain(600000);
  store.reset();
  store = open(false);
  int rows = 0;
  Lease lease = store->reader();
  Query query(lease->statement(Sql::kMetadataAll));
  query.with(1);
  for (; query.step(); ++rows) EXPECT_EQ(query.bytes(1).size(), 40u * 4096);
  EXPECT_EQ(rows, 5);
}

class AnyUpkeep : public StoreTest {};
CAIRN_OVER_ALL_STORES(AnyUpkeep);

TEST_P(AnyUpkeep, IsDoneAtOnceWhereThereIsNothing) {
  auto store = open_store();
  EXPECT_TRUE(store->maintain(100));
  EXPECT_EQ(store->sync(), is_file());
  EXPECT_EQ(store->path().empty(), !is_file());
}

TEST_P(AnyUpkeep, PagesAreCheckedWhereTheyCanBe) {
  auto store = open_store();
  int found = 0;
  EXPECT_EQ(store->check_pages(10, [&](const std::string&) { ++found; }), is_file());
  EXPECT_EQ(found, 0);
}

}  // namespace
}  // namespace cairn::unit
