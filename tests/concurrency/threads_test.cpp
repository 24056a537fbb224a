// Several threads on one database: readers and a writer, interrupts, upkeep, closing, group commit.
// Meant to be run under the thread sanitizer too.
#include "fixture.h"

namespace cairn::testing {
namespace {

using ThreadsTest = ConcurrencyTest;

constexpr int kRows = 60;

// A batch that brings every row to one generation.
std::string generation(int number, size_t text_size = 0) {
  BatchWriter batch;
  const std::string value =
      encode_portable({{"generation", number}, {"text", std::string(text_size, 't')}});
  for (int i = 0; i < kRows; i++) batch.add(BatchOp::Insert, encode_portable(i), value);
  return batch.finish();
}

// All rows of a scan are of one generation, whatever is written meanwhile.
int generation_seen(cairn_collection* collection) {
  const std::vector<Json> lines = all_rows(collection, R"({"batch_rows": 7})");
  EXPECT_EQ(lines.size(), size_t{kRows});
  const int first = lines.at(0).at("value").at("generation");
  for (const Json& line : lines) EXPECT_EQ(line.at("value").at("generation"), first);
  return first;
}

TEST_F(ThreadsTest, ReadersSeeWholeTransactionsWhileOneWrites) {
  constexpr int kGenerations = 60;
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c");
  write_batch(collection.get(), generation(0));
  std::atomic<bool> done = false;
  Threads readers;
  for (int i = 0; i < 4; i++) {
    readers.start([&] {
      int last = 0;
      while (!done) {
        const int seen = generation_seen(collection.get());
        EXPECT_GE(seen, last) << "a later scan sees an earlier state";
        last = seen;
      }
    });
  }
  for (int i = 1; i <= kGenerations; i++) write_batch(collection.get(), generation(i));
  done = true;
  readers.join();
  EXPECT_EQ(generation_seen(collection.get()), kGenerations);
  EXPECT_TRUE(is_in_order(database.get()));
}

TEST_F(ThreadsTest, ACursorIsOpenThroughManyWrites) {
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c");
  write_batch(collection.get(), generation(0));
  const CursorPtr cursor = open_cursor(collection.get(), R"({"batch_rows": 1})");
  std::vector<Json> lines;
  Threads writers;
  for (int i = 0; i < 3; i++) {
    writers.start([&, i] {
      for (int k = 0; k < 10; k++) write_batch(collection.get(), generation(1 + 10 * i + k));
    });
  }
  while (next_lines(cursor.get(), &lines)) {
  }
  writers.join();
  ASSERT_EQ(lines.size(), size_t{kRows});
  for (const Json& line : lines) EXPECT_EQ(line.at("value").at("generation"), 0);
}

// A call may be cancelled, and nothing else may happen to it.
bool is_fine(cairn_status status) {
  EXPECT_TRUE(status == CAIRN_OK || status == CAIRN_CANCELLED) << cairn_status_name(status);
  return status == CAIRN_OK;
}

// Everything at once: reading, writing, interrupts and upkeep.
TEST_F(ThreadsTest, InterruptsAndUpkeepDoNoHarm) {
  constexpr int kWrites = 40;
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c");
  write_batch(collection.get(), generation(0));
  std::atomic<bool> done = false;
  Threads others;
  for (int i = 0; i < 2; i++) {
    others.start([&] {
      while (!done) is_fine(status_of([&] { generation_seen(collection.get()); }));
    });
  }
  others.start([&] {
    while (!done) {
      EXPECT_EQ(cairn_database_interrupt(database.get()), CAIRN_OK);
      std::this_thread::yield();
    }
  });
  others.start([&] {
    while (!done) {
      const cairn_status status = cairn_database_maintain(database.get(), 5, nullptr);
      EXPECT_TRUE(status <= CAIRN_CANCELLED) << cairn_status_name(status);
      is_fine(status_of([&] { is_in_order(database.get()); }));
    }
  });
  int written = 0;
  for (int tries = 0; tries < kWrites; tries++) {
    if (is_fine(status_of([&] { write_batch(collection.get(), generation(tries + 1)); }))) {
      written = tries + 1;
    }
  }
  done = true;
  others.join();
  EXPECT_EQ(generation_seen(collection.get()), written);
  EXPECT_TRUE(is_in_order(database.get()));
}

TEST_F(ThreadsTest, TheDatabaseIsClosedWhileItsCollectionsAreInUse) {
  for (int round = 0; round < 10; round++) {
    DatabasePtr database = open_database(path());
    Threads threads;
    for (int i = 0; i < 4; i++) {
      auto collection =
          std::make_shared<CollectionPtr>(open_collection(database.get(), std::to_string(i)));
      threads.start([collection, round] {
        for (int k = 0; k < 10; k++) put(collection->get(), 10 * round + k, {{"k", k}});
        EXPECT_EQ(all_rows(collection->get()).size(), size_t(10 * (round + 1)));
        collection->reset();
      });
    }
    database.reset();
    threads.join();
    ASSERT_EQ(cairn_live_objects(), 0);
  }
}

// A reader and a writer of one handle, which is interrupted and then closed before them, while
// another handle is opened, moves the journal into the file and is closed again and again. The
// writer fills the journal so far that the upkeep in the background has work, too.
TEST_F(ThreadsTest, HandlesAreClosedWhileOthersReadWriteAndCheckpoint) {
  constexpr const char* kPatient = R"({"busy_timeout_ms": 600000})";
  constexpr int kWrites = 40;
  DatabasePtr database = open_database(path(), kPatient);
  const CollectionPtr collection = open_collection(database.get(), "c");
  write_batch(collection.get(), generation(0));
  std::atomic<bool> done = false;
  std::atomic<int> written = 0;
  Threads threads;
  threads.start([&] {
    while (!done) is_fine(status_of([&] { generation_seen(collection.get()); }));
  });
  threads.start([&] {
    while (!done) {
      DatabasePtr own = open_database(path(), kPatient);
      const CollectionPtr rows = open_collection(own.get(), "c");
      EXPECT_LE(cairn_database_maintain(own.get(), 5, nullptr), CAIRN_DONE);
      own.reset();
      generation_seen(rows.get());
    }
  });
  threads.start([&] {
    for (int i = 1; i <= kWrites; i++)
      if (is_fine(status_of([&] { write_batch(collection.get(), generation(i, 4000)); })))
        written = i;
    done = true;
  });
  while (!done && written < kWrites / 2) {
    EXPECT_EQ(cairn_database_interrupt(database.get()), CAIRN_OK);
    std::this_thread::yield();
  }
  database.reset();
  threads.join();
  EXPECT_EQ(generation_seen(collection.get()), written);
  EXPECT_TRUE(is_in_order(open_database(path()).get()));
}

TEST_F(ThreadsTest, CommitsThatReachTheDiskAreGrouped) {
  constexpr int kThreads = 6;
  constexpr int kCommits = 15;
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c", R"({"local": true})");
  Threads threads;
  for (int i = 0; i < kThreads; i++) {
    threads.start([&, i] {
      for (int k = 0; k < kCommits; k++) {
        BatchWriter batch;
        batch.add(BatchOp::Insert, encode_portable(i * 1000 + k), encode_portable({{"k", k}}));
        const Json result = write_batch(collection.get(), batch.finish());
        EXPECT_EQ(result.at("durability"), "Disk");
        EXPECT_EQ(result.at("inserted"), 1);
      }
    });
  }
  threads.join();
  const Json info = info_of(collection.get());
  EXPECT_EQ(info.at("rows"), kThreads * kCommits);
  EXPECT_EQ(info.at("position").at("row_version"), kThreads * kCommits);
}

TEST_F(ThreadsTest, FlushesShareASync) {
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c");
  Threads threads;
  for (int i = 0; i < 4; i++) {
    threads.start([&, i] {
      for (int k = 0; k < 20; k++) {
        put(collection.get(), i * 1000 + k, {{"k", k}});
        call(cairn_database_flush, database.get());
      }
    });
  }
  threads.join();
  EXPECT_EQ(rows_in(collection.get()), 80u);
}

TEST_F(ThreadsTest, PositionsAreUniqueAndWithoutGaps) {
  constexpr int kThreads = 4;
  constexpr int kWrites = 25;
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c");
  std::vector<std::vector<uint64_t>> versions(kThreads);
  Threads threads;
  for (int i = 0; i < kThreads; i++) {
    threads.start([&, i] {
      const CollectionPtr own = open_collection(database.get(), "c");
      for (int k = 0; k < kWrites; k++) {
        versions[i].push_back(put(own.get(), i * 1000 + k, {{"k", k}}));
      }
    });
  }
  threads.join();
  std::vector<uint64_t> all;
  for (const auto& some : versions) {
    EXPECT_TRUE(std::is_sorted(some.begin(), some.end()));
    all.insert(all.end(), some.begin(), some.end());
  }
  std::sort(all.begin(), all.end());
  for (size_t i = 0; i < all.size(); i++) EXPECT_EQ(all[i], i + 1);
}

// Two handles on one file in one process: the locks of POSIX are per process.
TEST_F(ThreadsTest, TwoHandlesOnOneFile) {
  const DatabasePtr first = open_database(path(), R"({"busy_timeout_ms": 600000})");
  const DatabasePtr second = open_database(path(), R"({"busy_timeout_ms": 600000})");
  Threads threads;
  for (int half : {0, 1}) {
    threads.start([&, half] {
      const CollectionPtr collection = open_collection((half ? second : first).get(), "c");
      for (int i = 0; i < 50; i++) put(collection.get(), 50 * half + i, {{"n", i}});
    });
  }
  threads.join();
  EXPECT_EQ(rows_in(open_collection(second.get(), "c").get()), 100u);
  EXPECT_TRUE(is_in_order(first.get()));
}

// Every call that several threads may make at once, on one collection.
TEST_F(ThreadsTest, AllCallsAtOnce) {
  const DatabasePtr database = open_database(path());
  const CollectionPtr collection = open_collection(database.get(), "c");
  put(collection.get(), "shared", {{"n", 0}});
  const std::string key = encode_portable("shared");
  const auto get = [&] {
    call_for_bytes(cairn_collection_get, collection.get(), bytes_of(key), key.size());
  };
  const auto delta = [&] {
    const std::string request = make_table("DeltaRequest", R"({"since": 1})");
    cairn_cursor* cursor = nullptr;
    call(cairn_collection_delta, collection.get(), bytes_of(request), request.size(), &cursor);
    all_lines(CursorPtr(cursor).get());
  };
  const std::vector<std::function<void()>> calls = {
      get,
      delta,
      [&] { info_of(collection.get()); },
      [&] { call_for_bytes(cairn_collection_metadata, collection.get()); },
      [&] { call_for_bytes(cairn_database_info, database.get()); },
      [&] { call_for_bytes(cairn_database_digest, database.get()); },
      [&] {
        put(collection.get(), "shared", {{"n", 1}});
      },
      [&] { open_collection(database.get(), "another"); }};
  Threads threads;
  for (size_t i = 0; i < calls.size(); i++) {
    threads.start([&, i] {
      for (size_t k = 0; k < 3 * calls.size(); k++) calls[(i + k) % calls.size()]();
    });
  }
  threads.join();
  EXPECT_TRUE(is_in_order(database.get()));
}

}  // namespace
}  // namespace cairn::testing
