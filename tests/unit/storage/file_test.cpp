// Files that are opened: whose they are, what is wrong with them, and that nothing is done to those
// that are not ours.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "core/storage/database_files.h"
#include "core/storage/file_store.h"
#include "core/storage/format.h"
#include "support/stores.h"

namespace cairn::unit {
namespace {

class FileTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name = "db") const { return folder_ / name; }

  Status status_of_open(const std::string& name = "db", bool read_only = false) {
    StoreOptions options = quick_options(path(name));
    options.read_only = read_only;
    return status_of([&] { Store::open_file(options); });
  }

  // A database with rows of some kind in several pages, all in the file itself.
  void make_database() {
    auto store = Store::open_file(quick_options(path()));
    Lease lease = store->writer();
    lease->transaction([&] {
      for (int i = 0; i < 200; ++i)
        Query(lease->statement(Sql::kMetadataWrite))
            .with(1, std::to_string(i), std::string(500, 'v'))
            .run();
    });
  }

  // Opens the database and reads all of it; the first status that is none of success.
  Status status_of_reading() {
    return status_of([&] {
      auto store = Store::open_file(quick_options(path()));
      store->check_pages(10,
                         [](const std::string& found) { throw Error(Status::kCorrupt, found); });
      Lease lease = store->reader();
      Query query(lease->statement(Sql::kMetadataAll));
      query.with(1);
      while (query.step()) query.bytes(1);
    });
  }

  TempFolder folder_;
};

TEST_F(FileTest, ANewFileIsSetUpAsDocumented) {
  make_database();
  RawDatabase raw(path());
  EXPECT_EQ(raw.integer("PRAGMA application_id"), 0x4361726e);
  EXPECT_EQ(raw.integer("PRAGMA auto_vacuum"), 2);
  EXPECT_EQ(raw.blob("PRAGMA journal_mode"), "wal");
}

TEST_F(FileTest, AnEmptyFileBecomesADatabase) {
  write_bytes(path(), "");
  EXPECT_EQ(status_of_open(), Status::kOk);
  EXPECT_GT(std::filesystem::file_size(path()), 0u);
}

TEST_F(FileTest, ADatabaseOfAnotherApplicationIsRefused) {
  {
    RawDatabase raw(path());
    raw.run("CREATE TABLE theirs(x)");
  }
  std::string before = read_bytes(path());
  EXPECT_EQ(status_of_open(), Status::kForeignDatabase);
  EXPECT_EQ(status_of_open("db", true), Status::kForeignDatabase);
  EXPECT_TRUE(read_bytes(path()) == before);
  EXPECT_FALSE(std::filesystem::exists(path("db-wal")));
}

TEST_F(FileTest, WhatIsNoDatabaseIsRefused) {
  Random random(201);
  std::string noise(20000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random.next());
  for (const std::string& contents :
       {std::string("just some text\n"), std::string(200, '\0'), std::string(5000, 'y'), noise}) {
    write_bytes(path(), contents);
    EXPECT_EQ(status_of_open(), Status::kNotADatabase) << contents.size() << " bytes";
    EXPECT_EQ(status_of_open("db", true), Status::kNotADatabase) << contents.size() << " bytes";
    EXPECT_TRUE(read_bytes(path()) == contents);
  }
}

TEST_F(FileTest, ATruncatedFileIsAnErrorWhereverItEnds) {
  make_database();
  ASSERT_EQ(status_of_reading(), Status::kOk);
  std::string whole = read_bytes(path());
  ASSERT_GT(whole.size(), 60000u);
  for (size_t size : {size_t{50}, size_t{100}, size_t{1000}, size_t{4096}, size_t{5000},
                      size_t{8192}, whole.size() / 2, whole.size() - 4096}) {
    write_bytes(path(), whole.substr(0, size));
    std::filesystem::remove(path("db-wal"));
    std::filesystem::remove(path("db-shm"));
    Status status = status_of_reading();
    EXPECT_TRUE(status == Status::kCorrupt || status == Status::kTruncated ||
                status == Status::kNotADatabase)
        << size << " bytes: status " << static_cast<int>(status);
  }
}

TEST_F(FileTest, DamageAnywhereIsAnErrorOrIsRead) {
  make_database();
  std::string whole = read_bytes(path());
  Random random(202);
  int errors = 0;
  for (int i = 0; i < 150; ++i) {
    std::string copy = whole;
    for (int change = 0; change < 20; ++change)
      copy[random.below(i % 2 == 0 ? copy.size() : 8192)] = static_cast<char>(random.next());
    write_bytes(path(), copy);
    std::filesystem::remove(path("db-wal"));
    std::filesystem::remove(path("db-shm"));
    Status status = status_of_reading();
    EXPECT_NE(status, Status::kInternal);
    errors += status != Status::kOk;
  }
  EXPECT_GT(errors, 30);
}

TEST_F(FileTest, AMissingFileIsNotCreatedReadOnly) {
  EXPECT_EQ(status_of_open("missing", true), Status::kCannotOpen);
  EXPECT_FALSE(std::filesystem::exists(path("missing")));
  write_bytes(path("empty"), "");
  EXPECT_EQ(status_of_open("empty", true), Status::kCannotOpen);
  EXPECT_EQ(read_bytes(path("empty")), "");
}

TEST_F(FileTest, AFolderThatIsNotThereOrIsNoFolderCannotBeOpened) {
  EXPECT_EQ(status_of_open("no/such/folder"), Status::kCannotOpen);
  std::filesystem::create_directory(path("folder"));
  EXPECT_EQ(status_of_open("folder"), Status::kCannotOpen);
}

TEST_F(FileTest, ReadOnlyReadsAndDoesNotWrite) {
  make_database();
  std::string before = read_bytes(path());
  StoreOptions options = quick_options(path());
  options.read_only = true;
  auto store = Store::open_file(options);
  EXPECT_TRUE(store->read_only());
  {
    Lease lease = store->reader();
    Query query(lease->statement(Sql::kMetadataRead));
    ASSERT_TRUE(query.with(1, std::string_view("7")).step());
    EXPECT_EQ(query.bytes(0).size(), 500u);
  }
  EXPECT_EQ(status_of([&] { store->writer(); }), Status::kReadOnly);
  EXPECT_TRUE(store->maintain(1000));
  EXPECT_NE(store->snapshot(), nullptr);
  store.reset();
  EXPECT_TRUE(read_bytes(path()) == before);
}

TEST_F(FileTest, OpensAndReadsWhileAnotherStoreWrites) {
  make_database();
  auto other = Store::open_file(quick_options(path()));
  Lease lease = other->writer();
  other->begin(*lease);
  Query(lease->statement(Sql::kMetadataClear)).with(1).run();
  EXPECT_EQ(status_of_reading(), Status::kOk);
  other->rollback(*lease);
}

TEST_F(FileTest, ReadersCannotWrite) {
  make_database();
  auto store = Store::open_file(quick_options(path()));
  Lease lease = store->reader();
  EXPECT_EQ(status_of([&] { lease->execute("DELETE FROM cairn_metadata"); }), Status::kReadOnly);
}

TEST_F(FileTest, NamesAreTakenAsTheyStand) {
  for (const char* name : {"with space", "100%25", "what?mode=memory", "hash#tag", "\xc3\xa9",
                           "it's", "semi;colon", "\"quoted\""}) {
    EXPECT_EQ(status_of_open(name), Status::kOk) << name;
    EXPECT_TRUE(std::filesystem::exists(path(name))) << name;
  }
}

// Names that SQLite gives a meaning of their own: a file, or an error, but nothing that is lost.
TEST_F(FileTest, NamesThatMeanSomethingToSqliteDoNotLoseData) {
  auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_ / ".");
  for (const char* name : {"", ":memory:", "file:uri", "file:uri?mode=memory", "file::memory:"}) {
    StoreOptions options = quick_options(name);
    Status status = status_of([&] { Store::open_file(options); });
    EXPECT_TRUE(status != Status::kOk || std::filesystem::is_regular_file(name)) << name;
  }
  std::filesystem::current_path(before);
}

// A file on another file system cannot take the place of one by being renamed.
TEST_F(FileTest, AReplacementThatFailsLeavesAllAsItWas) {
  make_database();
  write_bytes(path("db-wal"), "the journal");
  std::string before = read_bytes(path());
  std::string other = "/dev/shm/cairn-replacement-" + std::to_string(getpid());
  struct stat here, there;
  if (stat("/dev/shm", &there) != 0 || stat(path().c_str(), &here) != 0 ||
      here.st_dev == there.st_dev)
    GTEST_SKIP() << "there is one file system only";
  write_bytes(other, "another file");
  EXPECT_EQ(status_of([&] { replace_database(other, path(), "replaced"); }), Status::kIo);
  std::filesystem::remove(other);
  EXPECT_TRUE(read_bytes(path()) == before);
  EXPECT_EQ(read_bytes(path("db-wal")), "the journal");
  auto files = std::filesystem::directory_iterator(folder_ / ".");
  EXPECT_EQ(std::distance(begin(files), end(files)), 2);
}

TEST_F(FileTest, AFileThatCannotBeWrittenIsReadOnly) {
  make_database();
  std::filesystem::permissions(path(), std::filesystem::perms::owner_read);
  // Root may write all the same.
  if (access(path().c_str(), W_OK) == 0) GTEST_SKIP() << "this user may write everything";
  Status status = status_of_open();
  EXPECT_TRUE(status == Status::kReadOnly || status == Status::kCannotOpen);
}

}  // namespace
}  // namespace cairn::unit
