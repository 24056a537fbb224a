// Damaged files when they are opened: found, set aside with their journal, told, and never emptied
// in silence; files that were never Cairn's, or that somebody uses, are left alone.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/collections.h"
#include "support/stores.h"

namespace cairn::unit {
namespace {

// Not a parameterised CollectionTest: only files are damaged.
class DamageTest : public ::testing::Test {
 protected:
  DamageTest() {
    fill(Database::open(options()));
    whole_ = read_bytes(path());
  }

  std::string path() const { return folder_ / "db"; }

  DatabaseOptions options() const {
    DatabaseOptions options;
    options.store = quick_options(path());
    options.sets_aside = true;
    return options;
  }

  static void fill(const std::shared_ptr<Database>& database) {
    CollectionOptions local;
    local.local = true;
    auto collection = Collection::open(database, "c", local);
    Changes changes;
    for (int i = 0; i < 500; ++i) changes.insert(i, {{"n", i}, {"text", std::string(40, 'a')}});
    Transaction transaction(collection, {});
    transaction.add(as_bytes(changes.batch()));
    transaction.commit();
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / ""))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  // Opens the file as it is now: it has to be found damaged and set aside as it was.
  void expect_set_aside() {
    std::string damaged = read_bytes(path());
    auto database = Database::open(options());
    DatabaseInfo info = database->info();
    ASSERT_NE(info.damage.file, "");
    EXPECT_TRUE(info.damage.file.starts_with(path() + ".damaged-20")) << info.damage.file;
    EXPECT_NE(info.damage.message, "");
    EXPECT_TRUE(info.collections.empty());
    EXPECT_TRUE(read_bytes(info.damage.file) == damaged);
    fill(database);
    EXPECT_EQ(database->check({}).problem_count, 0u);
  }

  TempFolder folder_;
  std::string whole_;
};

TEST_F(DamageTest, ASoundFileIsOpenedAsItIs) {
  auto database = Database::open(options());
  EXPECT_EQ(database->info().damage.file, "");
  EXPECT_EQ(database->info().collections.at(0).rows, 500u);
}

TEST_F(DamageTest, AFileThatWasCutOffIsSetAside) {
  write_bytes(path(), whole_.substr(0, whole_.size() - 4096));
  EXPECT_EQ(status_of([&] {
              DatabaseOptions refuse = options();
              refuse.sets_aside = false;
              Database::open(refuse);
            }),
            Status::kTruncated);
  expect_set_aside();
}

TEST_F(DamageTest, AFileWithoutItsHeaderIsSetAside) {
  write_bytes(path(), std::string(100, 'x') + whole_.substr(100));
  expect_set_aside();
}

TEST_F(DamageTest, AFileOfZerosIsSetAside) {
  write_bytes(path(), std::string(whole_.size(), '\0'));
  expect_set_aside();
}

TEST_F(DamageTest, ACatalogThatCannotBeReadIsSetAside) {
  std::string copy = whole_;
  std::fill(copy.begin() + 4096 * 2, copy.begin() + 4096 * 6, '\xff');
  write_bytes(path(), copy);
  expect_set_aside();
}

TEST_F(DamageTest, DamagedRowsAreFoundWhereACheckIsAskedFor) {
  std::string copy = whole_;
  copy[copy.find(std::string(40, 'a'))] = 'b';
  write_bytes(path(), copy);
  EXPECT_EQ(Database::open(options())->info().damage.file, "");
  DatabaseOptions checked = options();
  checked.check = true;
  EXPECT_NE(Database::open(checked)->info().damage.file, "");
}

TEST_F(DamageTest, TheJournalGoesWithItsFile) {
  write_bytes(path(), std::string(100, 'x') + whole_.substr(100));
  write_bytes(path() + "-wal", "a journal");
  auto database = Database::open(options());
  std::string aside = database->info().damage.file;
  EXPECT_EQ(read_bytes(aside + "-wal"), "a journal");
}

TEST_F(DamageTest, EveryDamagedFileKeepsANameOfItsOwn) {
  for (int i = 0; i < 3; ++i) {
    write_bytes(path(), whole_.substr(0, 8192));
    expect_set_aside();
  }
  size_t kept = 0;
  for (const std::string& name : files()) kept += name.starts_with("db.damaged-");
  EXPECT_EQ(kept, 3u);
}

TEST_F(DamageTest, WhatWasSetAsideBeforeACrashIsTold) {
  std::filesystem::rename(path(), path() + ".damaged-20260102T030405Z");
  auto database = Database::open(options());
  EXPECT_EQ(database->info().damage.file, path() + ".damaged-20260102T030405Z");
  database.reset();
  EXPECT_EQ(Database::open(options())->info().damage.file, "");
}

TEST_F(DamageTest, ReadOnlyNothingIsMoved) {
  write_bytes(path(), whole_.substr(0, whole_.size() - 4096));
  DatabaseOptions read_only = options();
  read_only.store.read_only = true;
  EXPECT_EQ(status_of([&] { Database::open(read_only); }), Status::kTruncated);
  EXPECT_TRUE(read_bytes(path()) == whole_.substr(0, whole_.size() - 4096));
}

TEST_F(DamageTest, AFileThatWasNeverOursIsLeftAlone) {
  for (const std::string& content : {std::string("a letter to a friend"), std::string(9000, 'x')}) {
    write_bytes(path(), content);
    EXPECT_EQ(status_of([&] { Database::open(options()); }), Status::kNotADatabase);
    EXPECT_TRUE(read_bytes(path()) == content);
  }
  EXPECT_EQ(files(), std::vector<std::string>{"db"});
}

TEST_F(DamageTest, ANewerFormatIsNoDamage) {
  auto database = Database::open(options());
  database->write([](Connection& connection) {
    Query(connection.statement(Sql::kFormatWrite)).with(int64_t{1}, int64_t{99}).run();
  });
  database.reset();
  EXPECT_EQ(status_of([&] { Database::open(options()); }), Status::kNewerFormat);
  EXPECT_EQ(files(), std::vector<std::string>{"db"});
}

// Its owner would go on writing into the file that was set aside.
TEST_F(DamageTest, ADamagedFileThatIsInUseIsBusy) {
  auto user = Database::open(options());
  std::string copy = whole_;
  std::fill(copy.begin(), copy.begin() + 100, 'x');
  // Closing the file would end the locks that this process has on it.
  std::fstream file(path(), std::ios::binary | std::ios::in | std::ios::out);
  file << std::string(100, 'x') << std::flush;
  EXPECT_EQ(status_of([&] { Database::open(options()); }), Status::kBusy);
  EXPECT_TRUE(read_bytes(path()) == copy);
}

}  // namespace
}  // namespace cairn::unit
