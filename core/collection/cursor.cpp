#include "core/collection/cursor.h"

#include "core/collection/delta.h"
#include "core/collection/delta_source.h"
#include "core/collection/query_source.h"
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
    if (state_->row_version != state.row_version || state_->reset_epoch != state.reset_epoch ||
        state_->indexes != state.indexes)
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
  std::unique_ptr<Cursor> cursor(new Cursor(std::move(collection), request.batch));
  Collection& from = *cursor->collection_;
  auto source = std::make_unique<QuerySource>(from.id(), request);
  cursor->read([&](Connection& connection, const CollectionState& state) {
    Collection::reading(from.name(), [&] {
      source->plan(connection, from.store().shapes(), state.rows, state.indexes != 0);
    });
  });
  cursor->source_ = std::move(source);
  return cursor;
}

std::unique_ptr<Cursor> Cursor::delta(std::shared_ptr<Collection> collection,
                                      const DeltaRequest& request) {
  int64_t id = collection->id();
  std::unique_ptr<Cursor> cursor(new Cursor(std::move(collection), request.batch));
  cursor->read([&](Connection& connection, const CollectionState& state) {
    Delta delta = collect_delta(connection, id, state, request, cursor->head_);
    cursor->source_ = std::make_unique<DeltaSource>(id, std::move(delta), request.tap);
  });
  return cursor;
}

CursorStep Cursor::next() {
  if (failed_)
    throw Error(Status::kWrongState, "the cursor failed before; close it and load again");
  CursorStep step;
  if (done_) return step;
  read([&](Connection& connection, const CollectionState&) {
    Interruptible interruptible(collection_->store());
    StoredShapes shapes(collection_->store().shapes(), connection);
    builder_.begin(source_->shapes(shapes));
    failed_ = true;  // until this batch is whole
    Collection::reading(collection_->name(), [&] {
      // A tap may take nothing of what is read.
      do {
        done_ = !source_->fill(connection, shapes, builder_, interruptible);
      } while (!done_ && builder_.rows() == 0 && !source_->question());
      if (builder_.rows() != 0) step.batch = builder_.finish();
    });
  });
  failed_ = false;
  if (!step.batch && !done_) step.question = source_->question();
  if (done_) snapshot_.reset();
  return step;
}

void Cursor::answer(Bytes portable) { source_->answer(portable); }

}  // namespace cairn
