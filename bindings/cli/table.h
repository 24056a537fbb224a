// A table for people: aligned columns, numbers to the right, long cells cut to the terminal. The
// first rows decide on columns and widths, the others follow as they come, so that any number of
// rows takes bounded memory. For one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text.h"

namespace cairn::cli {

struct Cell {
  std::string text;     // printable
  bool number = false;  // counts for alignment
};

// What a JSON value looks like in a cell: texts without quotes, dates and numbers bare.
Cell cell_of(std::string_view json);

class Table {
 public:
  // `width` in columns; 0: no limit for the table, though there is one for a cell.
  explicit Table(size_t width) : width_(width) {}

  // The position of a column, which is added where it is new. Once rows have been printed there are
  // no new columns: the position is kNone then.
  static constexpr size_t kNone = static_cast<size_t>(-1);
  size_t column(std::string_view heading);

  // A column of its own, whatever the others are called.
  size_t add_column(std::string_view heading);

  // Another heading for a column, before rows have been printed.
  void rename(size_t column, std::string_view heading) { headings_[column] = printable(heading); }

  // Adds a row: a cell per column, absent ones empty.
  void add(std::vector<Cell> row);

  // Prints what is left. A table without rows prints nothing.
  void finish();

  // Rows with a field that has no column.
  uint64_t incomplete_rows() const { return incomplete_rows_; }
  void note_incomplete_row() { ++incomplete_rows_; }

 private:
  void begin();
  void measure();
  void fit();
  void grow(const std::vector<size_t>& wanted);
  void print_row(const std::vector<Cell>& row) const;

  size_t width_;
  std::vector<std::string> headings_;
  std::unordered_map<std::string, size_t> positions_;
  std::vector<std::vector<Cell>> waiting_;
  std::vector<size_t> widths_;  // of the columns that are shown
  std::vector<bool> right_;
  bool begun_ = false;
  uint64_t incomplete_rows_ = 0;
};

// Names and values below each other, for one thing.
class Facts {
 public:
  void add(std::string name, std::string value);
  void print() const;

 private:
  std::vector<std::pair<std::string, std::string>> facts_;
};

}  // namespace cairn::cli
