// Cursors: many rows in row batches of bounded size, over one snapshot. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/collection/collection.h"
#include "core/value/batch_builder.h"

namespace cairn {

struct LoadRequest {
  BatchOptions batch;
  bool by_keys = false;
  std::vector<std::string> keys;  // encoded
  uint64_t limit = UINT64_MAX;
  uint64_t offset = 0;
};

struct DeltaRequest {
  BatchOptions batch;
  uint64_t since = 0;
  uint64_t reset_epoch = 0;
};

// What a cursor gives before its batches.
struct CursorHead {
  Position position;
  bool reload = false;
  std::string reload_reason;
  uint64_t changed = 0;
  uint64_t deleted = 0;
  std::vector<std::string> transaction_ids;
  std::vector<MetadataEntry> metadata;
};

// Where a cursor's rows come from. A source remembers how far it has come; it holds no statement
// between calls.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // Adds rows to the builder until it is full; false when there are no more.
  virtual bool fill(Connection& connection, BatchBuilder& builder,
                    const Interruptible& interruptible) = 0;
};

class Cursor {
 public:
  static std::unique_ptr<Cursor> load(std::shared_ptr<Collection> collection,
                                      const LoadRequest& request);
  static std::unique_ptr<Cursor> delta(std::shared_ptr<Collection> collection,
                                       const DeltaRequest& request);

  const CursorHead& head() const { return head_; }
  // Nothing after the last batch. After an error only kWrongState: rows might be missing otherwise.
  std::optional<Table> next();

 private:
  Cursor(std::shared_ptr<Collection> collection, const BatchOptions& options);

  // Runs `body` over the snapshot.
  void read(const std::function<void(Connection&, const CollectionState&)>& body);

  std::shared_ptr<Collection> collection_;
  std::unique_ptr<Snapshot> snapshot_;  // null where the store has none
  std::optional<CollectionState> state_;
  CursorHead head_;
  std::unique_ptr<RowSource> source_;
  BatchBuilder builder_;
  bool done_ = false;
  bool failed_ = false;
};

}  // namespace cairn
