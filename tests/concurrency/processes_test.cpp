// Several processes on one file: opening, writing, waiting, and what the others do to a collection.
#include "fixture.h"
#include "golden.h"

namespace cairn::testing {
namespace {

using ProcessesTest = ConcurrencyTest;

TEST_F(ProcessesTest, TwoOpenANewDatabaseAtTheSameMoment) {
  for (int round = 0; round < 100; round++) {
    const std::string file = path("db" + std::to_string(round));
    Process first({"open", file, "c", "first"});
    Process second({"open", file, "c", "second"});
    first.wait_until_ready();
    second.wait_until_ready();
    first.go();
    second.go();
    ASSERT_EQ(first.wait(), 0) << "round " << round;
    ASSERT_EQ(second.wait(), 0) << "round " << round;
    const DatabasePtr database = open_database(file);
    ASSERT_EQ(rows_in(open_collection(database.get(), "c").get()), 2u);
    ASSERT_TRUE(is_in_order(database.get()));
  }
}

TEST_F(ProcessesTest, ManyOpenANewDatabaseAtTheSameMoment) {
  std::vector<std::unique_ptr<Process>> all;
  for (int i = 0; i < 8; i++) {
    const std::string key = "k" + std::to_string(i);
    all.push_back(std::make_unique<Process>(std::vector<std::string>{"open", path(), "c", key}));
  }
  for (const auto& process : all) process->wait_until_ready();
  for (const auto& process : all) process->go();
  for (const auto& process : all) EXPECT_EQ(process->wait(), 0);
  const DatabasePtr database = open_database(path());
  EXPECT_EQ(rows_in(open_collection(database.get(), "c").get()), 8u);
}

TEST_F(ProcessesTest, TwoUpgradeADatabaseAtTheSameMoment) {
  for (int round = 0; round < 30; round++) {
    const std::string file = path("db" + std::to_string(round));
    make_format1(file);
    Process first({"open", file, "c", "first"});
    Process second({"open", file, "c", "second"});
    first.wait_until_ready();
    second.wait_until_ready();
    first.go();
    second.go();
    ASSERT_EQ(first.wait(), 0) << "round " << round;
    ASSERT_EQ(second.wait(), 0) << "round " << round;
    const DatabasePtr database = open_database(file);
    ASSERT_EQ(rows_in(open_collection(database.get(), "c").get()), 2u);
    ASSERT_EQ(rows_in(open_collection(database.get(), "places").get()), 7u);
    ASSERT_TRUE(is_in_order(database.get()));
  }
}

TEST_F(ProcessesTest, NoWriteIsLost) {
  constexpr int kProcesses = 4;
  constexpr int kRows = 50;
  const DatabasePtr database = open_database(path(), R"({"busy_timeout_ms": 600000})");
  const CollectionPtr collection = open_collection(database.get(), "c");
  std::vector<std::unique_ptr<Process>> all;
  for (int i = 0; i < kProcesses; i++) {
    all.push_back(std::make_unique<Process>(std::vector<std::string>{
        "write", path(), "c", "p" + std::to_string(i) + "-", std::to_string(kRows)}));
  }
  for (const auto& process : all) process->wait_until_ready();
  for (const auto& process : all) process->go();
  for (int i = 0; i < kRows; i++) put(collection.get(), "here" + std::to_string(i), {{"n", i}});
  for (const auto& process : all) EXPECT_EQ(process->wait(), 0);
  const Json info = info_of(collection.get());
  EXPECT_EQ(info.at("rows"), (kProcesses + 1) * kRows);
  EXPECT_EQ(info.at("position").at("row_version"), (kProcesses + 1) * kRows);
  EXPECT_EQ(all_rows(collection.get()).size(), size_t{(kProcesses + 1) * kRows});
  EXPECT_TRUE(is_in_order(database.get()));
}

TEST_F(ProcessesTest, AWriterWaitsNoLongerThanItIsTold) {
  const DatabasePtr database = open_database(path(), R"({"busy_timeout_ms": 20})");
  const CollectionPtr collection = open_collection(database.get(), "c");
  put(collection.get(), "before", Json::object());
  Process holder({"hold", path(), "c"});
  holder.wait_until_ready();
  EXPECT_EQ(status_of([&] { put(collection.get(), "k", Json::object()); }), CAIRN_BUSY);
  EXPECT_EQ(status_of([&] { write_batch(collection.get(), BatchWriter().finish()); }), CAIRN_BUSY);
  EXPECT_EQ(all_rows(collection.get()).size(), 1u) << "readers do not wait";
  holder.go();
  EXPECT_EQ(holder.wait(), 0);
  put(collection.get(), "k", Json::object());
  EXPECT_EQ(rows_in(collection.get()), 2u);
}

TEST_F(ProcessesTest, AWriterThatWaitsGetsItsTurn) {
  const DatabasePtr database = open_database(path(), R"({"busy_timeout_ms": 600000})");
  const CollectionPtr collection = open_collection(database.get(), "c");
  Process holder({"hold", path(), "c"});
  holder.wait_until_ready();
  Threads threads;
  threads.start([&] { put(collection.get(), "k", Json::object()); });
  holder.go();
  EXPECT_EQ(holder.wait(), 0);
  threads.join();
  EXPECT_EQ(rows_in(collection.get()), 1u);
}

TEST_F(ProcessesTest, ACursorKeepsItsSnapshotWhileOthersWrite) {
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c");
  for (int i = 0; i < 30; i++) put(collection.get(), i, {{"n", i}});
  const CursorPtr cursor = open_cursor(collection.get(), R"({"batch_rows": 10})");
  std::vector<Json> lines;
  ASSERT_TRUE(next_lines(cursor.get(), &lines));
  ASSERT_EQ(Process::run({"write", path(), "c", "other", "20"}), 0);
  ASSERT_EQ(Process::run({"reset", path(), "c"}), 0);
  ASSERT_EQ(Process::run({"drop", path(), "c"}), 0);
  while (next_lines(cursor.get(), &lines)) {
  }
  ASSERT_EQ(lines.size(), 30u);
  for (int i = 0; i < 30; i++) EXPECT_EQ(lines[i].at("value").at("n"), i);
}

TEST_F(ProcessesTest, ADropByAnotherProcessIsNoticed) {
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c");
  put(collection.get(), "k", Json::object());
  ASSERT_EQ(Process::run({"drop", path(), "c"}), 0);
  EXPECT_EQ(status_of([&] { info_of(collection.get()); }), CAIRN_DROPPED);
  EXPECT_EQ(status_of([&] { put(collection.get(), "k", Json::object()); }), CAIRN_DROPPED);
  EXPECT_EQ(status_of([&] { all_rows(collection.get()); }), CAIRN_DROPPED);
  // Another collection of that name is not the one that was open.
  ASSERT_EQ(Process::run({"open", path(), "c", "new"}), 0);
  EXPECT_EQ(status_of([&] { put(collection.get(), "k", Json::object()); }), CAIRN_DROPPED);
  const CollectionPtr again = open_collection(database.get(), "c");
  EXPECT_EQ(rows_in(again.get()), 1u);
}

TEST_F(ProcessesTest, AResetByAnotherProcessIsNoticed) {
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c");
  put(collection.get(), "k", Json::object());
  const Json before = info_of(collection.get()).at("position");
  ASSERT_EQ(Process::run({"reset", path(), "c"}), 0);
  EXPECT_TRUE(all_rows(collection.get()).empty());
  const Json after = info_of(collection.get()).at("position");
  EXPECT_GT(after.value("reset_epoch", 0), before.value("reset_epoch", 0));
  EXPECT_EQ(put(collection.get(), "new", Json::object()), 1u);
}

TEST_F(ProcessesTest, AnotherSchemaVersionByAnotherProcessIsNoticed) {
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c");
  put(collection.get(), "k", Json::object());
  ASSERT_EQ(Process::run({"upgrade", path(), "c", "2"}), 0);
  EXPECT_EQ(status_of([&] { put(collection.get(), "k", Json::object()); }), CAIRN_SCHEMA_MISMATCH);
  const CollectionPtr newer = open_collection(database.get(), "c", R"({"schema_version": 2})");
  EXPECT_EQ(rows_in(newer.get()), 0u);
}

TEST_F(ProcessesTest, WhatOthersWroteIsReadAtOnce) {
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c");
  for (int round = 1; round <= 5; round++) {
    const std::string prefix = "r" + std::to_string(round) + "-";
    ASSERT_EQ(Process::run({"write", path(), "c", prefix, "3"}), 0);
    EXPECT_EQ(rows_in(collection.get()), uint64_t(3 * round + (round > 1)));
    EXPECT_EQ(put(collection.get(), "own", {{"round", round}}), uint64_t(4 * round));
    EXPECT_EQ(all_rows(collection.get()).size(), size_t(3 * round + 1));
  }
}

}  // namespace
}  // namespace cairn::testing
