#include "core/collection/salvage.h"

#include "core/collection/salvage_catalog.h"
#include "core/collection/transaction.h"
#include "core/storage/database_files.h"
#include "core/storage/row_index.h"
#include "core/value/batch_builder.h"
#include "core/value/key.h"
#include "core/value/row.h"

namespace cairn {
namespace {

bool is_key(Bytes key) try {
  describe_key(key);
  return true;
} catch (const Error&) {
  return false;
}

bool is_sound(Bytes row, ShapeReader& shapes) try {
  verify_row(row, shapes);
  return true;
} catch (const Error& error) {
  if (error.status() != Status::kCorrupt) throw;
  return false;
}

bool is_stored_value(Bytes value, ShapeReader& shapes) try {
  ByteBuffer copy;
  TupleWriter writer(copy, 1);
  Transcoder(&shapes, nullptr).put(read_item(value), writer, 0);
  return true;
} catch (const Error&) {
  return false;
}

// Finds the rows, and notes where the best version of each stands.
class RowFinder {
 public:
  RowFinder(PageTrees& trees, SalvageCatalog& catalog, const SalvageOptions& options)
      : trees_(trees), catalog_(catalog), options_(options) {}

  void find() {
    for (auto& [number, collection] : catalog_.collections()) {
      // Not `collection.rows_root` alone: one that is not known has no tree that could be whole.
      bool whole = collection.rows_root != 0;
      int64_t to = number;
      if (whole)
        whole = trees_.walk(collection.rows_root, true,
                            [&](const TreePage& page) { take(page, to, Found::kInTree); });
      found_[number].whole = whole;
    }
    choose_home();
    trees_.each_stray([&](const TreePage& page, uint32_t root) { take_stray(page, root); });
  }

  SalvagedCollection& result(int64_t number) { return found_[number]; }
  RowIndex& index() { return index_; }
  bool found_rows() const { return found_rows_; }

 private:
  // In its tree; where the pointer map says that it belongs to the tree; or anywhere.
  enum class Found { kInTree, kByMap, kLoose };

  // Decides to which collection rows belong of which nothing is known: to the one that lacks some.
  void choose_home() {
    size_t broken = 0;
    for (const auto& [number, collection] : catalog_.collections()) {
      if (found_[number].whole) continue;
      ++broken;
      home_ = number;
    }
    if (catalog_.is_complete() && broken == 0) return;
    has_home_ = true;
    if (broken != 1 || !(catalog_.is_complete() || catalog_.collections().size() == 1))
      home_ = SalvageCatalog::kUnknown;
  }

  void take_stray(const TreePage& page, uint32_t root) {
    if (!page.is_table()) return;
    std::optional<int64_t> number = catalog_.collection_of(root);
    if (!number && !(root == 0 ? has_home_ : catalog_.may_hold_rows(root))) return;
    if (!number) {
      if (!holds_rows(page)) return;
      number = root == 0 ? home_ : catalog_.unknown_of(root);
      if (root == 0 && *number == SalvageCatalog::kUnknown) catalog_.unknown(*number);
    }
    // A page that a whole tree does without holds what was deleted or replaced.
    if (!found_[*number].whole) take(page, *number, root != 0 ? Found::kByMap : Found::kLoose);
  }

  bool holds_rows(const TreePage& page) {
    bool rows = false;
    trees_.each_record(page, [&](size_t, int64_t, const std::vector<Column>& columns) {
      rows |= SalvageCatalog::is_row(columns);
    });
    return rows;
  }

  void take(const TreePage& page, int64_t number, Found how) {
    trees_.each_record(page, [&](size_t cell, int64_t row, const std::vector<Column>& columns) {
      take_row(number, row, {page.number(), static_cast<uint32_t>(cell)}, columns, how);
    });
  }

  void take_row(int64_t number, int64_t id, RowPlace place, const std::vector<Column>& columns,
                Found how) {
    if (!SalvageCatalog::is_row(columns) || !is_key(columns[1].bytes)) {
      // What is loose may be anything.
      if (how != Found::kLoose) note_damaged(number, {});
      return;
    }
    Bytes key = columns[1].bytes;
    bool sound = is_sound(columns[3].bytes, catalog_);
    if (sound) trees_.claim();
    found_rows_ |= sound;
    if (!sound && how == Found::kLoose) return;
    if (!sound) note_damaged(number, key);
    // A damaged row of a tree is noted, too, so that no older version comes back in its place.
    index_.add(number, key, id, sound ? columns[2].integer : -1, how == Found::kInTree,
               sound ? place : RowPlace{});
  }

  void note_damaged(int64_t number, Bytes key) {
    SalvagedCollection& found = found_[number];
    ++found.damaged;
    if (!key.empty() && found.damaged_keys.size() < options_.max_keys)
      found.damaged_keys.emplace_back(as_text(key));
  }

  PageTrees& trees_;
  SalvageCatalog& catalog_;
  const SalvageOptions& options_;
  RowIndex index_;
  std::map<int64_t, SalvagedCollection> found_;
  bool found_rows_ = false;
  bool has_home_ = false;
  int64_t home_ = SalvageCatalog::kUnknown;
};

// Writes what was found of one collection into the new database, batch by batch, each in a
// transaction of its own.
class CollectionWriter {
 public:
  CollectionWriter(PageTrees& trees, ShapeReader& shapes, std::shared_ptr<Collection> collection,
                   const FoundCollection& found, SalvagedCollection& result)
      : trees_(trees),
        shapes_(shapes),
        collection_(std::move(collection)),
        result_(result),
        builder_(batch_options()) {
    builder_.begin(shapes_);
    // Whoever has read from the damaged file is to load anew.
    first_.truncate = true;
    if (found.state && found.state->row_version < kMaxPosition)
      first_.row_version = found.state->row_version + 1;
    // A resume cursor must not outlive lost rows.
    if (found.state && found.state->local) first_.metadata = found.metadata;
    result.metadata_entries = first_.metadata.size();
  }

  void write(RowIndex& index, int64_t number) {
    index.each(number, [&](RowPlace place) {
      trees_.file().pause();
      add(place);
      if (builder_.full()) commit();
    });
    commit();
  }

 private:
  static BatchOptions batch_options() {
    BatchOptions options;
    options.metadata = true;
    return options;
  }

  void add(RowPlace place) {
    if (!trees_.record(place, columns_) || !SalvageCatalog::is_row(columns_)) {
      ++result_.damaged;  // it could be read before: the disk is failing
      return;
    }
    Bytes metadata = columns_[4].bytes;
    if (!metadata.empty() && !is_stored_value(metadata, shapes_)) {
      ++result_.metadata_lost;
      metadata = {};
    }
    builder_.add_row(columns_[1].bytes, columns_[3].bytes, 0, metadata);
  }

  void commit() {
    Transaction transaction(collection_, first_);
    if (builder_.rows() > 0) {
      Table batch = builder_.finish();
      transaction.add({batch.data(), batch.size()});
    }
    result_.recovered += transaction.commit().inserted;
    builder_.begin(shapes_);
    first_ = {};
  }

  PageTrees& trees_;
  ShapeReader& shapes_;
  std::shared_ptr<Collection> collection_;
  SalvagedCollection& result_;
  BatchBuilder builder_;
  TransactionOptions first_;  // of the first transaction; later ones have none
  std::vector<Column> columns_;
};

class Salvager {
 public:
  Salvager(const std::string& damaged, const SalvageOptions& options)
      : file_(damaged, options.pause),
        trees_(file_),
        catalog_(trees_),
        finder_(trees_, catalog_, options) {}

  void find() {
    catalog_.read();
    finder_.find();
    if (catalog_.found_any() || finder_.found_rows()) return;
    if (file_.has_header())
      throw Error(Status::kForeignDatabase,
                  "nothing of a Cairn database was found in the file; it may be of another "
                  "application");
    throw Error(Status::kNotADatabase,
                "nothing of a Cairn database was found in the file; check the path");
  }

  SalvageReport write(const std::string& path) {
    DatabaseOptions options;
    options.store.path = path;
    options.store.background = false;
    auto database = Database::open(options);
    SalvageReport report;
    for (const auto& [number, collection] : catalog_.collections()) {
      // Not one that only stands for rows that were not found.
      if (number < 1 && finder_.result(number).damaged == 0 && !finder_.index().has(number))
        continue;
      report.collections.push_back(write_collection(database, number, collection));
      report.rows += report.collections.back().recovered;
    }
    database->store().sync();
    expect_in_order(*database);
    report.pages = file_.pages();
    report.damaged_pages = trees_.damaged_pages();
    report.page_size = static_cast<uint32_t>(file_.page_size());
    report.shapes = catalog_.shape_count();
    report.journal_used = file_.journal_used();
    return report;
  }

 private:
  SalvagedCollection write_collection(const std::shared_ptr<Database>& database, int64_t number,
                                      const FoundCollection& found) {
    SalvagedCollection& result = finder_.result(number);
    result.name = found.name;
    result.named = found.named;
    CollectionOptions options;
    options.local = true;  // where that is lost: the rows may be nowhere else
    options.durability = Durability::kOs;
    if (found.state) {
      result.state_found = true;
      result.expected = found.state->rows;
      options.schema_version = found.state->schema_version;
      options.local = found.state->local;
    }
    result.schema_version = options.schema_version;
    result.local = options.local;
    auto collection = Collection::open(database, found.name, options);
    CollectionWriter(trees_, catalog_, std::move(collection), found, result)
        .write(finder_.index(), number);
    return result;
  }

  static void expect_in_order(Database& database) {
    CheckReport check = database.check({});
    if (check.problem_count == 0) return;
    throw Error(Status::kIo, "what was written does not pass its check (" +
                                 check.problems[0].message + "): try another disk");
  }

  PageFile file_;
  PageTrees trees_;
  SalvageCatalog catalog_;
  RowFinder finder_;
};

}  // namespace

SalvageReport salvage(const std::string& damaged, const std::string& out,
                      const SalvageOptions& options) {
  expect_closed(damaged);
  expect_free(out);
  Draft draft(out);
  auto salvager = std::make_unique<Salvager>(damaged, options);
  salvager->find();
  SalvageReport report = salvager->write(draft.path());
  expect_free(out);
  put_in_place(draft.path(), out);
  return report;
}

}  // namespace cairn
