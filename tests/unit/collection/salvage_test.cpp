// What a salvage gets out of damaged files: every row on pages that are whole, no row that was not
// there, and a report that says what is lost. Each row's texts name its key all over, so that a
// look at the file tells which pages it stands on.
#include "core/collection/salvage.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "core/value/key.h"
#include "support/collections.h"

namespace cairn::unit {
namespace {

constexpr size_t kPage = 4096;

std::string mark_of(const std::string& key) { return "<" + key + ">"; }

// A text of about that size that names its row all over.
std::string marked(const std::string& key, size_t size) {
  std::string text;
  while (text.size() < size) text += mark_of(key);
  return text;
}

class Salvage : public CollectionTest {
 protected:
  // All rows of all collections, by collection and encoded key.
  using Contents = std::map<std::string, Rows>;

  // Small rows, rows over many pages, and a local-only collection; with updates and deletions.
  void fill() {
    auto small = open("small"), large = open("large", {.schema_version = 3});
    auto local = open("local", {.schema_version = 2, .local = true});
    apply(small, batch("s", 0, 1500, 60));
    apply(large, batch("l", 0, 40, 9000));
    TransactionOptions with_metadata;
    with_metadata.metadata = {{"cursor", portable("at 17")}};
    apply(local, batch("o", 0, 300, 100), with_metadata);
    apply(large, Changes().update("l1", {{"cursor", 1}}), with_metadata);
    Changes later;
    for (int i = 0; i < 1500; i += 7) later.remove("s" + std::to_string(i));
    for (int i = 1; i < 1500; i += 7) later.update("s" + std::to_string(i), {{"more", i}});
    apply(small, later);
    apply(large, Changes().remove("l3").remove("l4").remove("l30"));
    Changes touches;
    for (int i = 0; i < 300; i += 3) touches.touch("o" + std::to_string(i), Value(i));
    apply(local, touches);
  }

  static Changes batch(const std::string& prefix, int from, int to, size_t size) {
    Changes changes;
    for (int i = from; i < to; ++i) {
      std::string key = prefix + std::to_string(i);
      changes.insert(key,
                     {{"n", i}, {"text", marked(key, size + static_cast<size_t>(i) % 40 * 7)}});
    }
    return changes;
  }

  static Contents contents_of(std::shared_ptr<Database> database) {
    Contents contents;
    for (const CollectionSummary& one : database->info().collections) {
      CollectionOptions options{.schema_version = one.schema_version, .local = one.local};
      contents[one.name] = rows(Collection::open(database, one.name, options));
    }
    return contents;
  }

  // Remembers what is there, closes the database and gives its bytes.
  std::string close() {
    before_ = contents_of(database_);
    digest_ = digest();
    database_.reset();
    EXPECT_FALSE(std::filesystem::exists(path() + "-wal")) << "something keeps it open";
    std::string bytes = read_bytes(path());
    EXPECT_EQ(bytes.size() % kPage, 0u);
    return bytes;
  }

  // Salvages a file with these bytes; opens what came out of it.
  SalvageReport salvaged(const std::string& bytes, const std::string& journal = "") {
    recovered_.reset();
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(out_ + ending);
    write_bytes(damaged_, bytes);
    std::filesystem::remove(damaged_ + "-wal");
    if (!journal.empty()) write_bytes(damaged_ + "-wal", journal);
    SalvageReport report = salvage(damaged_, out_, {});
    EXPECT_EQ(read_bytes(damaged_), bytes) << "the damaged file was changed";
    EXPECT_FALSE(std::filesystem::exists(out_ + ".partial"));
    recovered_ = Database::open({.store = quick_options(out_)});
    return report;
  }

  // What came out must have been there. Gives the keys that are lost.
  std::set<std::string> lost() {
    Rows known;
    for (const auto& [name, rows] : before_) known.insert(rows.begin(), rows.end());
    std::set<std::string> missing;
    for (const auto& [key, value] : known) missing.insert(key);
    for (const auto& [name, rows] : contents_of(recovered_)) {
      auto same_name = before_.find(name);
      for (const auto& [key, value] : rows) {
        const Rows& from = same_name == before_.end() ? known : same_name->second;
        auto original = from.find(key);
        EXPECT_TRUE(original != from.end() && original->second == value)
            << "invented in " << name << ": " << describe_key(as_bytes(key));
        missing.erase(key);
      }
    }
    return missing;
  }

  // The rows that have nothing on these pages (from 0).
  std::set<std::string> rows_beside(const std::string& bytes, const std::set<size_t>& pages) {
    std::set<std::string> gone;
    for (size_t page : pages)
      for (size_t at = page * kPage, end = at + kPage; at < std::min(end, bytes.size()); ++at)
        if (bytes[at] == '<') gone.insert(bytes.substr(at + 1, bytes.substr(at, 8).find('>') - 1));
    std::set<std::string> beside;
    for (const auto& [name, rows] : before_)
      for (const auto& [key, value] : rows)
        if (!gone.contains(key.substr(1))) beside.insert(key);
    return beside;
  }

  // Damages pages of the file; all rows beside them must come back.
  SalvageReport expect_all_beside(const std::string& bytes, const std::set<size_t>& pages,
                                  const std::function<void(char*)>& damage) {
    std::string copy = bytes;
    for (size_t page : pages) damage(copy.data() + page * kPage);
    SalvageReport report = salvaged(copy);
    std::set<std::string> beside = rows_beside(bytes, pages);
    std::string which;
    for (size_t page : pages) which += " " + std::to_string(page + 1);
    for (const std::string& key : lost())
      EXPECT_FALSE(beside.contains(key)) << key.substr(1) << " is lost with pages" << which;
    return report;
  }

  // An index's tables and some entries, behind the engine's back.
  void add_index(int64_t id, int entries) {
    behind(store(), [&](RawDatabase& raw) {
      std::string number = std::to_string(id);
      raw.run("INSERT INTO cairn_indexes VALUES(" + number + ", 1, ?1, x'01', x'02')", number);
      raw.run(with_collection(kCreateIndex[0], id));
      for (int i = 0; i < entries; ++i)
        raw.run("INSERT INTO cairn_index_" + number + " VALUES(randomblob(40), 1)");
    });
  }

  static void zero(char* page) { std::fill_n(page, kPage, '\0'); }
  std::function<void(char*)> noise() {
    return [this](char* page) {
      for (size_t i = 0; i < kPage; ++i) page[i] = static_cast<char>(random_.next());
    };
  }

  // The first page of a table, from 0.
  static size_t root_of(const std::string& path, const std::string& table) {
    RawDatabase raw(path);
    return static_cast<size_t>(
        raw.integer("SELECT rootpage - 1 FROM sqlite_master WHERE name = '" + table + "'"));
  }

  static const SalvagedCollection& named(const SalvageReport& report, const std::string& name) {
    static const SalvagedCollection kNone;
    for (const SalvagedCollection& one : report.collections)
      if (one.name == name) return one;
    ADD_FAILURE() << "no collection " << name;
    return kNone;
  }

  // Everything came back, in its place, with its order.
  void expect_everything(const SalvageReport& report) {
    EXPECT_EQ(recovered_->digest().digest, digest_);
    for (const SalvagedCollection& one : report.collections) {
      EXPECT_EQ(one.recovered, one.expected) << one.name;
      EXPECT_TRUE(one.is_complete()) << one.name;
    }
  }

  std::string damaged_ = path() + ".damaged", out_ = path() + ".out";
  std::shared_ptr<Database> recovered_;
  Contents before_;
  std::string digest_;
  Random random_{11};
};
INSTANTIATE_TEST_SUITE_P(Stores, Salvage, ::testing::Values(Kind::kFile), kind_name);

TEST_P(Salvage, OfAFileThatIsWholeGivesEverythingBack) {
  fill();
  std::vector<Value> order;
  for (const BatchRow& row : load(open("small")).rows) order.push_back(row.key);
  std::string bytes = close();
  SalvageReport report = salvaged(bytes);
  expect_everything(report);
  EXPECT_TRUE(report.is_complete());
  EXPECT_EQ(report.pages, bytes.size() / kPage);
  EXPECT_EQ(report.damaged_pages, 0u);
  EXPECT_EQ(report.page_size, kPage);
  EXPECT_FALSE(report.journal_used);
  EXPECT_EQ(report.shapes, 3u);
  EXPECT_EQ(report.rows, 1285u + 37u + 300u);
  EXPECT_EQ(lost().size(), 0u);
  // Versions, kinds, order, metadata.
  EXPECT_EQ(named(report, "large").schema_version, 3u);
  EXPECT_TRUE(named(report, "local").local);
  EXPECT_FALSE(named(report, "small").local);
  std::vector<Value> order_now;
  for (const BatchRow& row : load(Collection::open(recovered_, "small", {})).rows)
    order_now.push_back(row.key);
  EXPECT_EQ(order_now, order);
  auto local = Collection::open(recovered_, "local", {.schema_version = 2, .local = true});
  ASSERT_EQ(local->metadata().entries.size(), 1u);
  EXPECT_EQ(local->metadata().entries[0].value, portable("at 17"));
  EXPECT_EQ(named(report, "local").metadata_entries, 1u);
}

TEST_P(Salvage, LeavesOutTheResumeCursorOfASyncedCollection) {
  fill();
  salvaged(close());
  EXPECT_TRUE(
      Collection::open(recovered_, "large", {.schema_version = 3})->metadata().entries.empty());
}

TEST_P(Salvage, MakesThoseWhoReadBeforeLoadAnew) {
  fill();
  uint64_t version = open("small")->info().state.row_version;
  salvaged(close());
  auto small = Collection::open(recovered_, "small", {});
  EXPECT_TRUE(delta(small, version).head.reload);
}

TEST_P(Salvage, KeepsRowMetadataAndEmptyCollections) {
  apply(open("local", {.local = true}), numbered(0, 3).touch("k1", Object{{"seen", true}}));
  open("empty", {.schema_version = 4});
  SalvageReport report = salvaged(close());
  expect_everything(report);
  LoadRequest request;
  request.batch.metadata = true;
  auto loaded = load(Collection::open(recovered_, "local", {.local = true}), request).rows;
  ASSERT_EQ(loaded.size(), 3u);
  EXPECT_EQ(loaded[1].metadata, Value(Object{{"seen", true}}));
  EXPECT_EQ(named(report, "empty").schema_version, 4u);
}

TEST_P(Salvage, ReadsTheJournalThatLiesOverTheFile) {
  fill();
  before_ = contents_of(database_);
  digest_ = digest();
  SalvageReport report = salvaged(read_bytes(path()), read_bytes(path() + "-wal"));
  EXPECT_TRUE(report.journal_used);
  expect_everything(report);
  EXPECT_TRUE(report.is_complete());
}

TEST_P(Salvage, ReadsTheJournalWithoutItsFile) {
  fill();
  before_ = contents_of(database_);
  digest_ = digest();
  SalvageReport report = salvaged("", read_bytes(path() + "-wal"));
  expect_everything(report);
}

TEST_P(Salvage, TakesTheJournalUpToWhereItIsDamaged) {
  auto collection = open("c");
  std::vector<Rows> states{rows(collection)};
  for (int i = 0; i < 20; ++i) {
    apply(collection, batch("k", i * 10, i * 10 + 10, 50));
    states.push_back(rows(collection));
  }
  std::string file = read_bytes(path()), journal = read_bytes(path() + "-wal");
  size_t frames = journal.size() / (kPage + 24);
  std::set<size_t> seen;
  for (int i = 0; i < 15; ++i) {
    std::string copy = journal;
    size_t at = 32 + (frames / 2 + random_.below(frames / 2)) * (kPage + 24);
    copy[at + random_.below(kPage)] ^= 0x10;
    salvaged(file, copy);
    Rows now = contents_of(recovered_)["c"];
    auto state = std::find(states.begin(), states.end(), now);
    ASSERT_NE(state, states.end()) << "part of a transaction";
    seen.insert(static_cast<size_t>(state - states.begin()));
  }
  EXPECT_GT(seen.size(), 3u);
}

TEST_P(Salvage, OutlivesItsFirstPage) {
  fill();
  std::string bytes = close();
  for (const auto& damage : {std::function<void(char*)>(zero), noise()}) {
    SalvageReport report = expect_all_beside(bytes, {0}, damage);
    expect_everything(report);
    EXPECT_EQ(report.damaged_pages, 1u);
    EXPECT_FALSE(report.is_complete());
  }
}

TEST_P(Salvage, OutlivesItsHeader) {
  fill();
  std::string bytes = close();
  for (int i = 0; i < 5; ++i) {
    std::string copy = bytes;
    for (size_t at = 0; at < 100; ++at) copy[at] = static_cast<char>(random_.next());
    expect_everything(salvaged(copy));
  }
}

TEST_P(Salvage, OutlivesEachBrokenFieldOfItsHeader) {
  fill();
  std::string bytes = close();
  for (size_t at : {0, 16, 17, 20, 24, 28, 31, 32, 35, 52, 56}) {
    std::string copy = bytes;
    copy[at] = static_cast<char>(copy[at] ^ 0xff);
    salvaged(copy);
    EXPECT_EQ(lost().size(), 0u) << "byte " << at;
  }
}

TEST_P(Salvage, OutlivesItsFirstPageAfterACollectionWasDropped) {
  fill();
  apply(open("gone"), batch("g", 0, 100, 50));
  apply(open("last"), batch("z", 0, 100, 50));
  database_->drop("gone");
  SalvageReport report = expect_all_beside(close(), {0}, zero);
  EXPECT_EQ(lost().size(), 0u);
  // Which tree is whose cannot be told; but no two are mixed.
  size_t unknown = 0;
  for (const SalvagedCollection& one : report.collections)
    unknown += one.name.starts_with("unknown");
  EXPECT_EQ(unknown, 4u);
}

TEST_P(Salvage, OutlivesItsFirstPageWithIndexes) {
  open("small");
  for (int64_t id : {1, 2}) add_index(id, 300);
  fill();
  add_index(3, 0);
  std::string bytes = close();
  expect_everything(expect_all_beside(bytes, {0}, zero));
  // Nor are their entries taken for anything else.
  for (const char* table : {"cairn_indexes", "cairn_index_1", "cairn_index_3"})
    expect_everything(expect_all_beside(bytes, {root_of(path(), table)}, zero));
  for (const char* table : {"cairn_indexes", "cairn_rows_1", "cairn_log_1", "cairn_rows_2"})
    expect_all_beside(bytes, {0, root_of(path(), table)}, noise());
}

TEST_P(Salvage, OutlivesItsFirstPageAfterAnUpgrade) {
  for (bool with_index : {false, true}) {
    database_.reset();
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path() + ending);
    database_ = open_database();
    // As in a file whose first collections were there before its list of indexes.
    behind(store(), [](RawDatabase& raw) { raw.run("DROP TABLE cairn_indexes"); });
    open("small");
    open("large", {.schema_version = 3});
    behind(store(), [](RawDatabase& raw) { raw.run(kAddIndexes[0]); });
    if (with_index) add_index(1, 300);
    fill();
    expect_everything(expect_all_beside(close(), {0}, zero));
  }
}

TEST_P(Salvage, OutlivesItsFirstPageAfterAnIndexWasDropped) {
  open("small");
  add_index(1, 300);
  fill();
  behind(store(), [](RawDatabase& raw) { raw.run(with_collection(kDropIndex[0], 1)); });
  expect_all_beside(close(), {0}, zero);
}

TEST_P(Salvage, GivesBackWhatStandsBesideAnyDamagedPage) {
  fill();
  std::string bytes = close();
  size_t shapes = root_of(path(), "cairn_shapes");
  // Each of the first ones, where the roots are, and some of the others.
  for (size_t page = 0; page < bytes.size() / kPage; page += page < 24 ? 1 : 9)
    if (page != shapes) expect_all_beside(bytes, {page}, page % 2 == 0 ? zero : noise());
}

TEST_P(Salvage, GivesBackWhatStandsBesideManyDamagedPages) {
  fill();
  std::string bytes = close();
  size_t shapes = root_of(path(), "cairn_shapes");
  for (int round = 0; round < 25; ++round) {
    std::set<size_t> pages;
    for (size_t i = 1 + random_.below(20); i > 0; --i) {
      // Every other one is one of the first, where the roots are.
      size_t page = random_.below(i % 2 == 0 ? 20 : bytes.size() / kPage);
      if (page != shapes) pages.insert(page);
    }
    expect_all_beside(bytes, pages, round % 2 == 0 ? zero : noise());
  }
}

TEST_P(Salvage, WithoutTheShapesFindsNoRow) {
  fill();
  std::string bytes = close();
  SalvageReport report = expect_all_beside(bytes.substr(0), {}, zero);
  zero(bytes.data() + root_of(path(), "cairn_shapes") * kPage);
  report = salvaged(bytes);
  EXPECT_EQ(report.rows, 0u);
  EXPECT_EQ(named(report, "small").damaged, 1285u);
  EXPECT_EQ(named(report, "small").damaged_keys.size(), 100u);
  EXPECT_EQ(named(report, "small").lost(), 1285u);
}

TEST_P(Salvage, OutlivesTheLossOfAllInteriorPages) {
  fill();
  std::string bytes = close();
  std::set<size_t> interior;
  for (size_t page = 1; page < bytes.size() / kPage; ++page)
    if (bytes[page * kPage] == 5) interior.insert(page);
  EXPECT_GE(interior.size(), 2u);
  SalvageReport report = expect_all_beside(bytes, interior, zero);
  EXPECT_EQ(recovered_->digest().digest, digest_);
  EXPECT_EQ(report.damaged_pages, interior.size());
  EXPECT_FALSE(named(report, "small").whole);
  expect_all_beside(bytes, interior, noise());
  EXPECT_EQ(recovered_->digest().digest, digest_);
}

TEST_P(Salvage, KeepsRowsOfOneKeyInSeveralCollectionsApart) {
  for (const char* name : {"a", "b", "c"}) {
    Changes changes;
    for (int i = 0; i < 800; ++i)
      changes.insert("k" + std::to_string(i), {{"of", name}, {"n", i}, {"text", marked(name, 50)}});
    apply(open(name), changes);
  }
  std::string bytes = close();
  for (size_t page = 0; page < 21; ++page) {
    if (page == root_of(path(), "cairn_shapes")) continue;
    std::string copy = bytes;
    zero(copy.data() + page * kPage);
    salvaged(copy);
    for (const auto& [name, rows] : contents_of(recovered_))
      for (const auto& [key, value] : rows)
        EXPECT_TRUE(!before_.contains(name) || *value.find("of") == Value(name)) << page;
  }
}

TEST_P(Salvage, OutlivesBeingCutOffAnywhere) {
  fill();
  std::string bytes = close();
  size_t least = (root_of(path(), "cairn_log_3") + 1) * kPage;
  for (size_t size = bytes.size(); size > least; size -= std::min(size, 11 * kPage + 1234)) {
    SalvageReport report = salvaged(bytes.substr(0, size));
    std::set<size_t> gone;
    for (size_t page = size / kPage; page < bytes.size() / kPage; ++page) gone.insert(page);
    std::set<std::string> beside = rows_beside(bytes, gone);
    for (const std::string& key : lost()) EXPECT_FALSE(beside.contains(key)) << key << " " << size;
    EXPECT_EQ(report.pages, bytes.size() / kPage);
    EXPECT_EQ(report.damaged_pages, gone.size());
  }
}

TEST_P(Salvage, LosesExactlyTheRowsWhoseBytesWereFlipped) {
  fill();
  std::string bytes = close();
  for (int round = 0; round < 12; ++round) {
    std::string copy = bytes;
    std::set<std::string> hit;
    for (int i = 0; i < 5; ++i) {
      std::string key = (i % 2 == 0 ? "s" : "l") + std::to_string(5 + random_.below(20));
      if (!before_["small"].contains(encoded_key(Value(key))) &&
          !before_["large"].contains(encoded_key(Value(key))))
        continue;
      // In the middle of the row's text; where it stands in an old place too, in all of them.
      std::string mark = mark_of(key) + mark_of(key);
      for (size_t at = copy.find(mark); at != std::string::npos; at = copy.find(mark, at + 1))
        copy[at + 1] ^= 0x01;
      hit.insert(encoded_key(Value(key)));
    }
    SalvageReport report = salvaged(copy);
    EXPECT_EQ(lost(), hit);
    uint64_t damaged = 0, told = 0;
    for (const SalvagedCollection& one : report.collections) {
      damaged += one.damaged;
      told += one.damaged_keys.size();
      EXPECT_EQ(one.lost(), one.damaged);
      for (const std::string& key : one.damaged_keys) EXPECT_TRUE(hit.contains(key)) << key;
    }
    EXPECT_EQ(damaged, hit.size());
    EXPECT_EQ(told, hit.size());
    EXPECT_EQ(report.damaged_pages, 0u);
    EXPECT_FALSE(report.is_complete());
  }
}

TEST_P(Salvage, BringsNoDeletedRowBackFromFreePages) {
  apply(open("c"), batch("k", 0, 500, 200));
  apply(open("other"), batch("o", 0, 50, 200));
  database_.reset();
  {
    RawDatabase raw(path());
    raw.run("PRAGMA secure_delete = 0");  // it may be on by default
    raw.run("DELETE FROM cairn_rows_1 WHERE id <= 400");
  }
  database_ = open_database();
  std::string bytes = close();
  ASSERT_NE(bytes.find(mark_of("k100")), std::string::npos) << "the old page should be there";
  salvaged(bytes);
  EXPECT_EQ(recovered_->digest().digest, digest_);
  // lost() fails for each row that was not there.
  for (const char* table : {"cairn_rows_1", "cairn_rows_2", "cairn_collections", "cairn_log_1"})
    expect_all_beside(bytes, {root_of(path(), table)}, zero);
  expect_all_beside(bytes, {0}, zero);
}

TEST_P(Salvage, NeverCrashesWhateverTheBytesAre) {
  fill();
  std::string bytes = close();
  size_t rows = 0;
  for (int round = 0; round < 50; ++round) {
    std::string copy = bytes;
    for (size_t i = 1 + random_.below(400); i > 0; --i) {
      size_t at = random_.below(i % 2 == 0 ? 20 * kPage : copy.size());
      // Pointers and sizes stand at the start of pages.
      if (i % 3 == 0) at = at / kPage * kPage + random_.below(16);
      copy[at] = static_cast<char>(random_.next());
    }
    try {
      rows += salvaged(copy).rows;
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::kNotADatabase) << error.what();
    }
  }
  EXPECT_GT(rows, 15000u);
}

TEST_P(Salvage, RefusesWhatHasNothingOfCairn) {
  database_.reset();
  auto fails = [&](Status status, const std::string& bytes) {
    write_bytes(damaged_, bytes);
    EXPECT_EQ(status_of([&] { salvage(damaged_, out_, {}); }), status);
    EXPECT_FALSE(std::filesystem::exists(out_));
    EXPECT_FALSE(std::filesystem::exists(out_ + ".partial"));
  };
  fails(Status::kNotADatabase, "");
  fails(Status::kNotADatabase, "a text");
  fails(Status::kNotADatabase, std::string(100000, '\0'));
  std::string noise(200000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random_.next());
  fails(Status::kNotADatabase, noise);
  {
    RawDatabase raw(path() + ".foreign");
    raw.run("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT)");
    raw.run("INSERT INTO users(name) VALUES('somebody')");
  }
  fails(Status::kForeignDatabase, read_bytes(path() + ".foreign"));
  std::filesystem::remove(damaged_);
  EXPECT_EQ(status_of([&] { salvage(damaged_, out_, {}); }), Status::kCannotOpen);
}

TEST_P(Salvage, OverwritesNothing) {
  fill();
  std::string bytes = close();
  write_bytes(damaged_, bytes);
  for (const char* ending : {"", "-wal"}) {
    write_bytes(out_ + ending, "mine");
    EXPECT_EQ(status_of([&] { salvage(damaged_, out_, {}); }), Status::kCannotOpen);
    EXPECT_EQ(read_bytes(out_ + ending), "mine");
    std::filesystem::remove(out_ + ending);
  }
  EXPECT_EQ(status_of([&] { salvage(damaged_, damaged_, {}); }), Status::kCannotOpen);
  EXPECT_EQ(read_bytes(damaged_), bytes);
}

TEST_P(Salvage, CanBeEndedAtAnyTime) {
  fill();
  write_bytes(damaged_, close());
  SalvageOptions options;
  int left = 0, steps = 0;
  options.pause = [&] {
    if (left-- == 0) throw Error(Status::kCancelled, "ended");
  };
  for (Status status = Status::kCancelled; status != Status::kOk; steps = steps * 2 + 1) {
    left = steps;
    status = status_of([&] { salvage(damaged_, out_, options); });
    EXPECT_EQ(std::filesystem::exists(out_), status == Status::kOk);
    EXPECT_FALSE(std::filesystem::exists(out_ + ".partial"));
  }
  EXPECT_GT(steps, 1000);
}

// Reading the file in another way would end the locks of the handle that has it open.
TEST_P(Salvage, AFileThatIsOpenHereIsBusy) {
  write_bytes(damaged_, close());
  DatabaseOptions options;
  options.store = quick_options(damaged_);
  auto user = Database::open(options);
  EXPECT_EQ(status_of([&] { salvage(damaged_, out_, {}); }), Status::kBusy);
  EXPECT_FALSE(std::filesystem::exists(out_));
}

}  // namespace
}  // namespace cairn::unit
