#include "core/collection/cursor.h"

#include <algorithm>

#include "core/collection/delta.h"
#include "core/collection/row_sources.h"
#include "core/storage/shape_store.h"

namespace cairn {
Cursor::Cursor(std::shared_ptr<Collection> collection, const BatchOptions& options)
    : collection_(std::move(collection)), builder_(options) {
  snapshot_ = collection_->store().snapshot();
}

void Cursor::read(const std::function<void(Connection&, const CollectionState&)>& body) {
  auto over = [&](Connection& connection) {
    if (snapshot_ != nullptr && state_) return body(connection, *state_);
    CollectionState state = collection_->read_state(connection);
    if (!state_) state_ = state;
    head_.position = state_->position();
    if (state_->row_version != state.row_version || state_->reset_epoch != state.reset_epoch)
      throw Error(Status::kSnapshotExpired,
                  "the collection was written to while this cursor was open; load again", 0, true);
    body(connection, state);
  };
  collection_->guarded([&] {
    if (snapshot_ != nullptr) return snapshot_->use(over);
    Lease lease = collection_->store().reader();
    over(*lease);
  });
}

std::unique_ptr<Cursor> Cursor::load(std::shared_ptr<Collection> collection,
                                     const LoadRequest& request) {
  int64_t id = collection->id();
  std::unique_ptr<Cursor> cursor(new Cursor(std::move(collection), request.batch));
  uint64_t rows = 0;
  cursor->read([&](Connection&, const CollectionState& state) { rows = state.rows; });
  if (request.by_keys) {
    cursor->source_ = std::make_unique<KeysSource>(id, request.keys, request.limit, request.offset);
  } else {
    // No larger than they need be: a host's integers have 53 bits.
    uint64_t limit = std::min(request.limit, rows), offset = std::min(request.offset, rows);
    bool values_only = !request.batch.versions && !request.batch.metadata;
    cursor->source_ = std::make_unique<ScanSource>(id, values_only, limit, offset);
  }
  return cursor;
}

std::unique_ptr<Cursor> Cursor::delta(std::shared_ptr<Collection> collection,
                                      const DeltaRequest& request) {
  int64_t id = collection->id();
  std::unique_ptr<Cursor> cursor(new Cursor(std::move(collection), request.batch));
  cursor->read([&](Connection& connection, const CollectionState& state) {
    Delta delta = collect_delta(connection, id, state, request, cursor->head_);
    cursor->source_ =
        std::make_unique<DeltaSource>(id, std::move(delta.rows), std::move(delta.deleted));
  });
  return cursor;
}

std::optional<Table> Cursor::next() {
  if (failed_)
    throw Error(Status::kWrongState, "the cursor failed before; close it and load again");
  if (done_) return std::nullopt;
  std::optional<Table> table;
  read([&](Connection& connection, const CollectionState&) {
    Interruptible interruptible(collection_->store());
    StoredShapes shapes(collection_->store().shapes(), connection);
    builder_.begin(shapes);
    failed_ = true;  // until this batch is whole
    Collection::reading(collection_->name(), [&] {
      done_ = !source_->fill(connection, builder_, interruptible);
      if (builder_.rows() != 0) table = builder_.finish();
    });
  });
  failed_ = false;
  if (done_) snapshot_.reset();
  return table;
}

}  // namespace cairn
