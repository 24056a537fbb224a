// Reconciling with a snapshot: the result is the snapshot, the writes are the fewest, and an
// unchanged snapshot writes nothing, in whatever order its rows come.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/collection/reconcile.h"
#include "support/collections.h"

namespace cairn::unit {
namespace {

// Rows in the order of a snapshot.
using Snapshot = std::vector<std::pair<Value, Object>>;

class Reconcile : public CollectionTest {
 protected:
  Reconcile() : collection_(open()) {}

  // Gives the snapshot in one batch or in several.
  CommitResult reconcile(const Snapshot& snapshot, size_t batch_rows = 1000) {
    TransactionOptions options;
    options.mode = TransactionMode::kReconcile;
    Transaction transaction(collection_, options);
    for (size_t at = 0; at < snapshot.size(); at += batch_rows) {
      Changes changes;
      for (size_t i = at; i < std::min(at + batch_rows, snapshot.size()); ++i)
        changes.insert(snapshot[i].first, snapshot[i].second);
      std::string batch = changes.batch();
      transaction.add(as_bytes(batch));
    }
    return transaction.commit();
  }

  static Snapshot numbered(int count) {
    Snapshot snapshot;
    for (int i = 0; i < count; ++i)
      snapshot.emplace_back("k" + std::to_string(i), Object{{"n", i}, {"text", "row"}});
    return snapshot;
  }

  static Rows as_rows(const Snapshot& snapshot) {
    Rows rows;
    for (const auto& [key, value] : snapshot) rows[encoded_key(key)] = value;
    return rows;
  }

  static void shuffle(Snapshot& snapshot, Random& random) {
    for (size_t i = snapshot.size(); i > 1; --i)
      std::swap(snapshot[i - 1], snapshot[random.below(i)]);
  }

  // Reconciles, and expects the result and the fewest writes to it.
  void expect_reconciled(const Snapshot& snapshot, size_t batch_rows = 1000) {
    Rows before = rows(collection_), wanted = as_rows(snapshot);
    uint64_t inserted = 0, updated = 0, unchanged = 0;
    for (const auto& [key, value] : wanted) {
      auto old = before.find(key);
      if (old == before.end())
        ++inserted;
      else if (canonical_of(old->second) == canonical_of(value))
        ++unchanged;
      else
        ++updated;
    }
    CommitResult result = reconcile(snapshot, batch_rows);
    EXPECT_EQ(result.inserted, inserted);
    EXPECT_EQ(result.updated, updated);
    EXPECT_EQ(result.unchanged, unchanged);
    EXPECT_EQ(result.deleted, before.size() - updated - unchanged);
    EXPECT_EQ(rows(collection_), wanted);
    EXPECT_EQ(collection_->info().state.rows, wanted.size());
  }

  std::shared_ptr<Collection> collection_;
};
CAIRN_OVER_ALL_STORES(Reconcile);

TEST_P(Reconcile, FillsAnEmptyCollection) {
  expect_reconciled(numbered(100));
  expect_in_order();
}

TEST_P(Reconcile, AnUnchangedSnapshotWritesNothing) {
  Snapshot snapshot = numbered(2000);
  reconcile(snapshot);
  store().maintain(10000);
  std::string before = state_of_storage(store());
  uint64_t version = collection_->info().state.row_version;
  CommitResult result = reconcile(snapshot);
  EXPECT_EQ(result.outcome, Outcome::kUnchanged);
  EXPECT_EQ(result.unchanged, 2000u);
  Random random(331);
  shuffle(snapshot, random);
  EXPECT_EQ(reconcile(snapshot).outcome, Outcome::kUnchanged);
  EXPECT_TRUE(state_of_storage(store()) == before);
  EXPECT_EQ(collection_->info().state.row_version, version);
}

TEST_P(Reconcile, AnotherOrderOfFieldsIsNoChange) {
  Random random(332);
  Snapshot snapshot = numbered(50);
  reconcile(snapshot);
  for (auto& row : snapshot) row.second = *shuffled(row.second, random).get<Object>();
  EXPECT_EQ(reconcile(snapshot).outcome, Outcome::kUnchanged);
}

TEST_P(Reconcile, ReplacesRowsInsteadOfMergingThem) {
  reconcile({{"k", {{"a", 1}, {"b", 2}}}});
  reconcile({{"k", {{"b", 2}}}});
  EXPECT_EQ(row(collection_, "k"), Value(Object{{"b", 2}}));
}

TEST_P(Reconcile, ChangesInOrder) {
  Snapshot snapshot = numbered(1500);
  reconcile(snapshot);
  for (size_t i : {0u, 1u, 700u, 1499u}) snapshot[i].second[0].second = "changed";
  expect_reconciled(snapshot);
}

TEST_P(Reconcile, InsertsBetween) {
  Snapshot snapshot = numbered(1500);
  reconcile(snapshot);
  for (size_t i : {0u, 500u, 501u, 502u, 1503u})
    snapshot.insert(snapshot.begin() + static_cast<ptrdiff_t>(i),
                    {"new" + std::to_string(i), Object{{"n", "new"}}});
  expect_reconciled(snapshot);
  expect_reconciled(snapshot);
}

TEST_P(Reconcile, DeletesBetween) {
  Snapshot snapshot = numbered(1500);
  reconcile(snapshot);
  snapshot.erase(snapshot.begin() + 1400, snapshot.begin() + 1450);
  snapshot.erase(snapshot.begin() + 600);
  snapshot.erase(snapshot.begin(), snapshot.begin() + 20);
  expect_reconciled(snapshot);
  snapshot.pop_back();
  expect_reconciled(snapshot);
  expect_in_order();
}

TEST_P(Reconcile, EmptiesACollection) {
  reconcile(numbered(3000));
  expect_reconciled({});
  EXPECT_EQ(collection_->info().state.rows, 0u);
  expect_in_order();
}

TEST_P(Reconcile, Reversed) {
  Snapshot snapshot = numbered(1200);
  reconcile(snapshot);
  std::reverse(snapshot.begin(), snapshot.end());
  snapshot.erase(snapshot.begin() + 100, snapshot.begin() + 200);
  expect_reconciled(snapshot);
}

TEST_P(Reconcile, PartsInTheirOrderAndPartsInAnother) {
  Random random(333);
  Snapshot snapshot = numbered(1200);
  reconcile(snapshot);
  Snapshot part(snapshot.begin() + 300, snapshot.begin() + 500);
  shuffle(part, random);
  std::copy(part.begin(), part.end(), snapshot.begin() + 300);
  std::rotate(snapshot.begin(), snapshot.begin() + 900, snapshot.end());
  expect_reconciled(snapshot);
}

TEST_P(Reconcile, RandomSnapshots) {
  Random random(334);
  Snapshot snapshot;
  int next = 0;
  for (int round = 0; round < 25; ++round) {
    if (random.chance(60)) shuffle(snapshot, random);
    for (auto& row : snapshot)
      if (random.chance(10)) row.second = Object{{"v", static_cast<double>(random.below(3))}};
    std::erase_if(snapshot, [&](const auto&) { return random.chance(15); });
    for (size_t left = random.below(80); left > 0; --left)
      snapshot.insert(snapshot.begin() + static_cast<ptrdiff_t>(random.below(snapshot.size() + 1)),
                      {random.chance(50) ? Value(next++) : Value("k" + std::to_string(next++)),
                       Object{{"v", "new"}}});
    expect_reconciled(snapshot, 1 + random.below(120));
  }
  expect_in_order();
}

TEST_P(Reconcile, AKeyThatStandsTwiceHasItsLastRow) {
  reconcile(numbered(10));
  Snapshot snapshot = numbered(10);
  snapshot.emplace_back("k3", Object{{"n", "again"}});
  snapshot.emplace_back("new", Object{{"n", 1}});
  snapshot.emplace_back("new", Object{{"n", 2}});
  reconcile(snapshot);
  EXPECT_EQ(rows(collection_), as_rows(snapshot));
  EXPECT_EQ(collection_->info().state.rows, 11u);
  expect_in_order();
}

TEST_P(Reconcile, IsADeltaForOthers) {
  Snapshot snapshot = numbered(100);
  uint64_t version = reconcile(snapshot).position.row_version;
  snapshot[5].second = {{"n", "changed"}};
  snapshot.erase(snapshot.begin() + 50);
  snapshot.emplace_back("new", Object{});
  reconcile(snapshot);
  Loaded delta = CollectionTest::delta(collection_, version);
  EXPECT_EQ(keys_of(delta.rows, fb::Op::Insert), (std::vector<Value>{"k5", "new"}));
  EXPECT_EQ(keys_of(delta.rows, fb::Op::Delete), std::vector<Value>{"k50"});
}

TEST_P(Reconcile, KeepsRowMetadataOfRowsThatStay) {
  BatchRow row = plain_row("k1", {{"n", 1}});
  row.metadata_op = fb::MetadataOp::Set;
  row.metadata = "m";
  apply(collection_, Changes().add(row));
  reconcile({{"k1", {{"n", 2}}}});
  LoadRequest request;
  request.batch.metadata = true;
  Loaded loaded = load(collection_, request);
  ASSERT_EQ(loaded.rows.size(), 1u);
  EXPECT_EQ(loaded.rows[0].metadata, Value("m"));
}

TEST_P(Reconcile, TakesInsertsAlone) {
  reconcile(numbered(5));
  TransactionOptions options;
  options.mode = TransactionMode::kReconcile;
  for (const Changes& changes :
       {Changes().update("k1", {{"n", 1}}), Changes().remove("k1"), Changes().touch("k1", "m")})
    EXPECT_EQ(status_of([&] { apply(collection_, changes, options); }), Status::kInvalidArgument);
  options.truncate = true;
  EXPECT_EQ(status_of([&] { apply(collection_, Changes(), options); }), Status::kInvalidArgument);
  EXPECT_EQ(collection_->info().state.rows, 5u);
}

TEST_P(Reconcile, WithWhatAnotherCollectionGives) {
  RandomValues random(335);
  Changes changes;
  for (int i = 0; i < 300; ++i) changes.insert(random.key(), random.object(3));
  auto source = open("source");
  apply(source, changes);
  for (auto encoding : {fb::TextEncoding::Utf8, fb::TextEncoding::Utf16}) {
    std::vector<Table> batches;
    LoadRequest request;
    request.batch.encoding = encoding;
    request.batch.most_rows = 70;
    auto cursor = Cursor::load(source, request);
    for (CursorStep step = cursor->next(); step.batch; step = cursor->next())
      batches.push_back(std::move(*step.batch));
    TransactionOptions options;
    options.mode = TransactionMode::kReconcile;
    Transaction transaction(collection_, options);
    for (const Table& batch : batches) transaction.add(bytes_of(batch));
    CommitResult result = transaction.commit();
    EXPECT_EQ(result.outcome,
              encoding == fb::TextEncoding::Utf8 ? Outcome::kApplied : Outcome::kUnchanged);
    EXPECT_EQ(rows(collection_), rows(source));
  }
}

TEST_P(Reconcile, ADryRunSaysWhatItWouldDo) {
  reconcile(numbered(20));
  Snapshot snapshot = numbered(15);
  snapshot[0].second = {{"n", "changed"}};
  TransactionOptions options;
  options.mode = TransactionMode::kReconcile;
  options.dry_run = true;
  Changes changes;
  for (const auto& [key, value] : snapshot) changes.insert(key, value);
  CommitResult result = apply(collection_, changes, options);
  EXPECT_EQ(result.updated, 1u);
  EXPECT_EQ(result.deleted, 5u);
  EXPECT_EQ(result.unchanged, 14u);
  EXPECT_EQ(rows(collection_), as_rows(numbered(20)));
}

TEST(RowSetTest, HoldsWhatWasAdded) {
  Random random(336);
  RowSet set;
  std::map<int64_t, bool> expected;
  for (int i = 0; i < 20000; ++i) {
    auto row = static_cast<int64_t>(random.next() >> (1 + random.below(50)));
    EXPECT_EQ(set.add(row), expected.emplace(row, true).second);
  }
  EXPECT_EQ(set.size(), expected.size());
  for (const auto& [row, there] : expected) EXPECT_TRUE(set.has(row));
  for (int i = 0; i < 20000; ++i) {
    auto row = static_cast<int64_t>(random.next() >> (1 + random.below(50)));
    EXPECT_EQ(set.has(row), expected.count(row) != 0);
  }
}

}  // namespace
}  // namespace cairn::unit
