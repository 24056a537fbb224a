// The log: its encodings, with hostile bytes too, and what pruning keeps.
#include "core/collection/log.h"

#include <gtest/gtest.h>

#include "support/collections.h"

namespace cairn::unit {
namespace {

std::string encoded(const CollectionState& state) {
  ByteBuffer out;
  encode_state(state, out);
  return to_string(out);
}

std::string encoded(const LogEntry& entry) {
  ByteBuffer out;
  encode_entry(entry, out);
  return to_string(out);
}

CollectionState random_state(Random& random) {
  auto number = [&] { return random.next() >> random.below(64); };
  CollectionState state;
  state.row_version = number();
  for (uint64_t* part :
       {&state.rows, &state.next_row, &state.term, &state.seq, &state.schema_version,
        &state.reset_epoch, &state.horizon, &state.log_rows, &state.own_term, &state.own_seq})
    *part = number();
  state.local = random.chance(50);
  state.indexes = random.below(5);
  state.oldest_ms = static_cast<int64_t>(number());
  state.time_ms = static_cast<int64_t>(number());
  return state;
}

LogEntry random_entry(Random& random) {
  LogEntry entry;
  entry.reload = random.chance(20);
  entry.allocated = random.chance(50);
  entry.moved = random.chance(20);
  entry.id = std::string(random.below(20), 'i');
  entry.writer = std::string(random.below(20), 'w');
  int64_t row = 0;
  for (size_t left = random.below(50); left > 0; --left)
    entry.changed.push_back(row += 1 + static_cast<int64_t>(random.below(1000)));
  for (size_t left = random.below(10); left > 0; --left)
    entry.deleted.push_back(
        {std::string(random.below(9), '\xff'), static_cast<int64_t>(random.below(99))});
  for (size_t left = random.below(5); left > 0; --left)
    entry.metadata.push_back(std::string(left, 'm'));
  return entry;
}

TEST(LogState, RoundTrips) {
  Random random(301);
  for (int i = 0; i < 2000; ++i) {
    CollectionState state = random_state(random);
    std::string bytes = encoded(state);
    CollectionState back = decode_state(state.row_version, as_bytes(bytes));
    ASSERT_EQ(back.row_version, state.row_version);
    ASSERT_EQ(hex(encoded(back)), hex(bytes));
    ASSERT_EQ(back.rows, state.rows);
    ASSERT_EQ(back.local, state.local);
    ASSERT_EQ(back.horizon, state.horizon);
    ASSERT_EQ(back.time_ms, state.time_ms);
    ASSERT_EQ(back.indexes, state.indexes);
  }
}

TEST(LogState, TruncationsAndOtherVersionsAreCorrupt) {
  Random random(302);
  std::string bytes = encoded(random_state(random));
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_EQ(status_of([&] { decode_state(1, cut); }), Status::kCorrupt) << size;
  }
  bytes[0] = 3;
  EXPECT_EQ(status_of([&] { decode_state(1, as_bytes(bytes)); }), Status::kCorrupt);
}

TEST(LogEntryTest, RoundTrips) {
  Random random(303);
  for (int i = 0; i < 2000; ++i) {
    LogEntry entry = random_entry(random);
    std::string bytes = encoded(entry);
    LogEntry back = decode_entry(as_bytes(bytes));
    ASSERT_EQ(hex(encoded(back)), hex(bytes));
    ASSERT_EQ(back.changed, entry.changed);
    ASSERT_EQ(back.id, entry.id);
    ASSERT_EQ(back.writer, entry.writer);
    ASSERT_EQ(back.metadata, entry.metadata);
    ASSERT_EQ(back.reload, entry.reload);
    ASSERT_EQ(back.allocated, entry.allocated);
    ASSERT_EQ(back.moved, entry.moved);
    ASSERT_EQ(back.deleted.size(), entry.deleted.size());
  }
}

TEST(LogEntryTest, RowNumbersOfADamagedFileMayBeAny) {
  LogEntry entry;
  entry.changed = {INT64_MIN, -1, 0, INT64_MAX};
  EXPECT_EQ(decode_entry(as_bytes(encoded(entry))).changed, entry.changed);
}

TEST(LogEntryTest, NoBytesAreTheFirstEntry) {
  LogEntry entry = decode_entry({});
  EXPECT_FALSE(entry.reload);
  EXPECT_TRUE(entry.changed.empty());
}

TEST(LogEntryTest, EveryTruncationIsCorrupt) {
  Random random(304);
  for (int i = 0; i < 50; ++i) {
    std::string bytes = encoded(random_entry(random));
    for (size_t size = 1; size < bytes.size(); ++size) {
      std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
      ASSERT_EQ(status_of([&] { decode_entry(cut); }), Status::kCorrupt) << size;
    }
  }
}

TEST(LogEntryTest, DamagedBytesAreAnErrorOrAnEntry) {
  Random random(306);
  for (int i = 0; i < 30000; ++i) {
    std::string bytes = damaged(encoded(random_entry(random)), random);
    std::vector<uint8_t> exact(bytes.begin(), bytes.end());
    Status status = status_of([&] { decode_entry(exact); });
    ASSERT_TRUE(status == Status::kOk || status == Status::kCorrupt);
    status = status_of([&] { decode_state(1, exact); });
    ASSERT_TRUE(status == Status::kOk || status == Status::kCorrupt);
  }
}

TEST(LogEntryTest, HugeCountsTakeNoMemory) {
  for (const char* digits : {"0100 00 00 ffffffffffffffffff01", "0100 00 00 00 ffffffff0f",
                             "0100 00 00 00 00 ffffffff0f", "0100 ffffffffffff7f"})
    EXPECT_EQ(status_of([&] { decode_entry(as_bytes(from_hex(digits))); }), Status::kCorrupt);
}

TEST(ReloadLimit, IsAThousandOrAQuarterOfTheRows) {
  EXPECT_EQ(reload_limit(0), 1000u);
  EXPECT_EQ(reload_limit(4000), 1000u);
  EXPECT_EQ(reload_limit(4004), 1001u);
  EXPECT_EQ(reload_limit(1000000), 250000u);
}

class Pruning : public CollectionTest {
 protected:
  int64_t log_rows() {
    int64_t count = 0;
    behind(store(),
           [&](RawDatabase& raw) { count = raw.integer("SELECT count(*) FROM cairn_log_1"); });
    return count;
  }

  // Commits so many transactions of a row each.
  void commit(std::shared_ptr<Collection> collection, int transactions) {
    for (int i = 0; i < transactions; ++i) apply(collection, Changes().insert(i, {{"n", ++n_}}));
  }

  // Prunes as a transaction would that comes so much later.
  CollectionState prune_later(const CollectionOptions& options, int64_t milliseconds) {
    CollectionState state;
    database_->write([&](Connection& connection) {
      Log log(connection, 1);
      state = log.read();
      log.prune(state, options, Store::now_ms() + milliseconds);
    });
    return state;
  }

  int n_ = 0;
};
CAIRN_OVER_ALL_STORES(Pruning);

TEST_P(Pruning, KeepsAtMostSoManyTransactions) {
  CollectionOptions options;
  options.log_transactions = 20;
  auto collection = open("c", options);
  for (int i = 0; i < 100; ++i) {
    commit(collection, 1);
    ASSERT_LE(log_rows(), 20);
  }
  EXPECT_GE(log_rows(), 15) << "not much more is removed than has to be";
  CollectionState state = collection->info().state;
  EXPECT_EQ(state.log_rows, static_cast<uint64_t>(log_rows()));
  EXPECT_GE(state.horizon, 80u);
  EXPECT_FALSE(delta(collection, state.horizon).head.reload);
  EXPECT_TRUE(delta(collection, state.horizon - 1).head.reload);
  expect_in_order();
}

TEST_P(Pruning, ALimitOfOneKeepsTheNewest) {
  CollectionOptions options;
  options.log_transactions = 1;
  auto collection = open("c", options);
  commit(collection, 5);
  EXPECT_EQ(log_rows(), 1);
  EXPECT_EQ(collection->info().state.row_version, 5u);
  EXPECT_FALSE(delta(collection, 4).head.reload);
  EXPECT_TRUE(delta(collection, 3).head.reload);
  expect_in_order();
}

TEST_P(Pruning, ByDefaultKeepsAThousand) {
  if (GetParam() == Kind::kHost) GTEST_SKIP() << "slow there, and no different";
  auto collection = open();
  commit(collection, 1300);
  EXPECT_LE(log_rows(), 1000);
  EXPECT_GT(log_rows(), 800);
  EXPECT_FALSE(delta(collection, 600).head.reload);
  expect_in_order();
}

TEST_P(Pruning, ZeroKeepsEverything) {
  CollectionOptions options;
  options.log_transactions = 0;
  options.log_seconds = 0;
  auto collection = open("c", options);
  commit(collection, 50);
  CollectionState state = prune_later(options, int64_t{1000} * 86400 * 10000);
  EXPECT_EQ(state.log_rows, 51u);
  EXPECT_EQ(log_rows(), 51);
}

TEST_P(Pruning, RemovesWhatIsOlderThanTheAge) {
  CollectionOptions options;
  options.log_seconds = 3600;
  auto collection = open("c", options);
  commit(collection, 30);
  CollectionState state = prune_later(options, 3500 * 1000);
  EXPECT_EQ(state.log_rows, 31u);
  state = prune_later(options, 3700 * 1000);
  EXPECT_EQ(state.log_rows, 0u);
  EXPECT_EQ(state.horizon, 30u);
}

TEST_P(Pruning, AnOldLogIsPrunedByTheNextTransaction) {
  auto collection = open();
  commit(collection, 10);
  // As if all that had happened two days ago.
  behind(store(), [](RawDatabase& raw) {
    for (int version = 0; version <= 10; ++version) {
      std::string where = " WHERE version = " + std::to_string(version);
      CollectionState state =
          decode_state(static_cast<uint64_t>(version),
                       as_bytes(raw.blob("SELECT state FROM cairn_log_1" + where)));
      state.time_ms -= 2 * 86400 * 1000;
      state.oldest_ms -= 2 * 86400 * 1000;
      raw.run("UPDATE cairn_log_1 SET state = ?1" + where, encoded(state));
    }
  });
  EXPECT_FALSE(delta(collection, 5).head.reload);
  commit(collection, 1);
  EXPECT_EQ(log_rows(), 1);
  EXPECT_TRUE(delta(collection, 5).head.reload);
  Loaded newest = delta(collection, 10);
  EXPECT_FALSE(newest.head.reload);
  EXPECT_EQ(newest.head.changed, 1u);
  expect_in_order();
}

TEST_P(Pruning, AnAgeOfForeverKeepsEverything) {
  for (uint64_t seconds :
       {uint64_t{1} << 40, uint64_t{1} << 54, uint64_t{1} << 60, uint64_t{1} << 63, UINT64_MAX}) {
    CollectionOptions options;
    options.log_seconds = seconds;
    commit(open("c", options), 3);
    EXPECT_FALSE(delta(open("c", options), 0).head.reload) << seconds;
  }
}

TEST_P(Pruning, PositionsThatAreGoneCountAsApplied) {
  CollectionOptions options;
  options.log_transactions = 10;
  auto collection = open("c", options);
  TransactionOptions own;
  own.term = 1;
  own.writer = "w";
  for (uint64_t seq = 1; seq <= 40; ++seq) {
    own.seq = seq;
    EXPECT_EQ(
        apply(collection, Changes().insert("k", {{"n", static_cast<double>(seq)}}), own).outcome,
        Outcome::kApplied);
  }
  own.seq = 3;
  own.writer = "another";
  own.id = "another id";
  EXPECT_EQ(apply(collection, Changes().insert("k", {{"n", -1}}), own).outcome, Outcome::kIgnored);
  EXPECT_EQ(row(collection, "k"), Value(Object{{"n", 40}}));
}

}  // namespace
}  // namespace cairn::unit
