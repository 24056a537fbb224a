// A page of a SQLite B-tree, and the records in its cells, read without SQLite
// (<https://sqlite.org/fileformat2.html>). Any byte may be hostile: what does not fit is nothing,
// and nothing outside the page is read. Values; no thread rule of their own.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/value/bytes.h"

namespace cairn {

using PageBytes = std::shared_ptr<const std::vector<uint8_t>>;

struct Cell {
  uint32_t child = 0;     // of interior pages: the page before it
  int64_t row = 0;        // of tables: the row's number, or the highest one of the child
  size_t size = 0;        // of the payload
  Bytes local;            // the part of the payload that is on the page
  uint32_t overflow = 0;  // the page with the rest, where there is one
};

class TreePage {
 public:
  // Nothing where the bytes are no such page. `usable`: its size without what is reserved.
  static std::optional<TreePage> read(uint32_t number, PageBytes bytes, size_t usable);

  uint32_t number() const { return number_; }
  bool is_leaf() const { return (kind_ & 8) != 0; }
  bool is_table() const { return (kind_ & 1) != 0; }
  size_t cells() const { return count_; }
  // Nothing where the cell is malformed.
  std::optional<Cell> cell(size_t i) const;
  // Of interior pages: the child after the last cell.
  uint32_t right() const { return right_; }
  // Whether its cells reach to the end of the page, as they do where `usable` is right.
  bool is_filled() const;

 private:
  TreePage(uint32_t number, PageBytes bytes, size_t usable)
      : number_(number), bytes_(std::move(bytes)), usable_(usable) {}
  bool read_header();
  bool place_payload(size_t& at, Cell& cell) const;

  uint32_t number_;
  PageBytes bytes_;
  size_t usable_;
  uint8_t kind_ = 0;
  size_t count_ = 0;
  size_t pointers_ = 0;  // where the cell pointers begin
  uint32_t right_ = 0;
};

// One column of a record.
struct Column {
  enum class Kind : uint8_t { kNull, kInteger, kReal, kBlob, kText };
  Kind kind = Kind::kNull;
  int64_t integer = 0;
  Bytes bytes;

  bool is_null() const { return kind == Kind::kNull; }
  bool is_integer() const { return kind == Kind::kInteger; }
  bool is_blob() const { return kind == Kind::kBlob; }
  bool is_text() const { return kind == Kind::kText; }
};

// Takes a record apart; false where it is malformed, or has more columns than any of ours.
bool read_record(Bytes record, std::vector<Column>& columns);

// Integers of the file format: most significant byte first.
uint64_t load_be(const uint8_t* from, size_t size);
inline uint32_t load_be32(const uint8_t* from) { return static_cast<uint32_t>(load_be(from, 4)); }

}  // namespace cairn
