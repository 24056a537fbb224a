// The pages and B-trees of SQLite's files, read without SQLite: what SQLite wrote is read, with
// every size of pages; and whatever the bytes are, reading ends and stays inside.
#include "core/storage/page_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/storage/database_files.h"
#include "core/storage/page_trees.h"
#include "core/storage/row_index.h"
#include "support/stores.h"

namespace cairn::unit {
namespace {

class PageFileTest : public ::testing::Test {
 protected:
  std::string path() const { return folder_ / "db"; }

  // A table with values of every kind, many of them over several pages.
  void make(int page_size, int auto_vacuum, int rows = 300) {
    RawDatabase raw(path());
    raw.run("PRAGMA page_size = " + std::to_string(page_size));
    raw.run("PRAGMA auto_vacuum = " + std::to_string(auto_vacuum));
    raw.run("CREATE TABLE t(id INTEGER PRIMARY KEY, i, r, x)");
    raw.run("CREATE TABLE w(a INTEGER, b BLOB, PRIMARY KEY(a, b)) WITHOUT ROWID");
    raw.run("BEGIN");
    for (int i = 0; i < rows; ++i) {
      // Of 1 to 8 bytes, positive and negative.
      std::string id = std::to_string(i * 3 - 200);
      std::string integer = std::to_string((i % 2 == 0 ? 1 : -1) * (int64_t{1} << i % 63));
      raw.run("INSERT INTO t VALUES(" + id + ", " + integer + ", 0.5, ?1)", text_of(i));
      raw.run("INSERT INTO w VALUES(" + id + ", ?1)", text_of(i).substr(0, 900));
    }
    raw.run("COMMIT");
    root_ =
        static_cast<uint32_t>(raw.integer("SELECT rootpage FROM sqlite_master WHERE name = 't'"));
    index_root_ =
        static_cast<uint32_t>(raw.integer("SELECT rootpage FROM sqlite_master WHERE name = 'w'"));
  }

  // Around every limit on what a page holds.
  static std::string text_of(int i) {
    return std::string(static_cast<size_t>(i % 5 == 0 ? i * 53 : i),
                       static_cast<char>('a' + i % 26));
  }

  // The rows of the table by number; `whole` says whether the walk found all.
  std::map<int64_t, std::string> rows_of(PageTrees& trees, bool* whole = nullptr) {
    std::map<int64_t, std::string> rows;
    bool done = trees.walk(root_, true, [&](const TreePage& page) {
      trees.each_record(page, [&](size_t, int64_t row, const std::vector<Column>& columns) {
        if (columns.size() != 4) return;
        EXPECT_TRUE(rows.emplace(row, as_text(columns[3].bytes)).second) << "twice: " << row;
      });
    });
    if (whole != nullptr) *whole = done;
    return rows;
  }

  std::string bytes() const { return read_bytes(path()); }
  // Writes the file anew with a change.
  void change(const std::function<void(std::string&)>& change) {
    std::string copy = bytes();
    change(copy);
    write_bytes(path(), copy);
  }

  TempFolder folder_;
  uint32_t root_ = 0;
  uint32_t index_root_ = 0;
};

struct Layout {
  int page_size;
  int auto_vacuum;
};
class EveryPageSize : public PageFileTest, public ::testing::WithParamInterface<Layout> {};
INSTANTIATE_TEST_SUITE_P(Sizes, EveryPageSize,
                         ::testing::Values(Layout{512, 0}, Layout{512, 2}, Layout{1024, 2},
                                           Layout{4096, 0}, Layout{4096, 2}, Layout{16384, 2},
                                           Layout{65536, 0}, Layout{65536, 2}));

TEST_P(EveryPageSize, ReadsWhatSQLiteWrote) {
  make(GetParam().page_size, GetParam().auto_vacuum);
  PageFile file(path(), {});
  EXPECT_EQ(file.page_size(), static_cast<size_t>(GetParam().page_size));
  EXPECT_EQ(file.pages(), bytes().size() / file.page_size());
  EXPECT_TRUE(file.has_header());
  EXPECT_FALSE(file.journal_used());
  PageTrees trees(file);
  std::map<int64_t, std::string> expected;
  for (int i = 0; i < 300; ++i) expected[i * 3 - 200] = text_of(i);
  bool whole = false;
  EXPECT_EQ(rows_of(trees, &whole), expected);
  EXPECT_TRUE(whole);
  std::map<int64_t, std::string> index;
  EXPECT_TRUE(trees.walk(index_root_, false, [&](const TreePage& page) {
    trees.each_record(page, [&](size_t, int64_t, const std::vector<Column>& columns) {
      ASSERT_EQ(columns.size(), 2u);
      EXPECT_TRUE(columns[0].is_integer() && columns[1].is_blob());
      index.emplace(columns[0].integer, as_text(columns[1].bytes));
    });
  }));
  for (auto& [row, text] : expected) text = text.substr(0, 900);
  EXPECT_EQ(index, expected);
}

TEST_P(EveryPageSize, FindsThePageSizeWithoutTheHeader) {
  make(GetParam().page_size, GetParam().auto_vacuum);
  change([&](std::string& bytes) { bytes.replace(0, 100, 100, '\xa5'); });
  PageFile file(path(), {});
  EXPECT_EQ(file.page_size(), static_cast<size_t>(GetParam().page_size));
  EXPECT_FALSE(file.has_header());
  PageTrees trees(file);
  EXPECT_EQ(rows_of(trees).size(), 300u);
}

TEST_P(EveryPageSize, TheMapTellsWhereEachPageBelongs) {
  make(GetParam().page_size, GetParam().auto_vacuum);
  PageFile file(path(), {});
  PageTrees trees(file);
  if (GetParam().auto_vacuum == 0) {
    EXPECT_TRUE(trees.roots().empty());
    EXPECT_EQ(trees.root_of(root_), 0u);
    return;
  }
  EXPECT_EQ(trees.roots(), (std::vector<uint32_t>{root_, index_root_}));
  size_t leaves = 0;
  trees.walk(root_, true, [&](const TreePage& page) {
    EXPECT_EQ(trees.root_of(page.number()), root_);
    ++leaves;
  });
  EXPECT_GT(leaves, 0u);
}

TEST_F(PageFileTest, ReadsColumnsOfEveryKind) {
  make(4096, 2);
  PageFile file(path(), {});
  PageTrees trees(file);
  trees.walk(root_, true, [&](const TreePage& page) {
    trees.each_record(page, [&](size_t, int64_t row, const std::vector<Column>& columns) {
      int64_t i = (row + 200) / 3;
      ASSERT_EQ(columns.size(), 4u);
      EXPECT_TRUE(columns[0].is_null());
      EXPECT_EQ(columns[1].integer, (i % 2 == 0 ? 1 : -1) * (int64_t{1} << i % 63));
      EXPECT_EQ(columns[2].kind, Column::Kind::kReal);
      EXPECT_TRUE(columns[3].is_blob());
    });
  });
}

TEST_F(PageFileTest, VisitsNoPageTwiceAndNoFreeOne) {
  make(1024, 2);
  {
    RawDatabase raw(path());
    raw.run("DELETE FROM t WHERE id > 0");
  }
  PageFile file(path(), {});
  PageTrees trees(file);
  EXPECT_EQ(rows_of(trees).size(), 67u);
  EXPECT_EQ(rows_of(trees).size(), 0u) << "all have been visited";
  trees.walk(1, true, [](const TreePage&) {});
  trees.walk(index_root_, false, [](const TreePage&) {});
  size_t strays = 0;
  trees.each_stray([&](const TreePage&, uint32_t) { ++strays; });
  EXPECT_EQ(strays, 0u);
  EXPECT_EQ(trees.damaged_pages(), 0u);
}

TEST_F(PageFileTest, StraysAreTheLeavesThatNoWalkReaches) {
  make(1024, 2);
  size_t leaves = 0;
  {
    PageFile file(path(), {});
    PageTrees trees(file);
    trees.walk(root_, true, [&](const TreePage&) { ++leaves; });
  }
  change([&](std::string& bytes) { bytes.replace((root_ - 1) * 1024, 1024, 1024, '\0'); });
  PageFile file(path(), {});
  PageTrees trees(file);
  bool whole = true;
  EXPECT_EQ(rows_of(trees, &whole).size(), 0u);
  EXPECT_FALSE(whole);
  size_t strays = 0;
  trees.each_stray(
      [&](const TreePage& page, uint32_t root) { strays += page.is_table() && root == root_; });
  EXPECT_EQ(strays, leaves);
  EXPECT_EQ(trees.damaged_pages(), 1u);
}

TEST_F(PageFileTest, TreesThatRunInCirclesEnd) {
  make(512, 0);
  std::string whole = bytes();
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    // Children that are pages of anywhere, their parents among them.
    std::string copy = whole;
    size_t pages = copy.size() / 512;
    for (size_t page = 1; page < pages; ++page) {
      if ((copy[page * 512] != 5 && copy[page * 512] != 2) || random.chance(50)) continue;
      size_t child = round % 2 == 0 ? root_ : 1 + random.below(pages);
      copy[page * 512 + 10] = static_cast<char>(child >> 8);
      copy[page * 512 + 11] = static_cast<char>(child);
    }
    write_bytes(path(), copy);
    PageFile file(path(), {});
    PageTrees trees(file);
    rows_of(trees);
  }
}

TEST_F(PageFileTest, ChainsThatRunInCirclesEnd) {
  make(512, 0);
  // Every overflow page names itself as the next one.
  change([](std::string& bytes) {
    for (size_t page = 1; page < bytes.size() / 512; ++page) {
      if (bytes[page * 512] != 0) continue;
      for (size_t i = 0; i < 4; ++i)
        bytes[page * 512 + i] = static_cast<char>((page + 1) >> (24 - 8 * i));
    }
  });
  PageFile file(path(), {});
  PageTrees trees(file);
  for (const auto& [row, text] : rows_of(trees))
    EXPECT_EQ(text.size(), text_of(static_cast<int>(row + 200) / 3).size());
}

TEST_F(PageFileTest, ClaimedOverflowPagesAreNobodyElses) {
  make(512, 0);
  PageFile file(path(), {});
  PageTrees trees(file);
  std::vector<std::pair<RowPlace, size_t>> places;
  std::vector<TreePage> pages;
  trees.walk(root_, true, [&](const TreePage& page) {
    pages.push_back(page);
    trees.each_record(page, [&](size_t cell, int64_t, const std::vector<Column>& columns) {
      ASSERT_FALSE(columns.empty());
      places.push_back({{page.number(), static_cast<uint32_t>(cell)}, columns[3].bytes.size()});
      trees.claim();
    });
  });
  size_t refused = 0;
  for (const TreePage& page : pages)
    trees.each_record(page, [&](size_t, int64_t, const std::vector<Column>& columns) {
      refused += columns.empty();
    });
  EXPECT_GT(refused, 20u);
  // Their owners can be read again.
  std::vector<Column> columns;
  for (const auto& [place, size] : places) {
    ASSERT_TRUE(trees.record(place, columns));
    EXPECT_EQ(columns[3].bytes.size(), size);
  }
}

TEST_F(PageFileTest, ReadingStaysInsideWhateverTheBytesAre) {
  Random random(6);
  size_t cells = 0;
  for (int round = 0; round < 3000; ++round) {
    size_t size = size_t{512} << random.below(4);
    auto bytes = std::make_shared<std::vector<uint8_t>>(size);
    for (uint8_t& byte : *bytes) byte = static_cast<uint8_t>(random.next());
    static constexpr uint8_t kKinds[] = {2, 5, 10, 13};
    (*bytes)[0] = kKinds[random.below(4)];
    (*bytes)[3] = 0;
    (*bytes)[5] = static_cast<uint8_t>(random.below(size / 256));
    std::optional<TreePage> page = TreePage::read(2, bytes, size - random.below(16));
    if (!page) continue;
    std::vector<Column> columns;
    for (size_t i = 0; i < page->cells(); ++i) {
      std::optional<Cell> cell = page->cell(i);
      if (!cell) continue;
      ++cells;
      ASSERT_GE(cell->local.data(), cell->local.empty() ? nullptr : bytes->data());
      ASSERT_LE(cell->local.data() + cell->local.size(), bytes->data() + size);
      read_record(cell->local, columns);
      for (const Column& column : columns)
        ASSERT_LE(column.bytes.data() + column.bytes.size(), bytes->data() + size);
    }
  }
  EXPECT_GT(cells, 3000u);
}

TEST_F(PageFileTest, ReadsTheJournalUpToItsLastCommit) {
  RawDatabase raw(path());
  raw.run("PRAGMA journal_mode = WAL");
  raw.run("PRAGMA wal_autocheckpoint = 0");
  raw.run("CREATE TABLE t(id INTEGER PRIMARY KEY, i, r, x)");
  root_ = 2;
  for (int i = 0; i < 30; ++i)
    raw.run("INSERT INTO t VALUES(NULL, 1, 2, ?1)", std::string(700, 'x'));
  std::string file_bytes = bytes(), journal = read_bytes(path() + "-wal");
  size_t last = 0;
  for (size_t size = 0; size <= journal.size(); size += 1900) {
    std::string copy = folder_ / "copy";
    write_bytes(copy, file_bytes);
    write_bytes(copy + "-wal", journal.substr(0, size));
    size_t rows = 0;
    try {
      PageFile file(copy, {});
      PageTrees trees(file);
      bool whole = false;
      rows = rows_of(trees, &whole).size();
      EXPECT_TRUE(whole || rows == 0);
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::kNotADatabase) << error.what();
    }
    EXPECT_GE(rows, last);
    last = rows;
  }
  EXPECT_GE(last, 29u);
}

TEST_F(PageFileTest, LeavesOutFramesOfAnOlderJournal) {
  RawDatabase raw(path());
  raw.run("PRAGMA journal_mode = WAL");
  raw.run("CREATE TABLE t(id INTEGER PRIMARY KEY, i, r, x)");
  root_ = 2;
  for (int i = 0; i < 20; ++i)
    raw.run("INSERT INTO t VALUES(NULL, 1, 2, ?1)", std::string(3000, 'x'));
  raw.run("PRAGMA wal_checkpoint(RESTART)");
  raw.run("UPDATE t SET x = 'new' WHERE id = 20");  // over the start of the old frames
  PageFile file(path(), {});
  EXPECT_TRUE(file.journal_used());
  PageTrees trees(file);
  auto rows = rows_of(trees);
  EXPECT_EQ(rows.size(), 20u);
  EXPECT_EQ(rows[20], "new");
}

TEST_F(PageFileTest, RefusesWhatIsNoFileOrHasNoPages) {
  auto open = [&](const std::string& path) { return status_of([&] { PageFile(path, {}); }); };
  EXPECT_EQ(open(folder_ / "none"), Status::kCannotOpen);
  EXPECT_EQ(open(folder_ / ""), Status::kCannotOpen);
  for (size_t size : {0, 1, 100, 511, 512, 70000}) {
    write_bytes(path(), std::string(size, '\0'));
    EXPECT_EQ(open(path()), Status::kNotADatabase) << size;
  }
}

TEST_F(PageFileTest, TheIndexKeepsTheBestOfEachRow) {
  RowIndex index;
  auto add = [&](const char* key, int64_t id, int64_t version, bool in_tree, uint32_t page) {
    index.add(1, as_bytes(key), id, version, in_tree, {page, 0});
  };
  add("b", 2, 5, true, 10);
  add("b", 2, 6, true, 11);
  add("b", 2, 4, true, 12);
  add("b", 2, 9, false, 13);  // newer, but no part of the tree
  add("a", 3, 1, false, 14);
  add("a", 3, 2, false, 15);
  add("damaged", 1, -1, true, 0);
  add("damaged", 1, 7, false, 16);  // an older version of it
  std::vector<uint32_t> pages;
  index.each(1, [&](RowPlace place) { pages.push_back(place.page); });
  EXPECT_EQ(pages, (std::vector<uint32_t>{11, 15}));
  EXPECT_TRUE(index.has(1));
  EXPECT_FALSE(index.has(2));
}

TEST_F(PageFileTest, ADraftTakesItsNameWhenItIsWhole) {
  {
    Draft draft(path());
    EXPECT_EQ(draft.path(), path() + ".partial");
    write_bytes(draft.path(), "half");
  }
  EXPECT_FALSE(std::filesystem::exists(path() + ".partial"));
  Draft draft(path());
  write_bytes(draft.path(), "whole");
  write_bytes(draft.path() + "-wal", "what the file lacks");
  EXPECT_EQ(status_of([&] { put_in_place(draft.path(), path()); }), Status::kIo);
  EXPECT_FALSE(std::filesystem::exists(path()));
  std::filesystem::remove(draft.path() + "-wal");
  put_in_place(draft.path(), path());
  EXPECT_EQ(bytes(), "whole");
  EXPECT_EQ(status_of([&] { expect_free(path()); }), Status::kCannotOpen);
}

}  // namespace
}  // namespace cairn::unit
