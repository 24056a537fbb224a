// Indexes: kept in step with the rows whatever changes them, built beside writers, and gone with
// all that they had.
#include <gtest/gtest.h>

#include "support/queries.h"

namespace cairn::unit {
namespace {

constexpr const char* kTablesOfIndexes =
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name GLOB 'cairn_index_[0-9]*'";

class Indexes : public QueryTest {
 protected:
  void ensure_all() {
    ensure("n", {"n"});
    ensure("gn", {"g", "n"});
    ensure("t", {"lower(t)"});
    ensure("part", {"n"}, "eq(g, 1)");
  }

  // Queries that look the indexes up, and read them in order.
  static std::vector<LoadRequest> queries() {
    std::vector<LoadRequest> queries;
    for (const char* where : {"eq(n, 3)", "gt(n, 36)", "lt(n, 2)", "in(n, [1, 5, 39, \"7\"])",
                              "and(eq(g, 1), gt(n, 30))", "or(eq(n, 4), eq(lower(t), \"a3\"))",
                              "like(lower(t), \"a1%\")", "eq(lower(t), \"b\")", "isNull(n)",
                              "and(eq(g, 1), eq(n, 11))"})
      queries.push_back(query(where));
    for (const char* order : {"n", "-n", "!n", "lower(t)", "-lower(t)"})
      queries.push_back(query("", {order}, 7));
    queries.push_back(query("eq(g, 1)", {"n"}, 3));
    queries.push_back(query("", {"g", "n"}, 9));
    return queries;
  }

  // How many of the queries used an index.
  size_t expect_in_step() {
    size_t used = 0;
    for (const LoadRequest& request : queries()) {
      QueryReport report = same(request).report;
      used += report.access == fb::Access::Index;
    }
    EXPECT_EQ(rows(indexed_), rows(plain_));
    expect_in_order();
    return used;
  }

  // A value that is mostly a number, else something that is compared in another way.
  static Value scalar(Random& random) {
    if (random.chance(80)) return static_cast<int>(random.below(40));
    switch (random.below(6)) {
      case 0:
        return nullptr;
      case 1:
        return Undefined{};
      case 2:
        return Value(std::to_string(random.below(40)));
      case 3:
        return Date{static_cast<int64_t>(random.below(40))};
      case 4:
        return Array{static_cast<int>(random.below(40))};
      default:
        return BigInt{random.chance(50), {static_cast<uint8_t>(1 + random.below(39))}};
    }
  }

  static Object line(Random& random) {
    Object object;
    if (random.chance(90)) object.emplace_back("n", scalar(random));
    if (random.chance(90)) object.emplace_back("g", static_cast<int>(random.below(4)));
    if (random.chance(90))
      object.emplace_back(
          "t", Value((random.chance(50) ? "A" : "a") + std::to_string(random.below(40))));
    return object;
  }

  static Value key(Random& random) {
    int number = static_cast<int>(random.below(300));
    return number % 7 == 0 ? Value(number) : Value("k" + std::to_string(number));
  }

  static Changes lines(Random& random, size_t count) {
    Changes changes;
    for (size_t i = 0; i < count; ++i) changes.insert(key(random), line(random));
    return changes;
  }

  // Inserts, merges and deletions.
  static Changes mixture(Random& random, size_t count) {
    Changes changes;
    for (size_t i = 0; i < count; ++i) {
      if (random.chance(30))
        changes.remove(key(random));
      else if (random.chance(50))
        changes.insert(key(random), line(random));
      else
        changes.insert(key(random), {{"n", scalar(random)}});
    }
    return changes;
  }

  void change(Random& random) {
    TransactionOptions options;
    size_t kind = random.below(10);
    if (kind == 0) options.mode = TransactionMode::kReconcile;
    if (kind == 1) options.truncate = true;
    if (kind == 2 || kind == 3) options.replace = true;
    if (kind > 1) return apply_to_both(mixture(random, 40), options);
    apply_to_both(lines(random, 250), options);
  }

  int64_t tables() {
    int64_t count = 0;
    behind(store(), [&](RawDatabase& raw) { count = raw.integer(kTablesOfIndexes); });
    return count;
  }
};
CAIRN_OVER_ALL_STORES(Indexes);

TEST_P(Indexes, StayInStepWithEveryChange) {
  // A host's store takes its time.
  const int changes = GetParam() == Kind::kHost ? 8 : 25;
  for (uint64_t seed : {1, 2, 3}) {
    Random random(seed);
    indexed_->reset();
    plain_->reset();
    ensure_all();
    apply_to_both(lines(random, 400));
    EXPECT_GT(expect_in_step(), 8u);
    for (int i = 0; i < changes; ++i) {
      change(random);
      expect_in_step();
      if (HasFailure()) FAIL() << "seed " << seed << ", change " << i;
    }
  }
}

TEST_P(Indexes, TakeInTheRowsThatAreThere) {
  Random random(4);
  for (int i = 0; i < 5; ++i) apply_to_both(mixture(random, 200));
  ensure_all();
  EXPECT_GT(expect_in_step(), 5u);
  for (const IndexInfo& index : indexed_->info().indexes) {
    EXPECT_TRUE(index.state.ready);
    EXPECT_EQ(index.rows, rows(plain_).size());
    EXPECT_EQ(index.state.rows, index.rows);
    EXPECT_EQ(index.state.undetermined, 0u);
    EXPECT_EQ(index.state.entries == index.rows, index.signature != "part");
  }
}

TEST_P(Indexes, StayInStepWhereARowChangesTwiceInATransaction) {
  ensure_all();
  apply_to_both(numbered(0, 100));
  apply_to_both(Changes()
                    .insert("k1", {{"n", 500}})
                    .insert("k1", {{"n", 3}})
                    .remove("k2")
                    .insert("k2", {{"n", 2}})
                    .insert("new", {{"n", 4}})
                    .remove("new")
                    .insert("k4", {{"n", 5}})
                    .insert("k4", {{"n", 4}}));
  expect_in_step();
  EXPECT_EQ(same(query("eq(n, 3)")).report.entries_read, 2u);
}

TEST_P(Indexes, ATransactionThatFailsLeavesThem) {
  ensure_all();
  apply_to_both(numbered(0, 100));
  {
    Transaction transaction(indexed_, {});
    std::string batch = numbered(50, 200).batch();
    transaction.add(as_bytes(batch));
  }
  expect_in_step();
  EXPECT_EQ(indexed_->info().indexes[0].state.entries, 100u);
  TransactionOptions dry;
  dry.dry_run = true;
  apply(indexed_, numbered(50, 200), dry);
  expect_in_step();
}

TEST_P(Indexes, ResetAndTruncateLeaveNoEntries) {
  ensure_all();
  apply_to_both(numbered(0, 100));
  TransactionOptions truncate;
  truncate.truncate = true;
  apply_to_both({}, truncate);
  EXPECT_EQ(same(query("eq(n, 3)")).rows.size(), 0u);
  for (const IndexInfo& index : indexed_->info().indexes) EXPECT_EQ(index.state.entries, 0u);
  apply_to_both(numbered(0, 100));
  expect_in_step();
  indexed_->reset();
  plain_->reset();
  for (const IndexInfo& index : indexed_->info().indexes) EXPECT_EQ(index.state.entries, 0u);
  apply_to_both(numbered(50, 150));
  expect_in_step();
}

TEST_P(Indexes, CheckFindsEveryEntryThatIsWrong) {
  apply_to_both(numbered(0, 50));
  const std::string last = "(SELECT max(entry) FROM cairn_index_#)";
  for (std::string damage :
       {"DELETE FROM cairn_index_# WHERE entry = " + last,
        "UPDATE cairn_index_# SET row = 1000 WHERE entry = " + last,
        std::string("UPDATE cairn_index_# SET row = 7 WHERE row = 8"),
        std::string("UPDATE cairn_index_# SET entry = x'060000' WHERE row = 9"),
        std::string("INSERT INTO cairn_index_# (entry, row) VALUES (x'02', 4)")}) {
    ensure("n", {"n"});
    behind(store(), [&](RawDatabase& raw) {
      int64_t index = raw.integer("SELECT max(id) FROM cairn_indexes");
      for (size_t at; (at = damage.find('#')) != std::string::npos;)
        damage.replace(at, 1, std::to_string(index));
      raw.run(damage);
    });
    CheckReport report = database_->check({});
    EXPECT_GT(report.problem_count, 0u) << damage;
    for (const Problem& problem : report.problems) EXPECT_EQ(problem.collection, "indexed");
    indexed_->remove_index("n");
    ensure("n", {"n"});
    expect_in_step();
    indexed_->remove_index("n");
  }
}

TEST_P(Indexes, AreBuiltInChunksBesideWriters) {
  Random random(5);
  apply_to_both(lines(random, 400));
  IndexInfo info = ensure("n", {"n"}, "", 10);
  EXPECT_FALSE(info.state.ready);
  EXPECT_EQ(info.state.rows, 10u);
  int calls = 1;
  for (; !info.state.ready && calls < 100; ++calls) {
    apply_to_both(mixture(random, 20));
    expect_in_order();
    EXPECT_EQ(same(query("eq(n, 3)")).report.indexes.size(), 0u);
    info = ensure("n", {"n"}, "", 10);
  }
  EXPECT_GT(calls, 10);
  EXPECT_LT(calls, 100);
  EXPECT_EQ(info.state.entries, rows(plain_).size());
  EXPECT_GT(expect_in_step(), 3u);
}

TEST_P(Indexes, ARebuiltCollectionDuringABuild) {
  apply_to_both(numbered(0, 100));
  ensure("n", {"n"}, "", 30);
  TransactionOptions reconcile;
  reconcile.mode = TransactionMode::kReconcile;
  apply_to_both(numbered(20, 150), reconcile);
  expect_in_order();
  TransactionOptions truncate;
  truncate.truncate = true;
  apply_to_both(numbered(40, 90), truncate);
  expect_in_order();
  EXPECT_TRUE(ensure("n", {"n"}).state.ready);
  EXPECT_EQ(indexed_->info().indexes[0].state.entries, 50u);
  expect_in_step();
}

TEST_P(Indexes, LargeCollectionsAreTakenInByAllChunks) {
  apply_to_both(numbered(0, 9000));
  IndexInfo info = ensure("n", {"n"});
  EXPECT_TRUE(info.state.ready);
  EXPECT_EQ(info.state.entries, 9000u);
  EXPECT_EQ(same(query("gte(n, 8990)")).report.entries_read, 10u);
  EXPECT_EQ(same(query("gte(n, 7500)")).report.entries_read, 1500u);
  expect_in_order();
}

TEST_P(Indexes, EnsuringAgainIsNoWork) {
  apply_to_both(numbered(0, 100));
  ensure("n", {"n"});
  store().maintain(10000);
  std::string before = state_of_storage(store());
  IndexInfo info = ensure("n", {"n"});
  EXPECT_TRUE(info.state.ready);
  EXPECT_EQ(info.state.entries, 100u);
  EXPECT_EQ(state_of_storage(store()), before);
  EXPECT_EQ(tables(), 1);
}

TEST_P(Indexes, AnotherDefinitionReplaces) {
  apply_to_both(Changes().insert("a", {{"n", 1}, {"g", 7}}).insert("b", {{"n", 7}, {"g", 1}}));
  apply_to_both(numbered(0, 50));
  ensure("one", {"n"});
  ensure("one", {"g"});
  ASSERT_EQ(indexed_->info().indexes.size(), 1u);
  EXPECT_EQ(indexed_->info().indexes[0].definition->written(), definition({"g"}).written());
  EXPECT_EQ(same(query("eq(g, 7)")).report.indexes, std::vector<std::string>{"one"});
  EXPECT_TRUE(same(query("eq(n, 7)")).report.indexes.empty());
  EXPECT_EQ(ensure("one", {"g"}, "eq(n, 1)").state.entries, 2u);
  EXPECT_EQ(tables(), 1);
  expect_in_order();
}

TEST_P(Indexes, WhatIsRemovedIsGone) {
  apply_to_both(numbered(0, 50));
  ensure_all();
  EXPECT_EQ(tables(), 4);
  indexed_->remove_index("n");
  EXPECT_EQ(tables(), 3);
  EXPECT_EQ(indexed_->info().indexes.size(), 3u);
  EXPECT_TRUE(same(query("eq(n, 3)")).report.indexes.empty());
  EXPECT_EQ(status_of([&] { indexed_->remove_index("n"); }), Status::kNotFound);
  expect_in_step();
  database_->drop("indexed");
  EXPECT_EQ(tables(), 0);
  EXPECT_EQ(status_of([&] { ensure("n", {"n"}); }), Status::kDropped);
  EXPECT_EQ(status_of([&] { indexed_->remove_index("t"); }), Status::kDropped);
  expect_in_order();
}

TEST_P(Indexes, RequestsThatMakeNoSense) {
  EXPECT_EQ(status_of([&] { ensure("", {"n"}); }), Status::kInvalidArgument);
  EXPECT_EQ(status_of([&] { ensure("\xff", {"n"}); }), Status::kInvalidArgument);
  EXPECT_EQ(status_of([&] { ensure("n", {}); }), Status::kInvalidArgument);
  std::vector<std::string> most(16, "n");
  EXPECT_TRUE(ensure("most", most).state.ready);
  most.emplace_back("n");
  EXPECT_EQ(status_of([&] { ensure("more", most); }), Status::kInvalidArgument);
  for (int i = 1; i < 64; ++i) ensure(std::to_string(i), {"n"});
  EXPECT_EQ(status_of([&] { ensure("more", {"n"}); }), Status::kTooLarge);
  EXPECT_TRUE(ensure("1", {"g"}).state.ready) << "one that is there is replaced";
}

TEST_P(Indexes, SurviveReopening) {
  if (in_memory()) GTEST_SKIP() << "memory is not opened again";
  Random random(6);
  apply_to_both(lines(random, 400));
  ensure_all();
  IndexInfo half = ensure("half", {"g"}, "", 50);
  reopen_both();
  ASSERT_EQ(indexed_->info().indexes.size(), 5u);
  EXPECT_GT(expect_in_step(), 8u);
  EXPECT_EQ(ensure("half", {"g"}, "", 1).state.rows, half.state.rows + 1);
  apply_to_both(mixture(random, 100));
  EXPECT_TRUE(ensure("half", {"g"}).state.ready);
  expect_in_step();
}

TEST_P(Indexes, AnotherHandleKeepsThemInStep) {
  if (in_memory()) GTEST_SKIP() << "memory has one handle";
  apply_to_both(numbered(0, 100));
  auto other = Collection::open(open_database(), "indexed", {});
  ensure("n", {"n"});
  apply(other, numbered(100, 120));
  apply(plain_, numbered(100, 120));
  EXPECT_EQ(same(query("eq(n, 110)")).report.entries_read, 1u);
  EXPECT_EQ(answer(other, query("eq(n, 110)")).report.entries_read, 1u);
  other->remove_index("n");
  EXPECT_TRUE(same(query("eq(n, 110)")).report.indexes.empty());
  expect_in_step();
}

}  // namespace
}  // namespace cairn::unit
