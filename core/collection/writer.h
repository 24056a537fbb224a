// What one transaction does to one collection, between the beginning and the end of the database's
// write transaction. One thread at a time.
#pragma once

#include <memory>
#include <optional>

#include "core/collection/collection.h"
#include "core/collection/reconcile.h"
#include "core/collection/row_table.h"
#include "core/storage/store.h"

namespace cairn {

class Writer {
 public:
  // Reads the collection's state and decides on the position. Throws kSchemaMismatch.
  Writer(Collection& collection, Connection& connection, const TransactionOptions& options);

  // Set where nothing is to be done: the position counts as applied, or the request was repeated.
  bool settled() const { return settled_; }

  void add(Bytes batch);
  void apply(const Mutation& mutation);
  ShapeTransaction& shapes() { return shapes_; }

  // Writes what remains. Gives the result; `wrote` says whether there is anything to commit.
  CommitResult finish(bool& wrote);

 private:
  void expect_fence() const;
  void decide_position();
  void allocate_position(bool moved);
  bool find_request();
  void record_request();
  void change_metadata(LogEntry& entry);

  Store& store_;
  Connection& connection_;
  int64_t collection_;
  const CollectionOptions& collection_options_;
  const TransactionOptions& options_;
  Log log_;
  CollectionState state_;
  ShapeTransaction shapes_;
  CommitResult result_;
  std::optional<IndexWriter> indexes_;
  std::optional<RowTable> rows_;
  std::unique_ptr<Reconciler> reconciler_;
  bool allocated_ = false;
  bool moved_ = false;
  bool settled_ = false;
};

}  // namespace cairn
