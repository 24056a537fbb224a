// Databases of older formats: an upgrade keeps everything, is whole or not at all, and is not made
// where nothing may be written.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "core/collection/salvage.h"
#include "core/storage/format.h"
#include "golden.h"
#include "support/collections.h"

namespace cairn::unit {
namespace {

using testing::kFormat1Digest;

// Columns of tables that an upgrade leaves as they are.
constexpr const char* kKept[][2] = {
    {"cairn_collections", "id, name"},
    {"cairn_shapes", "id, names"},
    {"cairn_metadata", "collection, key, value"},
    {"cairn_floors", "collection, term, seq"},
    {"cairn_requests", "id, collection, request, time, result"},
    {"cairn_rows_1", "id, key, version, value, metadata"},
    {"cairn_rows_2", "id, key, version, value, metadata"},
    {"cairn_rows_4", "id, key, version, value, metadata"},
    {"cairn_log_1", "version, state, entry"},
    {"cairn_log_2", "version, state, entry"},
    {"cairn_log_4", "version, state, entry"},
};

class Upgrade : public StoreTest {
 protected:
  Upgrade() { testing::make_format1(path()); }

  std::shared_ptr<Database> open_database() {
    return std::make_shared<Database>(open_store(), Durability::kDefault);
  }

  std::shared_ptr<Database> open_read_only() {
    StoreOptions options = quick_options(path());
    options.read_only = true;
    return std::make_shared<Database>(Store::open_file(options), Durability::kDefault);
  }

  // The contents of the tables that are kept, as text.
  std::string contents() {
    RawDatabase raw(path());
    std::string all;
    for (const auto& [table, columns] : kKept) {
      std::string each = "quote(" + std::string(columns) + ")";
      for (size_t at = 0; (at = each.find(", ", at)) != std::string::npos; at += 8)
        each.replace(at, 2, ")||quote(");
      all += raw.blob("SELECT ifnull(group_concat(" + each + ", ' '), '') FROM (SELECT * FROM " +
                      table + " ORDER BY 1, 2)") +
             "\n";
    }
    return all;
  }

  // Neither version has anything of the other.
  int64_t whole_format() {
    RawDatabase raw(path());
    int64_t version = raw.integer("SELECT value FROM cairn_format WHERE id = 1");
    int64_t tables = raw.integer("SELECT count(*) FROM sqlite_master WHERE name = 'cairn_indexes'");
    int64_t counters = raw.integer("SELECT count(*) FROM cairn_format WHERE id = 3");
    EXPECT_EQ(tables, version - 1);
    EXPECT_EQ(counters, version - 1);
    return version;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Upgrade, ::testing::Values(Kind::kFile, Kind::kHost), kind_name);

TEST_P(Upgrade, KeepsEverything) {
  std::string before = contents();
  EXPECT_EQ(whole_format(), 1);
  auto database = open_database();
  EXPECT_EQ(database->digest().digest, kFormat1Digest);
  EXPECT_EQ(database->expect_sound(), 14u);
  EXPECT_EQ(database->info().format_version, uint32_t{kFormatVersion});
  EXPECT_TRUE(contents() == before);
  EXPECT_EQ(whole_format(), kFormatVersion);
  RawDatabase raw(path());
  EXPECT_EQ(raw.integer("SELECT value FROM cairn_format WHERE id = 3"), 1);
  EXPECT_EQ(raw.integer("SELECT count(*) FROM cairn_indexes"), 0);
}

TEST_P(Upgrade, IsMadeOnce) {
  open_database();
  std::string before = read_bytes(path());
  EXPECT_EQ(open_database()->digest().digest, kFormat1Digest);
  EXPECT_TRUE(read_bytes(path()) == before);
}

TEST_P(Upgrade, LeavesADatabaseThatIsWrittenAsBefore) {
  auto database = open_database();
  auto places = Collection::open(database, "places", {});
  EXPECT_EQ(places->info().state.row_version, 6u);
  std::string batch = Changes().insert("new", {{"n", 1}}).remove("p6").batch();
  Transaction transaction(places, {});
  transaction.add(as_bytes(batch));
  EXPECT_EQ(transaction.commit().position.row_version, 7u);
  auto added = Collection::open(database, "added", {});
  EXPECT_EQ(added->info().state.rows, 0u);
  EXPECT_EQ(database->expect_sound(), 14u);
  auto drafts = Collection::open(database, "drafts", {.schema_version = 3, .local = true});
  EXPECT_EQ(drafts->metadata().entries.size(), 1u);
}

TEST_P(Upgrade, IsNotMadeWhereNothingMayBeWritten) {
  if (!is_file()) GTEST_SKIP() << "a host's database is always writable";
  std::string before = read_bytes(path());
  auto database = open_read_only();
  EXPECT_EQ(database->digest().digest, kFormat1Digest);
  EXPECT_EQ(database->info().format_version, 1u);
  EXPECT_EQ(database->expect_sound(), 14u);
  database->read([](Connection& connection) { EXPECT_FALSE(has_indexes(connection)); });
  EXPECT_TRUE(read_bytes(path()) == before);
  // A reader that is there already notices what a writer does.
  auto writable = open_database();
  database->read([](Connection& connection) { EXPECT_TRUE(has_indexes(connection)); });
  EXPECT_EQ(database->digest().digest, kFormat1Digest);
}

TEST_P(Upgrade, ThatFailsLeavesTheOldVersion) {
  if (!is_file()) GTEST_SKIP() << "see below";
  std::string before = contents();
  {
    RawDatabase raw(path());
    raw.run("CREATE TABLE cairn_indexes(theirs)");
  }
  EXPECT_EQ(status_of([&] { open_database(); }), Status::kCorrupt);
  EXPECT_EQ(open_read_only()->digest().digest, kFormat1Digest);
  {
    RawDatabase raw(path());
    raw.run("DROP TABLE cairn_indexes");
  }
  EXPECT_EQ(whole_format(), 1);
  EXPECT_TRUE(contents() == before);
  open_database();
  EXPECT_EQ(whole_format(), kFormatVersion);
}

TEST_P(Upgrade, IsWholeWhicheverStatementOfAHostFails) {
  if (is_file()) GTEST_SKIP() << "the faults tests let its calls fail";
  std::string before = contents();
  int64_t failing = 0;
  for (bool done = false; !done && failing < 100;) {
    testing::ExecutorHost host(path());
    host.fail_statement(++failing, SQLITE_IOERR);
    StoreOptions options = quick_options(path());
    done = status_of([&] { Store::open_host(sql_host(host), options); }) == Status::kOk;
    host.clear_failures();
    EXPECT_EQ(whole_format(), done ? kFormatVersion : 1) << failing;
    EXPECT_TRUE(contents() == before);
    EXPECT_TRUE(host.violations().empty());
  }
  EXPECT_GT(failing, 5);
}

TEST_P(Upgrade, BySeveralAtOnceIsMadeByOne) {
  if (!is_file()) GTEST_SKIP() << "a host's database has one user";
  for (int round = 0; round < 20; ++round) {
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path() + ending);
    testing::make_format1(path());
    std::atomic<int> failures{0};
    auto open = [&] {
      StoreOptions options = quick_options(path());
      options.busy_timeout_ms = 60000;
      if (status_of([&] { Store::open_file(options); }) != Status::kOk) ++failures;
    };
#if CAIRN_THREADS
    std::thread first(open), second(open);
    first.join();
    second.join();
#else
    open();
#endif
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(whole_format(), kFormatVersion);
  }
  EXPECT_EQ(open_database()->digest().digest, kFormat1Digest);
}

TEST_P(Upgrade, OfABackupIsMadeByItsRestore) {
  if (!is_file()) GTEST_SKIP() << "a host restores its own database";
  std::string before = read_bytes(path()), to = path() + ".restored";
  restore(path(), to);
  EXPECT_TRUE(read_bytes(path()) == before) << "the backup was changed";
  DatabaseOptions options;
  options.store = quick_options(to);
  auto database = Database::open(options);
  EXPECT_EQ(database->digest().digest, kFormat1Digest);
  EXPECT_EQ(database->info().format_version, uint32_t{kFormatVersion});
}

TEST_P(Upgrade, IsNotNeededForASalvage) {
  if (!is_file()) GTEST_SKIP() << "salvage is of files";
  std::string damaged = path() + ".damaged", bytes = read_bytes(path());
  for (bool whole : {true, false}) {
    std::string out = path() + (whole ? ".whole" : ".rest");
    if (!whole) bytes.replace(0, 4096, 4096, '\0');
    write_bytes(damaged, bytes);
    EXPECT_EQ(salvage(damaged, out, {}).rows, 14u);
    DatabaseOptions options;
    options.store = quick_options(out);
    auto database = Database::open(options);
    EXPECT_EQ(database->info().format_version, uint32_t{kFormatVersion});
    // Without its first page, what a dropped collection has moved cannot be told apart.
    EXPECT_EQ(database->digest().digest == kFormat1Digest, whole);
  }
}

}  // namespace
}  // namespace cairn::unit
