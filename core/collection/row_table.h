// The rows of one collection inside a write transaction: finds a row, writes it if it differs, and
// keeps count of what was touched. One thread at a time.
#pragma once

#include <vector>

#include "core/collection/index_table.h"
#include "core/collection/log.h"
#include "core/collection/new_rows.h"
#include "core/collection/rows_ahead.h"
#include "core/storage/shape_store.h"
#include "core/value/batch_reader.h"
#include "core/value/row.h"

namespace cairn {

// One mutation, as a row batch or a single call gives it.
struct Mutation {
  fb::Op op = fb::Op::Insert;
  Bytes key;                          // encoded
  const ObjectView* patch = nullptr;  // for insert and update
  fb::MetadataOp metadata_op = fb::MetadataOp::Keep;
  Bytes metadata;  // a stored value
};

class RowTable {
 public:
  RowTable(Connection& connection, int64_t collection, ShapeWriter& shapes, uint64_t version,
           CollectionState& state, CommitResult& result, const TransactionOptions& options,
           IndexWriter* indexes)
      : connection_(connection),
        collection_(collection),
        version_(version),
        state_(state),
        result_(result),
        options_(options),
        indexes_(indexes),
        encoder_(shapes),
        ahead_(connection, collection) {}

  // Applies a mutation; gives the number of the row, 0 where there is none.
  int64_t apply(const Mutation& mutation);
  // The same for one of many: a row that may be new can wait for others, until flush(), and rows
  // that follow each other are read together.
  void add(const Mutation& mutation);
  void flush();
  // The same, to a row that is there.
  void apply_at(int64_t row, const Mutation& mutation);
  // Counts a row as unchanged if its stored value is byte by byte what the mutation says; false
  // where that takes a closer look.
  bool keep(Bytes value, const Mutation& mutation);
  void remove(int64_t row, Bytes key);
  void truncate();

  // What was touched, for the log; sorted, each once. After flush().
  LogEntry take_entry();
  bool touched() const { return touched_; }

 private:
  bool can_wait(const Mutation& mutation) const;
  int64_t insert(Bytes key, Bytes metadata);
  void note_inserted(int64_t row, Bytes key, Bytes value);
  void settle(const NewRows::Row& row, int64_t number);
  void apply_to(int64_t row, Bytes value, Bytes metadata, const Mutation& mutation);
  void write(int64_t row, Bytes key, Bytes old, Bytes old_metadata, Bytes metadata);
  void update_metadata(int64_t row, Bytes old, const Mutation& mutation);
  void note_changed(int64_t row);
  void note_deleted(Bytes key, int64_t row);
  void report(std::vector<std::string>& keys, Bytes key) const;
  void give_up_listing();

  Connection& connection_;
  int64_t collection_;
  uint64_t version_;
  CollectionState& state_;
  CommitResult& result_;
  const TransactionOptions& options_;
  IndexWriter* indexes_;  // null where there are none
  RowEncoder encoder_;
  ByteBuffer kept_metadata_;
  LogEntry entry_;
  size_t deleted_bytes_ = 0;
  bool touched_ = false;
  NewRows waiting_;
  RowsAhead ahead_;
  size_t new_in_a_row_ = 0;  // of the rows that were looked for
};

}  // namespace cairn
