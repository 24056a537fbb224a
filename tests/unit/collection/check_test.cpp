// The check finds what is wrong in a file that was damaged behind the engine's back, and says
// where.
#include <gtest/gtest.h>

#include <filesystem>

#include "support/collections.h"

namespace cairn::unit {
namespace {

class Check : public CollectionTest {
 protected:
  Check() : collection_(open()) { apply(collection_, numbered(0, 30)); }

  // Damages, and gives what is found then.
  CheckReport after(const std::function<void(RawDatabase&)>& damage) {
    behind(store(), damage);
    return database_->check({});
  }
  static CheckReport only(CheckReport report, size_t count = 1) {
    EXPECT_EQ(report.problem_count, count);
    for (const Problem& problem : report.problems) EXPECT_NE(problem.message, "");
    if (report.problems.empty()) report.problems.push_back({});
    return report;
  }

  // One statement of damage.
  static std::function<void(RawDatabase&)> run(const std::string& sql,
                                               const std::string& blob = "") {
    return [=](RawDatabase& raw) { raw.run(sql, blob); };
  }

  std::shared_ptr<Collection> collection_;
};
CAIRN_OVER_ALL_STORES(Check);

TEST_P(Check, FindsNothingInADatabaseThatIsInOrder) {
  open("empty");
  CheckReport report = database_->check({});
  EXPECT_EQ(report.problem_count, 0u);
  EXPECT_EQ(report.rows, 30u);
  EXPECT_EQ(report.pages_checked, is_file());
  CheckOptions options;
  options.pages = false;
  EXPECT_FALSE(database_->check(options).pages_checked);
}

TEST_P(Check, FindsEveryFlippedByteOfARow) {
  std::string row;
  behind(store(),
         [&](RawDatabase& raw) { row = raw.blob("SELECT value FROM cairn_rows_1 WHERE id = 8"); });
  for (size_t i = 0; i < row.size(); ++i) {
    std::string copy = row;
    copy[i] = static_cast<char>(copy[i] ^ 0x10);
    CheckReport report = only(after(run("UPDATE cairn_rows_1 SET value = ?1 WHERE id = 8", copy)));
    EXPECT_EQ(report.problems[0].collection, "c");
    EXPECT_EQ(report.problems[0].key, encoded_key("k7"));
    EXPECT_EQ(report.rows, 30u) << "the other rows are checked all the same";
  }
  only(after(run("UPDATE cairn_rows_1 SET value = ?1 WHERE id = 8", row)), 0);
}

TEST_P(Check, FindsRowsThatAreNone) {
  for (const std::string& value : {std::string(), std::string(9, '\0'), std::string(500, '\xff')})
    only(after(run("UPDATE cairn_rows_1 SET value = ?1 WHERE id = 8", value)));
}

TEST_P(Check, FindsAWrongCount) {
  CheckReport report = only(after(run("DELETE FROM cairn_rows_1 WHERE id = 8")));
  EXPECT_EQ(report.problems[0].collection, "c");
  EXPECT_NE(report.problems[0].message.find("29"), std::string::npos) << report.problems[0].message;
  EXPECT_NE(report.problems[0].message.find("30"), std::string::npos) << report.problems[0].message;
}

TEST_P(Check, FindsAMissingShape) {
  reopen();  // shapes that are known already are not missed
  if (in_memory()) GTEST_SKIP() << "memory knows its shapes";
  only(after(run("DELETE FROM cairn_shapes")), 30);
}

TEST_P(Check, FindsAShapeWithOtherNames) {
  if (in_memory()) GTEST_SKIP() << "memory knows its shapes";
  reopen();
  only(after(run("UPDATE cairn_shapes SET names = ?1", from_hex("01016d"))), 30);
}

TEST_P(Check, FindsKeysThatAreNone) {
  for (const char* digits : {"", "05", "02ff", "0400"}) {
    CheckReport report =
        only(after(run("UPDATE cairn_rows_1 SET key = ?1 WHERE id = 8", from_hex(digits))));
    EXPECT_EQ(report.problems[0].key, from_hex(digits));
  }
}

TEST_P(Check, FindsMetadataThatIsNoValue) {
  only(after(run("UPDATE cairn_rows_1 SET metadata = ?1 WHERE id = 8", "\xff")));
  only(after(run("UPDATE cairn_rows_1 SET metadata = ?1 WHERE id = 8", portable("fine"))), 0);
}

TEST_P(Check, FindsNumbersAndVersionsBeyondTheCollections) {
  only(after(run("UPDATE cairn_rows_1 SET version = 99 WHERE id = 8")));
  only(after(run("UPDATE cairn_rows_1 SET version = 1, id = 99 WHERE id = 8")));
}

TEST_P(Check, FindsADamagedLog) {
  only(after(run("UPDATE cairn_log_1 SET entry = ?1 WHERE version = 1", "\x01\x00\x7f")));
}

TEST_P(Check, FindsADamagedState) {
  only(after(run("UPDATE cairn_log_1 SET state = ?1 WHERE version = 1", "\x01")));
}

TEST_P(Check, FindsAnEmptyLog) { only(after(run("DELETE FROM cairn_log_1"))); }

TEST_P(Check, FindsALogThatLacksARow) {
  apply(collection_, numbered(30, 31));
  only(after(run("DELETE FROM cairn_log_1 WHERE version = 1")));
}

TEST_P(Check, TellsNoMoreProblemsThanAskedForAndCountsAll) {
  behind(store(), run("UPDATE cairn_rows_1 SET value = x'00'"));
  CheckOptions options;
  options.max_problems = 7;
  CheckReport report = database_->check(options);
  EXPECT_EQ(report.problems.size(), 7u);
  EXPECT_EQ(report.problem_count, 30u);
}

TEST_P(Check, OfOneCollectionLooksAtThatAlone) {
  apply(open("other"), numbered(0, 5));
  behind(store(), run("UPDATE cairn_rows_1 SET value = x'00'"));
  CheckOptions options;
  options.collection = "other";
  CheckReport report = database_->check(options);
  EXPECT_EQ(report.problem_count, 0u);
  EXPECT_EQ(report.rows, 5u);
  options.collection = "missing";
  EXPECT_EQ(status_of([&] { database_->check(options); }), Status::kNotFound);
}

TEST_P(Check, ReadingWhatIsDamagedIsAnError) {
  behind(store(), run("UPDATE cairn_rows_1 SET value = x'00' WHERE id = 8"));
  EXPECT_EQ(status_of([&] { load(collection_); }), Status::kCorrupt);
  EXPECT_EQ(status_of([&] { row(collection_, "k7"); }), Status::kCorrupt);
  EXPECT_EQ(row(collection_, "k8"), Value(Object{{"n", 8}}));
  EXPECT_EQ(status_of([&] {
              apply(collection_, Changes().update("k7", {{"a", 1}}));
            }),
            Status::kCorrupt);
  // Replacing it mends it.
  apply(collection_, Changes().insert("k7", {{"n", 7}}));
  expect_in_order();
}

TEST_P(Check, WritingAgainstADamagedCounterIsCorrupt) {
  // The next new row gets a number that a row has.
  behind(store(), run("UPDATE cairn_rows_1 SET id = 31 WHERE id = 8"));
  EXPECT_EQ(status_of([&] { apply(collection_, numbered(40, 41)); }), Status::kCorrupt);
}

// Bytes changed anywhere in the file of a real collection: errors and problems, never a crash.
TEST_P(Check, DamageAnywhereInTheFileIsAnErrorOrFound) {
  if (!is_file()) GTEST_SKIP() << "a file of its own";
  RandomValues random(341);
  Changes changes;
  for (int i = 0; i < 150; ++i) changes.insert(random.key(), random.object(3));
  apply(collection_, changes);
  collection_.reset();
  database_.reset();
  std::string whole = read_bytes(path());
  int noticed = 0;
  for (int i = 0; i < 200; ++i) {
    std::string copy = whole;
    for (size_t left = 1 + random.random().below(4); left > 0; --left)
      copy[random.random().below(copy.size())] = static_cast<char>(random.random().next());
    write_bytes(path(), copy);
    Status status = status_of([&] {
      database_ = open_database();
      if (database_->check({}).problem_count != 0) ++noticed;
      auto collection = open();
      load(collection);
      delta(collection, 0);
      database_->digest();
      apply(collection, numbered(0, 3));
    });
    noticed += status != Status::kOk;
    EXPECT_NE(status, Status::kInternal);
    database_.reset();
    for (const char* journal : {"-wal", "-shm"}) std::filesystem::remove(path() + journal);
  }
  EXPECT_GT(noticed, 50);
}

}  // namespace
}  // namespace cairn::unit
