// What a damaged file says of its collections: which there are, where their trees begin, their
// newest states and metadata, and the shapes of their rows. It takes what SQLite's schema and the
// catalog still say; where those are damaged it looks at every page, and at last at the order in
// which a file is laid out. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/collection/log.h"
#include "core/storage/page_trees.h"
#include "core/storage/shape_dictionary.h"

namespace cairn {

struct FoundCollection {
  std::string name;
  bool named = false;      // by the catalog
  uint32_t rows_root = 0;  // 0: not known
  uint32_t log_root = 0;
  std::optional<CollectionState> state;
  std::vector<MetadataEntry> metadata;
};

class SalvageCatalog : public ShapeReader {
 public:
  // By the catalog's number; rows that cannot be told to be of one have a number below 1.
  using Collections = std::map<int64_t, FoundCollection>;
  static constexpr int64_t kUnknown = 0;

  explicit SalvageCatalog(PageTrees& trees) : trees_(trees) {}

  void read();

  Collections& collections() { return collections_; }
  // Whether the tree of every collection is known, so that no other tree holds rows.
  bool is_complete() const { return complete_; }
  // Whether anything of a Cairn database is there, rows aside.
  bool found_any() const { return found_schema_ || !states_.empty(); }
  uint32_t shape_count() const { return shape_count_; }

  // The collection whose rows are in the tree from `root`.
  std::optional<int64_t> collection_of(uint32_t root) const;
  // Whether a tree of which nothing is known may be one of rows, and the collection for those.
  bool may_hold_rows(uint32_t root) const;
  int64_t unknown_of(uint32_t root);
  // The collection for rows of which nothing is known at all, or not more than their tree.
  FoundCollection& unknown(int64_t number);

  const Shape& shape(uint32_t id) override;

  // Whether a record is one of a table of rows.
  static bool is_row(const std::vector<Column>& columns);

 private:
  using Columns = std::vector<Column>;
  enum class Content : uint8_t { kUnread, kEmpty, kRows, kLog, kOther };

  void read_schema();
  void read_fixed_tables();
  bool read_table(const std::string& name, bool table, const PageTrees::Record& take);
  void read_logs();
  void place_by_order();
  void place_collections_by_order();
  bool may_be(size_t place, bool table);
  bool is_collection_at(size_t place);
  size_t after_indexes(size_t place);
  void find_collections();
  void find_lone_trees();
  Content content_of(uint32_t root);
  void take_strays();
  void take_stray(const TreePage& page, uint32_t root);
  void take_unplaced(int64_t row, const Columns& columns);
  bool is_whole(const std::string& name) const;
  uint32_t root_of(const std::string& name) const;
  std::string free_name(const std::string& wanted) const;

  void take_schema(const Columns& columns);
  void take_name(int64_t row, const Columns& columns);
  void take_shape(int64_t row, const Columns& columns);
  void take_state(int64_t number, int64_t row, const Columns& columns);
  void take_metadata(const Columns& columns);

  PageTrees& trees_;
  std::map<std::string, uint32_t> tables_;  // name -> root
  std::map<uint32_t, std::string> named_roots_;
  std::map<std::string, bool> whole_;  // of the tables that were read
  std::vector<uint32_t> roots_;        // in the order in which they were made
  std::map<int64_t, std::string> names_;
  std::map<int64_t, CollectionState> states_;
  std::map<int64_t, std::map<std::string, std::string>> metadata_;
  size_t metadata_bytes_ = 0;
  Collections collections_;
  ShapeDictionary shapes_;
  uint32_t shape_count_ = 0;
  bool complete_ = false;
  bool found_schema_ = false;
  bool schema_only_ = false;
  bool passed_list_ = false;  // of indexes, on the way through the roots
};

}  // namespace cairn
