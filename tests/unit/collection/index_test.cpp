// Indexes are kept in step with their rows, whatever writes these, and check finds where they are
// not.
#include <gtest/gtest.h>

#include "core/query/expression_text.h"
#include "support/collections.h"

namespace cairn::unit {
namespace {

class Indexes : public CollectionTest {
 protected:
  Indexes() : collection_(open()) {}

  static IndexRequest over_a_and_b() {
    IndexRequest request;
    request.signature = "a b";
    for (const char* name : {"a", "b"})
      request.definition.expressions.push_back(
          parse_expression_text(R"({"type":"ref","path":[")" + std::string(name) + R"("]})"));
    return request;
  }

  static IndexRequest over_some() {
    IndexRequest request;
    request.signature = "some";
    request.definition.expressions.push_back(parse_expression_text(
        R"({"type":"func","name":"lower","args":[{"type":"ref","path":["b"]}]})"));
    request.definition.where = parse_expression_text(
        R"({"type":"func","name":"gt","args":[{"type":"ref","path":["a"]},{"type":"val","value":2}]})");
    return request;
  }

  static Object random_row(Random& random) {
    Object row;
    if (random.chance(80)) row.push_back({"a", static_cast<double>(random.below(6))});
    if (random.chance(80)) row.push_back({"b", "Text" + std::to_string(random.below(5))});
    if (random.chance(20)) row.push_back({"b2", nullptr});
    return row;
  }

  static Changes random_changes(Random& random, bool inserts_only) {
    Changes changes;
    for (size_t i = 0; i < 30; ++i) {
      std::string key = "k" + std::to_string(inserts_only ? i : random.below(60));
      if (inserts_only || random.chance(50)) {
        changes.insert(key, random_row(random));
      } else if (random.chance(60)) {
        changes.update(key, random_row(random));
      } else {
        changes.remove(key);
      }
    }
    return changes;
  }

  IndexState state_of(const std::string& signature) {
    for (const IndexInfo& index : collection_->info().indexes)
      if (index.signature == signature) return index.state;
    ADD_FAILURE() << "there is no index " << signature;
    return {};
  }

  // The number of tables that hold entries.
  int64_t tables() { return static_cast<int64_t>(collection_->info().indexes.size()); }

  std::shared_ptr<Collection> collection_;
};
CAIRN_OVER_ALL_STORES(Indexes);

TEST_P(Indexes, AreInStepWithWhateverIsWritten) {
  Random random(401);
  collection_->ensure_index(over_a_and_b());
  collection_->ensure_index(over_some());
  for (int round = 0; round < 40; ++round) {
    TransactionOptions options;
    bool snapshot = random.chance(20);
    if (snapshot) options.mode = TransactionMode::kReconcile;
    options.truncate = !snapshot && random.chance(10);
    options.replace = random.chance(30);
    options.dry_run = random.chance(10);
    apply(collection_, random_changes(random, snapshot), options);
    if (random.chance(5)) collection_->reset();
    expect_in_order();
    ASSERT_EQ(state_of("a b").entries, collection_->info().state.rows);
  }
}

TEST_P(Indexes, AreMadeInChunksWhileOthersWrite) {
  Random random(402);
  apply(collection_, numbered(0, 500));
  IndexRequest request = over_a_and_b();
  request.max_rows = 90;
  uint64_t calls = 1;
  for (; !collection_->ensure_index(request).state.ready; ++calls) {
    apply(collection_, random_changes(random, false));
    apply(collection_, numbered(static_cast<int>(100 * calls), static_cast<int>(100 * calls) + 5));
    expect_in_order();
  }
  EXPECT_GT(calls, 4u);
  expect_in_order();
}

TEST_P(Indexes, OfTheSameDefinitionAreNotMadeAgain) {
  apply(collection_, numbered(0, 10));
  collection_->ensure_index(over_a_and_b());
  uint64_t before = collection_->info().state.row_version;
  EXPECT_EQ(collection_->ensure_index(over_a_and_b()).state.entries, 10u);
  IndexRequest other = over_some();
  other.signature = "a b";
  EXPECT_EQ(collection_->ensure_index(other).state.entries, 0u);
  EXPECT_EQ(tables(), 1);
  EXPECT_EQ(collection_->info().state.row_version, before) << "rows are as they were";
  expect_in_order();
}

TEST_P(Indexes, GoWithTheirCollection) {
  apply(collection_, numbered(0, 10));
  collection_->ensure_index(over_a_and_b());
  collection_->ensure_index(over_some());
  collection_->remove_index("some");
  EXPECT_EQ(status_of([&] { collection_->remove_index("some"); }), Status::kNotFound);
  EXPECT_EQ(tables(), 1);
  database_->drop("c");
  EXPECT_EQ(status_of([&] { collection_->ensure_index(over_some()); }), Status::kDropped);
  collection_ = open();
  EXPECT_EQ(tables(), 0);
  apply(collection_, numbered(0, 3));
  collection_->ensure_index(over_a_and_b());
  expect_in_order();
}

TEST_P(Indexes, ThatLackAnEntryAreFound) {
  apply(collection_, numbered(0, 10));
  collection_->ensure_index(over_a_and_b());
  database_->write([](Connection& connection) {
    connection.execute("DELETE FROM cairn_index_1 WHERE row = 4");
  });
  CheckReport report = database_->check({});
  EXPECT_EQ(report.problem_count, 2u) << "the row, and the number of entries";
  collection_->remove_index("a b");
  collection_->ensure_index(over_a_and_b());
  expect_in_order();
}

TEST_P(Indexes, HaveBounds) {
  IndexRequest request = over_a_and_b();
  request.signature.clear();
  EXPECT_EQ(status_of([&] { collection_->ensure_index(request); }), Status::kInvalidArgument);
  for (int i = 0; i < 64; ++i) {
    request.signature = "index " + std::to_string(i);
    collection_->ensure_index(request);
  }
  request.signature = "one more";
  EXPECT_EQ(status_of([&] { collection_->ensure_index(request); }), Status::kTooLarge);
  apply(collection_, numbered(0, 10));
  expect_in_order();
}

}  // namespace
}  // namespace cairn::unit
