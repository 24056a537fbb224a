// The file format: what an empty database holds, and which ones are refused.
#include "core/storage/format.h"

#include <gtest/gtest.h>

#include "support/stores.h"

namespace cairn::unit {
namespace {

class Format : public StoreTest {};
CAIRN_OVER_ALL_STORES(Format);

int64_t format_of(Store& store) {
  Lease lease = store.reader();
  return read_format(*lease);
}

TEST_P(Format, ANewDatabaseHasItsVersionAndItsTables) {
  auto store = open_store();
  EXPECT_EQ(format_of(*store), kFormatVersion);
  behind(*store, [](RawDatabase& raw) {
    EXPECT_EQ(raw.integer("SELECT count(*) FROM sqlite_master WHERE type = 'table'"), 7);
    EXPECT_EQ(raw.integer("SELECT value FROM cairn_format WHERE id = 2"), 1);
    EXPECT_EQ(raw.integer("SELECT value FROM cairn_format WHERE id = 3"), 1);
    EXPECT_EQ(raw.integer("SELECT count(*) FROM cairn_collections"), 0);
  });
}

TEST_P(Format, OpeningAgainCreatesNothing) {
  if (in_memory()) GTEST_SKIP() << "memory has nothing to open again";
  open_store();
  std::string before = read_bytes(path());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(format_of(*open_store()), kFormatVersion);
  EXPECT_TRUE(read_bytes(path()) == before);
}

TEST_P(Format, TwoStoresOpenOneNewDatabase) {
  if (in_memory()) GTEST_SKIP() << "memory has one store";
  auto first = open_store(), second = open_store();
  EXPECT_EQ(format_of(*first), kFormatVersion);
  EXPECT_EQ(format_of(*second), kFormatVersion);
}

TEST_P(Format, ANewerFormatIsRefused) {
  auto store = open_store();
  behind(*store,
         [](RawDatabase& raw) { raw.run("UPDATE cairn_format SET value = 3 WHERE id = 1"); });
  EXPECT_EQ(status_of([&] { format_of(*store); }), Status::kNewerFormat);
  if (in_memory()) return;
  store.reset();
  std::string before = read_bytes(path());
  EXPECT_EQ(status_of([&] { open_store(); }), Status::kNewerFormat);
  StoreOptions options = quick_options(path());
  options.read_only = is_file();
  EXPECT_EQ(status_of([&] { open_store(options); }), Status::kNewerFormat);
  EXPECT_TRUE(read_bytes(path()) == before) << "what is not understood must not be changed";
}

TEST_P(Format, TheMessageOfANewerFormatSaysWhatToDo) {
  auto store = open_store();
  behind(*store,
         [](RawDatabase& raw) { raw.run("UPDATE cairn_format SET value = 7 WHERE id = 1"); });
  std::string message = message_of([&] { format_of(*store); });
  EXPECT_NE(message.find("7"), std::string::npos) << message;
  EXPECT_NE(message.find("newer version"), std::string::npos) << message;
}

TEST_P(Format, CreationLeavesOtherTablesOfAHostAlone) {
  if (GetParam() != Kind::kHost) GTEST_SKIP() << "only a host shares its database";
  {
    RawDatabase raw(path());
    raw.run("CREATE TABLE theirs(x)");
    raw.run("INSERT INTO theirs VALUES(42)");
  }
  auto store = open_store();
  EXPECT_EQ(format_of(*store), kFormatVersion);
  RawDatabase raw(path());
  EXPECT_EQ(raw.integer("SELECT x FROM theirs"), 42);
}

}  // namespace
}  // namespace cairn::unit
