// Where the rows that a salvage finds stand in the damaged file: by collection and key, the best
// version of each. It is a temporary file of SQLite's, so that any number of rows takes bounded
// memory. One thread at a time.
#pragma once

#include "core/storage/native_connection.h"
#include "core/storage/page_trees.h"

namespace cairn {

class RowIndex : private NativeConnection {
 public:
  RowIndex();

  // Of two rows with one key, one that stands in its tree wins over one that does not, then the
  // higher version. `id`: by which rows are ordered. No place: the row is there, but damaged.
  void add(int64_t collection, Bytes key, int64_t id, int64_t version, bool in_tree,
           RowPlace place);

  bool has(int64_t collection);
  // Gives the rows of a collection that are not damaged, in order.
  void each(int64_t collection, const std::function<void(RowPlace)>& visit);

 private:
  std::unique_ptr<Statement> add_;
  std::unique_ptr<Statement> each_;
};

}  // namespace cairn
