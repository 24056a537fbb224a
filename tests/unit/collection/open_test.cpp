// Opening, resetting and dropping collections: schema versions, policies, names, and what goes
// along.
#include <gtest/gtest.h>

#include "core/storage/format.h"
#include "support/collections.h"

namespace cairn::unit {
namespace {

using namespace std::literals;

class Collections : public CollectionTest {
 protected:
  static CollectionOptions version(uint64_t version, bool local = false,
                                   MismatchPolicy policy = MismatchPolicy::kDefault) {
    CollectionOptions options;
    options.schema_version = version;
    options.local = local;
    options.mismatch_policy = policy;
    return options;
  }

  // A collection with rows and everything else that a reset takes away.
  std::shared_ptr<Collection> filled(const CollectionOptions& options = {}) {
    auto collection = open("c", options);
    TransactionOptions transaction;
    transaction.term = 7;
    transaction.seq = 40;
    transaction.writer = "w";
    transaction.request_id = "r";
    transaction.metadata = {{"cursor", portable("resume here")}};
    apply(collection, numbered(0, 20), transaction);
    return collection;
  }
};
CAIRN_OVER_ALL_STORES(Collections);

TEST_P(Collections, ANewOneIsEmptyAndStays) {
  auto collection = open("c", version(3, true));
  EXPECT_EQ(collection->info().state.schema_version, 3u);
  EXPECT_TRUE(collection->info().state.local);
  EXPECT_FALSE(collection->info().was_reset);
  collection.reset();
  reopen();
  EXPECT_EQ(open("c", version(3, true))->info().state.rows, 0u);
}

TEST_P(Collections, SurviveTheDatabase) {
  filled();
  reopen();
  auto collection = open();
  EXPECT_EQ(rows(collection).size(), 20u);
  EXPECT_EQ(collection->metadata().entries.size(), 1u);
  EXPECT_EQ(collection->info().state.seq, 40u);
  expect_in_order();
}

TEST_P(Collections, ASyncedOneOfAnotherVersionIsReset) {
  filled();
  auto collection = open("c", version(2));
  CollectionInfo info = collection->info();
  EXPECT_TRUE(info.was_reset);
  EXPECT_EQ(info.state.rows, 0u);
  EXPECT_EQ(info.state.schema_version, 2u);
  EXPECT_EQ(info.state.reset_epoch, 1u);
  EXPECT_TRUE(collection->metadata().entries.empty())
      << "a resume cursor must not outlive its rows";
  EXPECT_FALSE(open("c", version(2))->info().was_reset);
  expect_in_order();
}

TEST_P(Collections, ALocalOneOfAnotherVersionIsAnErrorThatNamesBoth) {
  filled(version(1, true));
  std::string message = message_of([&] { open("c", version(2, true)); });
  EXPECT_NE(message.find("Schema version mismatch for collection \"c\": found 1, expected 2"),
            std::string::npos)
      << message;
  EXPECT_EQ(status_of([&] { open("c", version(2, true)); }), Status::kSchemaMismatch);
  EXPECT_EQ(rows(open("c", version(1, true))).size(), 20u);
}

TEST_P(Collections, APolicyGoesBeforeTheKind) {
  filled();
  EXPECT_EQ(status_of([&] { open("c", version(2, false, MismatchPolicy::kError)); }),
            Status::kSchemaMismatch);
  EXPECT_EQ(rows(open()).size(), 20u);
  EXPECT_TRUE(open("c", version(2, true, MismatchPolicy::kReset))->info().was_reset);
}

TEST_P(Collections, AMismatchOfOneDoesNotTouchOthers) {
  filled();
  auto other = open("other", version(5));
  apply(other, numbered(0, 3));
  open("c", version(2));
  EXPECT_EQ(rows(other).size(), 3u);
  EXPECT_EQ(other->info().state.reset_epoch, 0u);
}

TEST_P(Collections, AResetTakesEverythingButTheTerm) {
  auto collection = filled();
  collection->reset();
  CollectionState state = collection->info().state;
  EXPECT_EQ(state.rows, 0u);
  EXPECT_EQ(state.row_version, 0u);
  EXPECT_EQ(state.seq, 0u);
  EXPECT_EQ(state.term, 7u);
  EXPECT_EQ(state.reset_epoch, 1u);
  EXPECT_TRUE(collection->metadata().entries.empty());
  behind(store(), [](RawDatabase& raw) {
    for (const char* table : {"cairn_rows_1", "cairn_metadata", "cairn_requests", "cairn_floors"})
      EXPECT_EQ(raw.integer(std::string("SELECT count(*) FROM ") + table), 0) << table;
    EXPECT_EQ(raw.integer("SELECT count(*) FROM cairn_log_1"), 1);
  });
  // What it had applied counts as new.
  TransactionOptions again;
  again.term = 7;
  again.seq = 40;
  again.writer = "w";
  again.request_id = "r";
  EXPECT_EQ(apply(collection, numbered(0, 1), again).outcome, Outcome::kApplied);
  collection->reset();
  EXPECT_EQ(collection->info().state.reset_epoch, 2u);
  expect_in_order();
}

TEST_P(Collections, AHandleWhoseCollectionGotAnotherVersionIsTold) {
  auto old = filled();
  auto current = open("c", version(2));
  EXPECT_EQ(status_of([&] { apply(old, numbered(0, 1)); }), Status::kSchemaMismatch);
  EXPECT_EQ(status_of([&] { load(old); }), Status::kSchemaMismatch);
  EXPECT_EQ(apply(current, numbered(0, 1)).outcome, Outcome::kApplied);
}

TEST_P(Collections, NamesOfEveryKindShareNothing) {
  const std::vector<std::string> names = {"c",
                                          "C",
                                          "c ",
                                          "c\0d"s,
                                          "\xc3\xa9",
                                          "e\xcc\x81",
                                          "'; DROP TABLE x; --",
                                          "#",
                                          "1",
                                          "cairn_rows_1",
                                          std::string(3000, 'n'),
                                          "\xf0\x9f\x98\x80"};
  for (size_t i = 0; i < names.size(); ++i)
    apply(open(names[i]), Changes().insert("k", {{"n", static_cast<double>(i)}}));
  reopen();
  for (size_t i = 0; i < names.size(); ++i)
    EXPECT_EQ(row(open(names[i]), "k"), Value(Object{{"n", static_cast<double>(i)}})) << names[i];
  EXPECT_EQ(database_->info().collections.size(), names.size());
  expect_in_order();
}

TEST_P(Collections, NamesThatAreNoTextAreRefused) {
  for (const char* name : {"", "\xff", "\xed\xa0\x80", "a\xc3"})
    EXPECT_EQ(status_of([&] { open(name); }), Status::kInvalidArgument);
  EXPECT_TRUE(database_->info().collections.empty());
}

TEST_P(Collections, ADroppedOneIsGoneWithEverything) {
  auto collection = filled();
  apply(open("other"), numbered(0, 2));
  database_->drop("c");
  EXPECT_EQ(status_of([&] { database_->drop("c"); }), Status::kNotFound);
  for (auto use : std::vector<std::function<void()>>{
           [&] { apply(collection, numbered(0, 1)); }, [&] { load(collection); },
           [&] { row(collection, "k1"); }, [&] { collection->info(); },
           [&] { collection->reset(); }, [&] { collection->metadata(); },
           [&] { delta(collection, 0); }})
    EXPECT_EQ(status_of(use), Status::kDropped);
  behind(store(), [](RawDatabase& raw) {
    EXPECT_EQ(raw.integer("SELECT count(*) FROM sqlite_master WHERE name LIKE 'cairn_%_1'"), 0);
    EXPECT_EQ(raw.integer("SELECT count(*) FROM cairn_metadata"), 0);
    EXPECT_EQ(raw.integer("SELECT count(*) FROM cairn_requests"), 0);
  });
  EXPECT_EQ(rows(open("other")).size(), 2u);
  // A new one of that name is another one.
  auto again = open();
  EXPECT_TRUE(rows(again).empty());
  EXPECT_NE(again->id(), collection->id());
  EXPECT_EQ(status_of([&] { load(collection); }), Status::kDropped);
  expect_in_order();
}

TEST_P(Collections, InfoListsThemByName) {
  open("b");
  apply(open("a", version(4, true)), numbered(0, 3));
  DatabaseInfo info = database_->info();
  ASSERT_EQ(info.collections.size(), 2u);
  EXPECT_EQ(info.collections[0].name, "a");
  EXPECT_EQ(info.collections[0].schema_version, 4u);
  EXPECT_TRUE(info.collections[0].local);
  EXPECT_EQ(info.collections[0].rows, 3u);
  EXPECT_EQ(info.collections[0].row_version, 1u);
  EXPECT_EQ(info.collections[1].name, "b");
  EXPECT_EQ(info.format_version, uint32_t{kFormatVersion});
  EXPECT_EQ(info.shapes, 1u);
}

TEST_P(Collections, DurabilityIsTheirOwnOrTheDatabasesOrThatOfTheirKind) {
  EXPECT_EQ(open("synced")->durability(), Durability::kOs);
  EXPECT_EQ(open("local", version(1, true))->durability(), Durability::kDisk);
  CollectionOptions options;
  options.durability = Durability::kDisk;
  auto collection = open("disk", options);
  EXPECT_EQ(collection->durability(), Durability::kDisk);
  EXPECT_EQ(apply(collection, numbered(0, 1)).durability,
            is_file() ? Durability::kDisk : Durability::kDefault);
  EXPECT_EQ(apply(open("synced"), numbered(0, 1)).durability,
            is_file() ? Durability::kOs : Durability::kDefault);
}

TEST_P(Collections, ALostCounterIsCorrupt) {
  behind(store(), [](RawDatabase& raw) { raw.run("DELETE FROM cairn_format WHERE id = 2"); });
  EXPECT_EQ(status_of([&] { open(); }), Status::kCorrupt);
}

TEST_P(Collections, AReadOnlyDatabaseOpensWhatIsThere) {
  if (!is_file()) GTEST_SKIP() << "only files are opened read-only";
  filled();
  database_.reset();
  StoreOptions options = quick_options(path());
  options.read_only = true;
  database_ = std::make_shared<Database>(open_store(options), Durability::kDefault);
  auto collection = open();
  EXPECT_EQ(rows(collection).size(), 20u);
  EXPECT_EQ(status_of([&] { open("new"); }), Status::kNotFound);
  EXPECT_EQ(status_of([&] { apply(collection, numbered(0, 1)); }), Status::kReadOnly);
  EXPECT_EQ(status_of([&] { collection->reset(); }), Status::kReadOnly);
  EXPECT_EQ(status_of([&] { open("c", version(2)); }), Status::kReadOnly);
  expect_in_order();
}

}  // namespace
}  // namespace cairn::unit
