// The rows behind the one that was changed last. Who changes rows in the order in which they were
// inserted, as a source that sends them all again does, finds them here: many are read by one
// statement, and none is looked for by its key. For a writer, which is told of what it changes
// elsewhere. One thread at a time.
#pragma once

#include <vector>

#include "core/collection/candidates.h"

namespace cairn {

class RowsAhead {
 public:
  RowsAhead(Connection& connection, int64_t collection)
      : connection_(connection), collection_(collection) {}

  // The row with a key, where it is one of those behind the row before, which are read once some
  // were near each other. Valid until the next call; null says nothing.
  const KeptRow* find(Bytes key);
  // A row was looked for in another way, and may have been changed. `row`: 0 where it was not
  // there.
  void went_to(int64_t row);

 private:
  void read();

  Connection& connection_;
  int64_t collection_;
  std::vector<KeptRow> rows_;
  size_t at_ = 0;
  int64_t last_ = 0;  // the row before
  int near_ = 0;      // so many rows were near the one before each
};

}  // namespace cairn
