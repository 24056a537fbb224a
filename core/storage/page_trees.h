// The B-trees of a damaged file: walks from their roots, and what no walk reaches, which the
// pointer map may still tell where it belongs. Every page is visited once at most, so cycles end.
// One bit for each page is kept for each of a few purposes. One thread at a time.
#pragma once

#include <functional>
#include <vector>

#include "core/storage/page_file.h"

namespace cairn {

// Where a record stands; page 0: nowhere.
struct RowPlace {
  uint32_t page = 0;
  uint32_t cell = 0;
};

class PageTrees {
 public:
  using Visit = std::function<void(const TreePage&)>;

  explicit PageTrees(PageFile& file);

  PageFile& file() { return file_; }

  // Visits the leaves of a table, or all pages of an index, in order. True where the tree is whole:
  // each of its pages could be read and was where it should be.
  bool walk(uint32_t root, bool table, const Visit& visit);

  // The root of the tree to which the pointer map counts a page; 1 for the schema's, 0: not known.
  uint32_t root_of(uint32_t page);
  // All roots after the first page, by the pointer map.
  std::vector<uint32_t> roots();

  // Visits the leaves that no walk has reached and that are not known to be free.
  void each_stray(const std::function<void(const TreePage&, uint32_t root)>& visit);

  // Takes the records of a page one by one. Their columns are valid during the visit; there are
  // none where the record is malformed. `row`: its number in a table.
  using Record = std::function<void(size_t cell, int64_t row, const std::vector<Column>& columns)>;
  void each_record(const TreePage& page, const Record& visit);
  // One record that each_record() has given before; false where it is malformed.
  bool record(RowPlace place, std::vector<Column>& columns);

  // In a record's visit: its overflow pages are its own, and no other record may have them. So a
  // hostile file gives no more than its size.
  void claim();

  // Pages that cannot be read, or are not what they should be.
  uint64_t damaged_pages() const { return damaged_count_; }

 private:
  struct Step {
    uint32_t parent;
    int64_t above;  // the rows of a table's page are above this one
    int64_t most;   // ... and at most this one
    int depth;
    bool table;
  };

  bool descend(uint32_t number, const Step& step, const Visit& visit);
  bool descend_children(const TreePage& page, const Step& step, const Visit& visit);
  bool belongs(const TreePage& page, const Step& step);
  bool refers(uint32_t parent, uint32_t child);
  bool payload(const Cell& cell, Bytes& out);
  void end_record();
  void find_free_pages();
  void note_damaged(uint32_t number);
  void check_map(uint32_t number, const MapEntry& entry);
  bool is_stray(uint32_t number);

  PageFile& file_;
  std::vector<bool> visited_;
  std::vector<bool> damaged_;
  std::vector<bool> free_;
  std::vector<bool> claimed_;
  uint64_t damaged_count_ = 0;
  uint64_t unclaimed_ = 0;  // overflow pages that were read and claimed by nobody
  bool claiming_ = true;
  std::vector<uint32_t> chain_;  // the overflow pages of the last payload
  ByteBuffer gathered_;
};

}  // namespace cairn
