// Deltas: what changed since a row version, once, as it is now; and when to load instead.
#include <gtest/gtest.h>

#include "support/collections.h"

namespace cairn::unit {
namespace {

class Deltas : public CollectionTest {
 protected:
  Deltas() : collection_(open()) {}

  uint64_t commit(const Changes& changes, const TransactionOptions& options = {}) {
    return apply(collection_, changes, options).position.row_version;
  }
  Loaded since(uint64_t version) { return delta(collection_, version); }

  std::shared_ptr<Collection> collection_;
};
CAIRN_OVER_ALL_STORES(Deltas);

std::vector<Value> changed(const Loaded& delta) { return keys_of(delta.rows, fb::Op::Insert); }
std::vector<Value> deleted(const Loaded& delta) { return keys_of(delta.rows, fb::Op::Delete); }
using Keys = std::vector<Value>;

TEST_P(Deltas, NothingSinceTheNewest) {
  uint64_t version = commit(numbered(0, 3));
  Loaded delta = since(version);
  EXPECT_FALSE(delta.head.reload);
  EXPECT_EQ(delta.head.changed, 0u);
  EXPECT_EQ(delta.head.position.row_version, version);
  EXPECT_TRUE(delta.rows.empty());
}

TEST_P(Deltas, ChangedRowsAreWholeAndCurrent) {
  uint64_t version = commit(Changes().insert("a", {{"x", 1}, {"y", 1}}).insert("b", {{"x", 1}}));
  commit(Changes().update("a", {{"x", 2}}).insert("c", {{"x", 3}}));
  commit(Changes().update("a", {{"x", 4}}));
  Loaded delta = since(version);
  EXPECT_EQ(delta.head.changed, 2u);
  EXPECT_EQ(changed(delta), (Keys{"a", "c"}));
  EXPECT_EQ(Value(delta.rows[0].value), Value(Object{{"x", 4}, {"y", 1}}));
  EXPECT_TRUE(deleted(delta).empty());
}

TEST_P(Deltas, DeletedKeysAreNamedUntilTheyAreInsertedAgain) {
  uint64_t version = commit(numbered(0, 5));
  commit(Changes().remove("k1").remove("missing"));
  Loaded delta = since(version);
  EXPECT_EQ(deleted(delta), (Keys{"k1", "missing"}));
  EXPECT_EQ(delta.head.deleted, 2u);
  commit(Changes().insert("k1", {{"n", 100}}));
  delta = since(version);
  EXPECT_EQ(deleted(delta), Keys{"missing"});
  EXPECT_EQ(changed(delta), Keys{"k1"});
  EXPECT_EQ(Value(delta.rows[0].value), Value(Object{{"n", 100}}));
}

TEST_P(Deltas, DeleteAndInsertWithinOneTransaction) {
  uint64_t version = commit(numbered(0, 5));
  commit(Changes().remove("k1").insert("k1", {{"n", 7}}).insert("x", {{"n", 1}}).remove("x"));
  Loaded delta = since(version);
  EXPECT_EQ(changed(delta), Keys{"k1"});
  EXPECT_EQ(deleted(delta), Keys{"x"});
}

TEST_P(Deltas, ARowThatComesAndGoesManyTimesIsThereOnceOrNotAtAll) {
  uint64_t version = commit(numbered(0, 3));
  for (int i = 0; i < 6; ++i) {
    commit(Changes().remove("k1"));
    EXPECT_EQ(deleted(since(version)), Keys{"k1"});
    EXPECT_TRUE(changed(since(version)).empty());
    commit(Changes().insert("k1", {{"n", i}}));
    EXPECT_EQ(changed(since(version)), Keys{"k1"});
    EXPECT_TRUE(deleted(since(version)).empty());
  }
}

TEST_P(Deltas, UnchangedRowsAreNotInThem) {
  uint64_t version = commit(numbered(0, 5));
  commit(numbered(0, 5).insert("k2", {{"n", "new"}}));
  EXPECT_EQ(changed(since(version)), Keys{"k2"});
}

TEST_P(Deltas, MetadataAndTransactionIds) {
  uint64_t version = commit(numbered(0, 2));
  TransactionOptions options;
  options.id = "first";
  options.metadata = {{"a", portable(1)}, {"b", portable(2)}};
  commit(Changes(), options);
  options.id = "second";
  options.metadata = {{"a", std::nullopt}};
  commit(Changes().insert("k0", {{"n", 9}}), options);
  commit(Changes().insert("k1", {{"n", 9}}));
  Loaded delta = since(version);
  EXPECT_EQ(delta.head.transaction_ids, (std::vector<std::string>{"first", "second"}));
  ASSERT_EQ(delta.head.metadata.size(), 2u);
  EXPECT_EQ(delta.head.metadata[0].key, "a");
  EXPECT_EQ(delta.head.metadata[0].value, std::nullopt);
  EXPECT_EQ(delta.head.metadata[1].value, portable(2));
}

TEST_P(Deltas, RowMetadataThatChangedMakesTheRowChanged) {
  uint64_t version = commit(numbered(0, 3));
  commit(Changes().touch("k1", "m"));
  EXPECT_EQ(changed(since(version)), Keys{"k1"});
}

TEST_P(Deltas, AVersionFromTheFutureReloads) {
  uint64_t version = commit(numbered(0, 3));
  EXPECT_TRUE(since(version + 1).head.reload);
  EXPECT_TRUE(since(UINT64_MAX).head.reload);
}

TEST_P(Deltas, AnotherEpochReloads) {
  uint64_t version = commit(numbered(0, 3));
  EXPECT_TRUE(delta(collection_, version, 1).head.reload);
  collection_->reset();
  Loaded old = delta(collection_, version, 0);
  EXPECT_TRUE(old.head.reload);
  EXPECT_NE(old.head.reload_reason, "");
  EXPECT_TRUE(old.rows.empty());
  EXPECT_FALSE(delta(collection_, 0, 1).head.reload);
}

TEST_P(Deltas, MoreThanAThousandKeysReload) {
  uint64_t version = commit(numbered(0, 10));
  commit(numbered(1000, 1600));
  EXPECT_FALSE(since(version).head.reload);
  commit(numbered(1600, 2000));
  EXPECT_EQ(since(version).head.changed, 1000u);
  commit(numbered(2000, 2001));
  Loaded delta = since(version);
  EXPECT_TRUE(delta.head.reload);
  EXPECT_TRUE(delta.rows.empty());
  EXPECT_TRUE(delta.head.transaction_ids.empty());
}

TEST_P(Deltas, AVeryLargeTransactionReloads) {
  uint64_t version = commit(numbered(0, 10));
  uint64_t large = commit(numbered(10, 1500));
  EXPECT_TRUE(since(version).head.reload);
  EXPECT_FALSE(since(large).head.reload);
  expect_in_order();
}

TEST_P(Deltas, DeletedKeysCountTowardsTheLimit) {
  uint64_t version = commit(numbered(0, 900));
  Changes changes;
  for (int i = 0; i < 900; ++i) changes.remove("k" + std::to_string(i));
  commit(changes);
  EXPECT_EQ(since(version).head.deleted, 900u);
  commit(numbered(1000, 1100));
  EXPECT_FALSE(since(version).head.reload);
  commit(numbered(1100, 1101));
  EXPECT_TRUE(since(version).head.reload);
}

// Rows that change again and again are listed by many transactions, and count once.
TEST_P(Deltas, RowsThatChangeAgainAndAgainHideNoOthers) {
  commit(numbered(0, 900));
  uint64_t version = commit(numbered(900, 1800));
  auto change_all = [&](int round) {
    Changes changes;
    for (int i = 0; i < 900; ++i) changes.insert("k" + std::to_string(i), {{"round", round}});
    TransactionOptions options;
    options.id = std::to_string(round);
    commit(changes, options);
  };
  for (int round = 0; round < 6; ++round) change_all(round);
  commit(Changes().insert("k1500", {{"changed", "last"}}).remove("k1600"));
  Loaded delta = since(version);
  if (delta.head.reload) return;  // right, too
  EXPECT_EQ(delta.head.changed, 901u);
  EXPECT_EQ(deleted(delta), Keys{"k1600"});
  EXPECT_EQ(delta.head.transaction_ids.size(), 6u);
}

TEST_P(Deltas, ComeInBatchesOfBoundedSize) {
  uint64_t version = commit(numbered(0, 10));
  commit(numbered(100, 400));
  commit(Changes().remove("k1").remove("k2"));
  DeltaRequest request;
  request.since = version;
  request.batch.most_rows = 50;
  auto cursor = Cursor::delta(collection_, request);
  MemoryShapes shapes;
  size_t rows = 0, batches = 0;
  for (CursorStep step = cursor->next(); step.batch; step = cursor->next(), ++batches) {
    size_t count = read_batch(bytes_of(*step.batch), shapes).size();
    EXPECT_LE(count, 50u);
    rows += count;
  }
  EXPECT_EQ(rows, 302u);
  EXPECT_EQ(batches, 7u);
}

// A reader that follows by deltas, and loads where it is told to, has what the collection has.
TEST_P(Deltas, FollowingThemGivesTheCollection) {
  Random random(321);
  Rows copy;
  uint64_t version = 0;
  int reloads = 0;
  for (int round = 0; round < 150; ++round) {
    Changes changes;
    TransactionOptions options;
    options.truncate = random.chance(4);
    for (size_t left = random.below(random.chance(5) ? 1500 : 12); left > 0; --left) {
      Value key = static_cast<double>(random.below(random.chance(50) ? 20 : 400));
      if (random.chance(30)) {
        changes.remove(key);
      } else {
        changes.update(
            key, {{"f" + std::to_string(random.below(3)), static_cast<double>(random.below(3))}});
      }
    }
    commit(changes, options);
    if (!random.chance(40)) continue;
    Loaded delta = since(version);
    version = delta.head.position.row_version;
    if (delta.head.reload) {
      copy = rows(collection_);
      ++reloads;
    }
    for (const BatchRow& row : delta.rows) {
      if (row.op == fb::Op::Delete) {
        copy.erase(encoded_key(row.key));
      } else {
        copy[encoded_key(row.key)] = row.value;
      }
    }
    ASSERT_EQ(copy, rows(collection_)) << "round " << round;
  }
  EXPECT_GT(reloads, 1);
  EXPECT_LT(reloads, 40);
  expect_in_order();
}

}  // namespace
}  // namespace cairn::unit
