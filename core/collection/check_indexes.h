// The check of a collection's indexes: every row has its entry, and there is no other. One thread
// at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/collection/index_table.h"

namespace cairn {

class IndexChecker {
 public:
  // `found` is told what is wrong: the row's key, or nothing, and a message.
  using Found = std::function<void(std::string key, std::string message)>;

  IndexChecker(Connection& connection, int64_t collection, ShapeReader& shapes, Found found);

  // Looks for the entries of a row that has passed its own check.
  void check_row(int64_t row, Bytes key, Bytes value);
  // Compares the counts, after the last row.
  void finish();

 private:
  struct One {
    StoredIndex index;
    std::unique_ptr<IndexEntry> entry;
    IndexState counted;
  };

  bool has_entry(const One& one, int64_t row);

  Connection& connection_;
  ShapeReader& shapes_;
  Found found_;
  std::vector<One> all_;
};

}  // namespace cairn
