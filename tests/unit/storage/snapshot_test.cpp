// Snapshots: what they see, and that the oldest ends when the journal grows past 64 MiB.
#include <gtest/gtest.h>

#include "core/platform/file.h"
#include "core/storage/file_store.h"
#include "support/stores.h"

namespace cairn::unit {
namespace {

class SnapshotTest : public ::testing::Test {
 protected:
  SnapshotTest() : store_(Store::open_file(quick_options(folder_ / "db"))) {}

  void put(const std::string& key, const std::string& value) {
    Lease lease = store_->writer();
    store_->begin(*lease);
    Query(lease->statement(Sql::kMetadataWrite)).with(1, key, value).run();
    store_->commit(*lease);
  }

  std::string get(Snapshot& snapshot, const std::string& key) {
    std::string value;
    snapshot.use([&](Connection& connection) {
      Query query(connection.statement(Sql::kMetadataRead));
      if (query.with(1, key).step()) value = as_text(query.bytes(0));
    });
    return value;
  }

  // Writes more into the journal than it may hold.
  void fill_journal() {
    for (int i = 0; i < 17; ++i) put("large", std::string(4u << 20, static_cast<char>('a' + i)));
  }

  uint64_t journal_bytes() const { return file_size(folder_ / "db-wal"); }

  TempFolder folder_;
  std::shared_ptr<Store> store_;
};

TEST_F(SnapshotTest, SeesWhatWasCommittedBeforeIt) {
  put("k", "1");
  auto first = store_->snapshot();
  put("k", "2");
  auto second = store_->snapshot();
  put("k", "3");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(get(*first, "k"), "1");
    EXPECT_EQ(get(*second, "k"), "2");
  }
  first.reset();
  EXPECT_EQ(get(*second, "k"), "2");
  EXPECT_EQ(get(*store_->snapshot(), "k"), "3");
}

TEST_F(SnapshotTest, DoesNotSeeAnOpenTransaction) {
  put("k", "1");
  Lease lease = store_->writer();
  store_->begin(*lease);
  Query(lease->statement(Sql::kMetadataWrite)).with(1, std::string("k"), std::string("2")).run();
  auto snapshot = store_->snapshot();
  EXPECT_EQ(get(*snapshot, "k"), "1");
  store_->commit(*lease);
  EXPECT_EQ(get(*snapshot, "k"), "1");
}

TEST_F(SnapshotTest, DoesNotSeeWhatWasRolledBack) {
  put("k", "1");
  {
    Lease lease = store_->writer();
    store_->begin(*lease);
    Query(lease->statement(Sql::kMetadataWrite)).with(1, std::string("k"), std::string("2")).run();
    store_->rollback(*lease);
  }
  EXPECT_EQ(get(*store_->snapshot(), "k"), "1");
}

TEST_F(SnapshotTest, ManyAtOnce) {
  std::vector<std::unique_ptr<Snapshot>> snapshots;
  for (int i = 0; i < 20; ++i) {
    put("k", std::to_string(i));
    snapshots.push_back(store_->snapshot());
  }
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(get(*snapshots[static_cast<size_t>(i)], "k"), std::to_string(i));
}

TEST_F(SnapshotTest, PinsTheJournalUntilThatIsTooLong) {
  put("k", "1");
  auto snapshot = store_->snapshot();
  put("large", std::string(4u << 20, 'x'));
  store_->maintain(1000);
  EXPECT_EQ(get(*snapshot, "k"), "1") << "a short journal ends no cursor";
  fill_journal();
  ASSERT_GT(journal_bytes(), 64u << 20);
  EXPECT_EQ(get(*snapshot, "k"), "1") << "nobody did the upkeep yet";
  EXPECT_TRUE(store_->maintain(600000));
  EXPECT_LT(journal_bytes(), 8u << 20);
  try {
    get(*snapshot, "k");
    ADD_FAILURE() << "the snapshot is still there";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::kSnapshotExpired);
    EXPECT_TRUE(error.retryable());
  }
  EXPECT_EQ(get(*store_->snapshot(), "k"), "1");
}

TEST_F(SnapshotTest, AnEndedOneCanBeGivenBackAndItsConnectionServesOthers) {
  put("k", "1");
  for (int round = 0; round < 2; ++round) {
    auto snapshot = store_->snapshot();
    fill_journal();
    store_->maintain(600000);
    EXPECT_EQ(status_of([&] { get(*snapshot, "k"); }), Status::kSnapshotExpired);
    auto next = store_->snapshot();
    snapshot.reset();
    EXPECT_EQ(get(*next, "k"), "1");
  }
}

TEST_F(SnapshotTest, IsNeededWhereTransactionsMayStayOpen) {
  EXPECT_TRUE(store_->holds());
  EXPECT_FALSE(Store::open_memory({})->holds());
  EXPECT_EQ(Store::open_memory({})->snapshot(), nullptr);
}

}  // namespace
}  // namespace cairn::unit
