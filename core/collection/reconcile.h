// Turns a collection into a snapshot with the fewest writes, in one pass: each of the snapshot's
// rows is compared with the stored one, and stored rows that the snapshot lacks are deleted at the
// end. A snapshot in the order of the stored rows is read alongside them, any other by key. One
// thread.
#pragma once

#include "core/collection/row_set.h"
#include "core/collection/row_table.h"
#include "core/storage/store.h"

namespace cairn {

class Reconciler {
 public:
  // `end`: the first number that no stored row has. `rows`: how many there are.
  Reconciler(Connection& connection, int64_t collection, uint64_t end, uint64_t rows,
             RowTable& table)
      : connection_(connection),
        collection_(collection),
        end_(static_cast<int64_t>(end)),
        rows_(rows),
        table_(table) {}
  ~Reconciler() { stop_reading(); }

  void add(const Mutation& mutation);
  // Deletes the rows that no mutation named.
  void finish(const Interruptible& interruptible);

 private:
  bool reads_along() const { return misses_ < kMaxMisses; }
  bool next_is(Bytes key);
  bool advance();
  void stop_reading();
  void find(const Mutation& mutation);
  bool delete_unseen(int64_t& after);

  // After so many rows in another order than the stored ones, reading along is given up until the
  // snapshot is found to follow that order again.
  static constexpr unsigned kMaxMisses = 16;

  Connection& connection_;
  int64_t collection_;
  int64_t end_;
  uint64_t rows_;
  RowTable& table_;
  RowSet seen_;
  Statement* reading_ = nullptr;  // the stored rows in their order
  bool at_row_ = false;           // it stands at a row that was not compared yet
  int64_t after_ = 0;             // the row that was read last
  int64_t left_in_chunk_ = 0;
  unsigned misses_ = 0;
  int64_t last_found_ = 0;
};

}  // namespace cairn
