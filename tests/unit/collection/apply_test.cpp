// Applying transactions: insert, update, delete, touch, truncate, metadata; whole or not at all.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "support/collections.h"

namespace cairn::unit {
namespace {

class Apply : public CollectionTest {
 protected:
  Apply() : collection_(open()) {}

  CommitResult commit(const Changes& changes, const TransactionOptions& options = {}) {
    return apply(collection_, changes, options);
  }
  Value row(const Value& key) { return CollectionTest::row(collection_, key); }
  uint64_t count() { return collection_->info().state.rows; }

  // A row's metadata, undefined where it has none.
  Value metadata_of(const Value& key) {
    LoadRequest request;
    request.batch.metadata = true;
    request.subset.by_keys = true;
    request.subset.keys = {encoded_key(key)};
    Loaded loaded = load(collection_, request);
    if (loaded.rows.empty() || loaded.rows[0].metadata_op != fb::MetadataOp::Set)
      return Undefined{};
    return loaded.rows[0].metadata;
  }

  std::shared_ptr<Collection> collection_;
};
CAIRN_OVER_ALL_STORES(Apply);

BatchRow with_metadata(BatchRow row, const Value& metadata) {
  row.metadata_op = fb::MetadataOp::Set;
  row.metadata = metadata;
  return row;
}

TEST_P(Apply, InsertReplacesTheRow) {
  commit(Changes().insert("k", {{"a", 1}, {"b", 2}}));
  CommitResult result = commit(Changes().insert("k", {{"b", 3}}));
  EXPECT_EQ(row("k"), Value(Object{{"b", 3}}));
  EXPECT_EQ(result.updated, 1u);
  EXPECT_EQ(result.inserted, 0u);
  EXPECT_EQ(count(), 1u);
}

// After some new rows the next ones are inserted several at a time, without a look for their keys.
TEST_P(Apply, NewAndKnownRowsComeInAnyOrder) {
  commit(Changes().insert("known", {{"a", 1}}).insert("same", {{"a", 2}}));
  CommitResult result = commit(numbered(0, 30)
                                   .insert("known", {{"a", 11}})
                                   .insert("n1", {{"a", 10}})
                                   .insert("same", {{"a", 2}})
                                   .insert("n2", {{"a", 13}})
                                   .insert("n2", {{"b", 14}})
                                   .insert("n3", {{"a", 15}})
                                   .update("n3", {{"b", 16}})
                                   .remove("n3")
                                   .insert("n3", {{"c", 17}}));
  EXPECT_EQ(result.inserted, 34u);
  EXPECT_EQ(result.updated, 3u);
  EXPECT_EQ(result.unchanged, 1u);
  EXPECT_EQ(result.deleted, 1u);
  EXPECT_EQ(row("k29"), Value(Object{{"n", 29}}));
  EXPECT_EQ(row("known"), Value(Object{{"a", 11}}));
  EXPECT_EQ(row("n2"), Value(Object{{"b", 14}}));
  EXPECT_EQ(row("n3"), Value(Object{{"c", 17}}));
  EXPECT_EQ(count(), 35u);
  expect_in_order();
}

TEST_P(Apply, EveryPlaceOfKnownRowsAmongNewOnes) {
  for (int known = 8; known < 26; ++known) {
    TransactionOptions options;
    options.truncate = true;
    commit(numbered(known, known + 2).insert("other", {{"a", 1}}), options);
    Changes changes = numbered(0, known);
    changes.insert("k" + std::to_string(known), {{"b", 1}});
    changes.insert("k" + std::to_string(known + 1), {{"n", known + 1}});
    changes.insert("k0", {{"twice", 1}});
    CommitResult result = commit(changes);
    EXPECT_EQ(result.inserted, static_cast<uint64_t>(known));
    EXPECT_EQ(result.updated, 2u);
    EXPECT_EQ(result.unchanged, 1u);
    EXPECT_EQ(row("k" + std::to_string(known)), Value(Object{{"b", 1}}));
    EXPECT_EQ(row("k0"), Value(Object{{"twice", 1}}));
    EXPECT_EQ(count(), static_cast<uint64_t>(known + 3));
    expect_in_order();
  }
}

TEST_P(Apply, MetadataOfManyNewRows) {
  commit(Changes()
             .add(with_metadata(plain_row("kept", {{"a", 1}}), "kept"))
             .add(with_metadata(plain_row("gone", {{"a", 1}}), "gone"))
             .add(with_metadata(plain_row("changed", {{"a", 1}}), "old")));
  Changes changes = numbered(0, 12);
  BatchRow gone = plain_row("gone", {{"a", 2}});
  gone.metadata_op = fb::MetadataOp::Remove;
  changes.insert("kept", {{"a", 2}}).add(gone);
  for (int i = 100; i < 120; ++i)
    changes.add(with_metadata(plain_row("k" + std::to_string(i), {{"a", i}}), i));
  changes.add(with_metadata(plain_row("changed", {{"a", 1}}), "new"));
  commit(changes);
  EXPECT_EQ(metadata_of("kept"), Value("kept"));
  EXPECT_EQ(metadata_of("gone"), Value(Undefined{}));
  EXPECT_EQ(metadata_of("changed"), Value("new"));
  for (int i = 100; i < 120; ++i) EXPECT_EQ(metadata_of("k" + std::to_string(i)), Value(i));
  EXPECT_EQ(metadata_of("k11"), Value(Undefined{}));
  expect_in_order();
}

// Rows that follow each other are read together.
TEST_P(Apply, ManyKnownRowsInTheirOrderAndOutOfIt) {
  commit(numbered(0, 200));
  std::map<int, Object> expected;
  for (int i = 0; i < 200; ++i) expected[i] = {{"n", i}};
  Changes changes;
  auto change = [&](int i, const std::string& field, int value) {
    changes.update("k" + std::to_string(i), {{field, value}});
    auto& row = expected[i];
    auto at = std::find_if(row.begin(), row.end(), [&](auto& one) { return one.first == field; });
    if (at == row.end()) {
      row.emplace_back(field, value);
    } else {
      at->second = value;
    }
  };
  for (int i = 0; i < 60; ++i) change(i, "a", i);
  // Twice in a row, back, far ahead, and with gaps.
  for (int i : {60, 60, 61, 59, 62, 60, 150, 63, 150, 64, 151, 152, 153, 153, 156, 160, 170, 199})
    change(i, i % 2 == 0 ? "a" : "b", i + 1000);
  // What is changed out of order was among the rows that had been read ahead.
  for (int i = 70; i < 90; ++i) change(i, "a", 1);
  change(5, "a", 2);
  change(99, "a", 3);
  for (int i = 90; i < 120; ++i) change(i, "b", 4);
  changes.remove("k120").remove("k121").remove("k120").insert("k122", {{"x", 1}});
  changes.touch("k123", "m").remove("k124").insert("k124", {{"y", 1}});
  expected.erase(120);
  expected.erase(121);
  expected[122] = {{"x", 1}};
  expected[124] = {{"y", 1}};
  for (int i = 125; i < 130; ++i) change(i, "c", 5);
  commit(changes);
  for (const auto& [i, value] : expected)
    EXPECT_EQ(row("k" + std::to_string(i)), Value(value)) << i;
  EXPECT_EQ(metadata_of("k123"), Value("m"));
  EXPECT_EQ(count(), expected.size());
  expect_in_order();
}

TEST_P(Apply, KnownRowsInStepsOfAnySize) {
  commit(numbered(0, 400));
  for (int step : {2, 4, 5, 20, 31, 32, 33}) {
    Changes changes;
    for (int i = 0; i < 10; ++i) changes.update("k" + std::to_string(i), {{"near", step}});
    for (int i = 10; i < 400; i += step) changes.update("k" + std::to_string(i), {{"a", step}});
    commit(changes);
    for (int i = 10; i < 400; i += step)
      EXPECT_EQ(row("k" + std::to_string(i)), Value(Object{{"n", i}, {"a", step}})) << i;
  }
  expect_in_order();
}

TEST_P(Apply, KnownRowsAreFoundWhileNewOnesWait) {
  commit(numbered(0, 100));
  Changes changes;
  for (int i = 0; i < 50; ++i) changes.insert("k" + std::to_string(i), {{"n", i}, {"a", i}});
  for (int i = 200; i < 230; ++i) changes.insert("k" + std::to_string(i), {{"n", i}});
  changes.insert("k51", {{"b", 1}});
  for (int i = 50; i < 100; ++i) changes.update("k" + std::to_string(i), {{"c", i}});
  CommitResult result = commit(changes);
  EXPECT_EQ(result.inserted, 30u);
  EXPECT_EQ(result.updated, 101u);
  EXPECT_EQ(row("k49"), Value(Object{{"n", 49}, {"a", 49}}));
  EXPECT_EQ(row("k51"), Value(Object{{"b", 1}, {"c", 51}}));
  EXPECT_EQ(row("k99"), Value(Object{{"n", 99}, {"c", 99}}));
  EXPECT_EQ(count(), 130u);
  expect_in_order();
}

// They are not waited for as long as small ones.
TEST_P(Apply, ManyLargeNewRows) {
  std::string text(100'000, 'x');
  Changes changes;
  for (int i = 0; i < 30; ++i) changes.insert("k" + std::to_string(i), {{"t", text}, {"i", i}});
  EXPECT_EQ(commit(changes).inserted, 30u);
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(row("k" + std::to_string(i)), Value(Object{{"t", text}, {"i", i}}));
  expect_in_order();
}

TEST_P(Apply, UpdateMergesAndCreates) {
  commit(Changes().insert("k", {{"a", 1}, {"b", Object{{"x", 1}}}}));
  commit(Changes().update("k", {{"b", Object{{"y", 2}}}, {"c", 3}}).update("new", {{"a", 1}}));
  EXPECT_EQ(row("k"), Value(Object{{"a", 1}, {"b", Object{{"y", 2}}}, {"c", 3}}));
  EXPECT_EQ(row("new"), Value(Object{{"a", 1}}));
  commit(Changes().update("k", {{"a", Undefined{}}, {"z", Undefined{}}}));
  EXPECT_EQ(row("k"), Value(Object{{"b", Object{{"y", 2}}}, {"c", 3}}));
}

TEST_P(Apply, UpdateReplacesWhereTheSourceSendsWholeRows) {
  commit(Changes().insert("k", {{"a", 1}, {"b", 2}}));
  TransactionOptions options;
  options.replace = true;
  commit(Changes().update("k", {{"b", 3}}), options);
  EXPECT_EQ(row("k"), Value(Object{{"b", 3}}));
}

TEST_P(Apply, DeleteRemovesAndForgivesWhatIsNotThere) {
  commit(Changes().insert("k", {{"a", 1}}));
  CommitResult result = commit(Changes().remove("k").remove("missing"));
  EXPECT_EQ(result.deleted, 1u);
  EXPECT_EQ(row("k"), Value(nullptr));
  EXPECT_EQ(count(), 0u);
}

TEST_P(Apply, MutationsOfOneKeyApplyInTheirOrder) {
  commit(Changes()
             .insert("k", {{"a", 1}})
             .update("k", {{"b", 2}})
             .remove("k")
             .update("k", {{"c", 3}})
             .insert("l", {{"a", 1}})
             .remove("l"));
  EXPECT_EQ(row("k"), Value(Object{{"c", 3}}));
  EXPECT_EQ(row("l"), Value(nullptr));
  EXPECT_EQ(count(), 1u);
  expect_in_order();
}

TEST_P(Apply, KeysDifferByClassAndSignOfZero) {
  commit(Changes()
             .insert(1, {{"is", "number"}})
             .insert("1", {{"is", "text"}})
             .insert(0.0, {{"is", "0"}})
             .insert(-0.0, {{"is", "-0"}})
             .insert("", {{"is", "empty"}}));
  EXPECT_EQ(count(), 5u);
  EXPECT_EQ(row(1), Value(Object{{"is", "number"}}));
  EXPECT_EQ(row("1"), Value(Object{{"is", "text"}}));
  EXPECT_EQ(row(-0.0), Value(Object{{"is", "-0"}}));
}

TEST_P(Apply, RandomRowsAreThereAsTheyWere) {
  RandomValues random(311);
  std::map<std::string, Value> expected;
  for (int round = 0; round < 5; ++round) {
    Changes changes;
    for (int i = 0; i < 60; ++i) {
      Value key = random.key();
      Object value = random.object(4);
      changes.insert(key, value);
      expected[encoded_key(key)] = value;
    }
    commit(changes);
  }
  EXPECT_EQ(rows(collection_), expected);
  expect_in_order();
}

TEST_P(Apply, NothingOfATransactionThatFailsIsWritten) {
  commit(Changes().insert("k", {{"a", 1}}));
  Changes changes = numbered(0, 100);
  changes.insert("k", {{"a", 2}}).remove("k1");
  changes.insert("bad", {{"deep", Array{1, Object{{"x", Undefined{}}}}}});
  std::string message = message_of([&] { commit(changes); });
  EXPECT_NE(message.find("\"bad\""), std::string::npos) << message;
  EXPECT_NE(message.find("deep[1].x"), std::string::npos) << message;
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(row("k"), Value(Object{{"a", 1}}));
  EXPECT_EQ(collection_->info().state.row_version, 1u);
  expect_in_order();
  EXPECT_EQ(commit(numbered(0, 3)).position.seq, 2u);
}

TEST_P(Apply, ATransactionThatFailedOnlyEnds) {
  Transaction transaction(collection_, {});
  std::string bad = Changes().insert("k", {{"a", Array{Undefined{}}}}).batch();
  std::string good = numbered(0, 1).batch();
  Status status = status_of([&] {
    transaction.add(as_bytes(bad));
    transaction.commit();
  });
  EXPECT_EQ(status, Status::kInvalidValue);
  EXPECT_EQ(status_of([&] { transaction.add(as_bytes(good)); }), Status::kWrongState);
  EXPECT_EQ(status_of([&] { transaction.commit(); }), Status::kWrongState);
}

TEST_P(Apply, ATransactionThatIsNotCommittedLeavesNothing) {
  {
    Transaction transaction(collection_, {});
    std::string batch = numbered(0, 10).batch();
    transaction.add(as_bytes(batch));
  }
  EXPECT_EQ(count(), 0u);
  EXPECT_EQ(commit(numbered(0, 1)).outcome, Outcome::kApplied);
}

TEST_P(Apply, ManyBatchesAreOneTransaction) {
  Transaction transaction(collection_, {});
  for (int i = 0; i < 10; ++i) {
    std::string batch = numbered(i * 10, i * 10 + 10).batch();
    transaction.add(as_bytes(batch));
  }
  CommitResult result = transaction.commit();
  EXPECT_EQ(result.inserted, 100u);
  EXPECT_EQ(result.position.row_version, 1u);
  EXPECT_EQ(status_of([&] { transaction.commit(); }), Status::kWrongState);
}

TEST_P(Apply, ADryRunReportsAndWritesNothing) {
  commit(Changes().insert("k", {{"a", 1}}).insert("l", {{"a", 1}}));
  TransactionOptions options;
  options.dry_run = options.report_keys = true;
  CommitResult result =
      commit(Changes().insert("k", {{"a", 2}}).insert("new", {}).remove("l"), options);
  EXPECT_EQ(result.inserted, 1u);
  EXPECT_EQ(result.updated, 1u);
  EXPECT_EQ(result.deleted, 1u);
  EXPECT_EQ(result.inserted_keys, std::vector<std::string>{encoded_key("new")});
  EXPECT_EQ(result.updated_keys, std::vector<std::string>{encoded_key("k")});
  EXPECT_EQ(result.deleted_keys, std::vector<std::string>{encoded_key("l")});
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(collection_->info().state.row_version, 1u);
}

TEST_P(Apply, UnchangedRowsAreNotWritten) {
  commit(numbered(0, 50));
  std::string before = state_of_storage(store());
  CommitResult result = commit(numbered(0, 50));
  EXPECT_EQ(result.outcome, Outcome::kUnchanged);
  EXPECT_EQ(result.unchanged, 50u);
  EXPECT_EQ(result.updated, 0u);
  EXPECT_TRUE(state_of_storage(store()) == before);
}

TEST_P(Apply, TruncateDropsRowsAndKeepsMetadata) {
  TransactionOptions options;
  options.metadata = {{"cursor", portable("c")}};
  commit(numbered(0, 20), options);
  options = {};
  options.truncate = true;
  CommitResult result = commit(Changes().insert("k3", {{"a", 1}}), options);
  EXPECT_EQ(result.deleted, 20u);
  EXPECT_EQ(result.inserted, 1u);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(collection_->metadata().entries.size(), 1u);
  EXPECT_TRUE(delta(collection_, 1).head.reload);
  EXPECT_FALSE(delta(collection_, 2).head.reload);
  expect_in_order();
}

TEST_P(Apply, RowMetadataChangesOnlyWhenAsked) {
  commit(Changes().add(with_metadata(plain_row("k", {{"a", 1}}), "m")));
  EXPECT_EQ(metadata_of("k"), Value("m"));
  commit(Changes().insert("k", {{"a", 2}}).update("k", {{"b", 1}}));
  EXPECT_EQ(metadata_of("k"), Value("m"));
  commit(Changes().touch("k", Object{{"x", Array{1}}}));
  EXPECT_EQ(metadata_of("k"), Value(Object{{"x", Array{1}}}));
  EXPECT_EQ(row("k"), Value(Object{{"a", 2}, {"b", 1}}));
  commit(Changes().touch("k", nullptr));
  EXPECT_EQ(metadata_of("k"), Value(Undefined{}));
  expect_in_order();
}

TEST_P(Apply, RowMetadataGoesWithTheRow) {
  commit(Changes().add(with_metadata(plain_row("k", {{"a", 1}}), "m")));
  commit(Changes().remove("k").insert("k", {{"a", 1}}));
  EXPECT_EQ(metadata_of("k"), Value(Undefined{}));
}

TEST_P(Apply, MetadataOfAnAbsentRowDoesNothing) {
  CommitResult result = commit(Changes().touch("missing", "m"));
  EXPECT_EQ(result.outcome, Outcome::kUnchanged);
  EXPECT_EQ(row("missing"), Value(nullptr));
  EXPECT_EQ(count(), 0u);
}

TEST_P(Apply, CollectionMetadataChangesInTheSameTransaction) {
  TransactionOptions options;
  options.metadata = {{"b", portable(1)}, {"a", portable(Object{{"x", 1}})}};
  commit(Changes(), options);
  MetadataReport report = collection_->metadata();
  ASSERT_EQ(report.entries.size(), 2u);
  EXPECT_EQ(report.entries[0].key, "a");
  EXPECT_EQ(from_portable(*report.entries[0].value), Value(Object{{"x", 1}}));
  EXPECT_EQ(report.position.row_version, 1u);
  options.metadata = {{"b", std::nullopt}, {"missing", std::nullopt}};
  EXPECT_EQ(commit(Changes(), options).outcome, Outcome::kApplied);
  EXPECT_EQ(commit(Changes(), options).outcome, Outcome::kUnchanged);
  EXPECT_EQ(collection_->metadata().entries.size(), 1u);
  BatchRow bad = plain_row("bad", {{"a", Array{Undefined{}}}});
  options.metadata = {{"c", portable(1)}};
  EXPECT_EQ(status_of([&] { commit(Changes().add(bad), options); }), Status::kInvalidValue);
  EXPECT_EQ(collection_->metadata().entries.size(), 1u);
}

TEST_P(Apply, MetadataThatIsNoValueIsRefused) {
  TransactionOptions options;
  for (const char* digits : {"", "ff", "0d0100dcc208b21e00", "03", "2020"}) {
    options.metadata = {{"m", from_hex(digits)}};
    EXPECT_NE(status_of([&] { commit(Changes(), options); }), Status::kOk) << digits;
  }
  EXPECT_TRUE(collection_->metadata().entries.empty());
}

TEST_P(Apply, ARowAboveTheLimitIsTooLargeAndNothingIsWritten) {
  Changes changes = numbered(0, 3);
  changes.insert("large", {{"a", std::string(kMaxRowBytes, 'x')}});
  EXPECT_EQ(status_of([&] { commit(changes); }), Status::kTooLarge);
  EXPECT_EQ(count(), 0u);
}

TEST_P(Apply, ASingleRowWithoutABatch) {
  std::string key = portable("k"), value = portable(Object{{"a", 1}});
  Bytes value_bytes = as_bytes(value);
  Transaction put(collection_, {});
  put.put(as_bytes(key), &value_bytes);
  EXPECT_EQ(put.commit().inserted, 1u);
  EXPECT_EQ(row("k"), Value(Object{{"a", 1}}));
  Transaction remove(collection_, {});
  remove.put(as_bytes(key), nullptr);
  EXPECT_EQ(remove.commit().deleted, 1u);
  EXPECT_EQ(row("k"), Value(nullptr));
}

TEST_P(Apply, SingleRowsThatCannotBeAreRefused) {
  auto put = [&](const std::string& key, const std::string& value) {
    Transaction transaction(collection_, {});
    Bytes bytes = as_bytes(value);
    transaction.put(as_bytes(key), &bytes);
    transaction.commit();
  };
  std::string row = portable(Object{{"a", 1}});
  EXPECT_EQ(status_of([&] { put(portable(true), row); }), Status::kInvalidValue);
  EXPECT_EQ(status_of([&] { put(portable("k"), portable(1)); }), Status::kInvalidValue);
  EXPECT_EQ(message_of([&] {
              put(portable("k"), portable(Object{{"a", Array{Undefined{}}}}));
            }).substr(0, 15),
            "key \"k\": a[0]: ");
  EXPECT_NE(status_of([&] { put(from_hex("ff"), row); }), Status::kOk);
  EXPECT_NE(status_of([&] { put(portable("k"), from_hex("1501")); }), Status::kOk);
  EXPECT_EQ(count(), 0u);
}

}  // namespace
}  // namespace cairn::unit
