#include "core/collection/cursor.h"

#include <algorithm>

#include "core/collection/delta.h"
#include "core/collection/row_sources.h"
#include "core/storage/shape_store.h"

namespace cairn {
namespace {

constexpr size_t kInterruptRows = 256;

}  // namespace

Cursor::Cursor(std::shared_ptr<Collection> collection, const CursorOptions& options)
    : collection_(std::move(collection)), options_(options) {
  options_.batch_bytes = std::clamp<size_t>(options.batch_bytes, 1, kMaxBatchBytes);
  options_.batch_rows = std::max<size_t>(options.batch_rows, 1);
  snapshot_ = collection_->store().snapshot();
}

void Cursor::read(const std::function<void(Connection&, const CollectionState&)>& body) {
  auto over = [&](Connection& connection) {
    collection_->guarded([&] {
      if (snapshot_ != nullptr && state_) return body(connection, *state_);
      CollectionState state = Log(connection, collection_->id()).read();
      if (!state_) begin(connection, state);
      if (state_->row_version != state.row_version || state_->reset_epoch != state.reset_epoch)
        throw Error(Status::kSnapshotExpired,
                    "the collection was written to while this cursor was open; load again", 0, true);
      body(connection, state);
    });
  };
  if (snapshot_ != nullptr) return snapshot_->use(over);
  Lease lease = collection_->store().reader();
  over(*lease);
}

void Cursor::begin(Connection&, const CollectionState& state) {
  if (state.schema_version != collection_->options().schema_version)
    throw Error(Status::kSchemaMismatch,
                "Schema version mismatch for collection \"" + collection_->name() + "\": found " +
                    std::to_string(state.schema_version) + ", expected " +
                    std::to_string(collection_->options().schema_version) +
                    "; it changed while the collection was open: open it again");
  state_ = state;
  head_.position = state.position();
}

std::unique_ptr<Cursor> Cursor::load(std::shared_ptr<Collection> collection,
                                     const LoadRequest& request) {
  int64_t id = collection->id();
  std::unique_ptr<Cursor> cursor(new Cursor(std::move(collection), request.cursor));
  cursor->read([](Connection&, const CollectionState&) {});
  if (request.by_keys) {
    cursor->source_ =
        std::make_unique<KeysSource>(id, request.keys, request.limit, request.offset);
  } else {
    cursor->source_ = std::make_unique<ScanSource>(id, request.limit, request.offset);
  }
  return cursor;
}

std::unique_ptr<Cursor> Cursor::delta(std::shared_ptr<Collection> collection,
                                      const DeltaRequest& request) {
  int64_t id = collection->id();
  std::unique_ptr<Cursor> cursor(new Cursor(std::move(collection), request.cursor));
  cursor->read([&](Connection& connection, const CollectionState& state) {
    Delta delta = collect_delta(connection, id, state, request, cursor->head_);
    cursor->source_ =
        std::make_unique<DeltaSource>(id, std::move(delta.rows), std::move(delta.deleted));
  });
  return cursor;
}

std::optional<Table> Cursor::next() {
  if (done_) return std::nullopt;
  std::optional<Table> table;
  read([&](Connection& connection, const CollectionState&) {
    StoredShapes shapes(collection_->store().shapes(), connection);
    BatchBuilder builder(shapes, options_.batch);
    Interruptible interruptible(collection_->store());
    auto full = [&] {
      if (builder.rows() % kInterruptRows == 0) interruptible.check();
      return builder.rows() >= options_.batch_rows || builder.bytes() >= options_.batch_bytes;
    };
    done_ = !source_->fill(connection, builder, full);
    if (builder.rows() != 0) table = builder.finish();
  });
  if (done_) snapshot_.reset();
  return table;
}

}  // namespace cairn
