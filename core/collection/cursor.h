// Cursors: many rows in row batches of bounded size, over one snapshot. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/collection/collection.h"
#include "core/collection/row_source.h"

namespace cairn {

struct DeltaRequest {
  BatchOptions batch;
  uint64_t since = 0;
  uint64_t reset_epoch = 0;
  RowTap* tap = nullptr;
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

// What a cursor gives next: a batch, or a question; neither after the last batch.
struct CursorStep {
  std::optional<Table> batch;
  std::optional<HostQuestion> question;
};

class Cursor {
 public:
  static std::unique_ptr<Cursor> load(std::shared_ptr<Collection> collection,
                                      const LoadRequest& request);
  static std::unique_ptr<Cursor> delta(std::shared_ptr<Collection> collection,
                                       const DeltaRequest& request);

  const CursorHead& head() const { return head_; }
  // After an error only kWrongState: rows might be missing otherwise.
  CursorStep next();
  // Answers the question that came last; throws kWrongState where there was none.
  void answer(Bytes portable);
  QueryReport report() const { return source_->report(); }

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
