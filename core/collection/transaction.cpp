#include "core/collection/transaction.h"

#include <algorithm>

#include "core/value/key.h"

namespace cairn {
namespace {

// Ends a host's transaction that has nothing to keep.
struct NothingToKeep {};

void normalize(TransactionOptions& options) {
  for (MetadataEntry& entry : options.metadata) {
    if (!entry.value) continue;
    ByteBuffer value;
    TupleWriter writer(value, 1);
    try {
      Transcoder(nullptr, nullptr).put(read_item(as_bytes(*entry.value)), writer, 0);
    } catch (const ValueError& error) {
      throw Error(Status::kInvalidValue, "metadata \"" + entry.key + "\": " + error.describe());
    }
    entry.value = std::string(as_text(value.bytes()));
  }
}

}  // namespace

Transaction::Transaction(std::shared_ptr<Collection> collection, TransactionOptions options)
    : collection_(std::move(collection)), options_(std::move(options)) {
  if (options_.mode == TransactionMode::kReconcile && options_.truncate)
    throw Error(Status::kInvalidArgument,
                "a reconcile deletes what is to go; it does not truncate");
  if (std::max({options_.term, options_.seq, options_.row_version}) > kMaxPosition)
    throw Error(Status::kInvalidArgument, "a term, seq and row version are at most 2^52");
  normalize(options_);
  if (collection_->store().holds()) {
    collection_->guarded([&] { begin(); });
  } else {
    // So that what cannot be written fails here, and not after all its batches.
    collection_->guarded([&] {
      Lease lease = collection_->store().reader();
      collection_->read_state(*lease);
    });
  }
}

Transaction::~Transaction() { end(); }

void Transaction::begin() {
  Store& store = collection_->store();
  lease_.emplace(store.writer());
  store.begin(**lease_);
  try {
    writer_.emplace(*collection_, **lease_, options_);
  } catch (...) {
    end();
    throw;
  }
}

void Transaction::end() noexcept {
  writer_.reset();
  if (lease_) collection_->store().rollback(**lease_);
  lease_.reset();
  waiting_.clear();
  if (state_ == State::kOpen) state_ = State::kEnded;
}

void Transaction::expect_open() const {
  if (state_ == State::kFailed)
    throw Error(Status::kWrongState, "the transaction failed before; close it and begin anew");
  if (state_ == State::kEnded)
    throw Error(Status::kWrongState, "the transaction has ended; begin a new one");
}

template <typename Body>
auto Transaction::step(Body body) {
  expect_open();
  try {
    return body();
  } catch (...) {
    state_ = State::kFailed;
    end();
    throw;
  }
}

void Transaction::add(Bytes batch) {
  step([&] {
    if (writer_) return writer_->add(batch);
    if (batch.size() > kMaxBatchBytes) throw Error(Status::kTooLarge, "a row batch above 64 MiB");
    auto copy = std::make_shared<ByteBuffer>();
    copy->put(batch);
    waiting_.emplace_back([copy](Writer& writer) { writer.add(copy->bytes()); });
  });
}

void Transaction::put(Bytes key, const Bytes* value) {
  step([&] {
    if (writer_) return apply_row(*writer_, key, value);
    auto copy = std::make_shared<std::pair<std::string, std::optional<std::string>>>(as_text(key),
                                                                                     std::nullopt);
    if (value != nullptr) copy->second = as_text(*value);
    waiting_.emplace_back([this, copy](Writer& writer) {
      Bytes bytes = copy->second ? as_bytes(*copy->second) : Bytes{};
      apply_row(writer, as_bytes(copy->first), copy->second ? &bytes : nullptr);
    });
  });
}

void Transaction::apply_row(Writer& writer, Bytes key, const Bytes* value) {
  ByteBuffer encoded, fields;
  portable_key(key, encoded);
  Mutation mutation;
  mutation.key = encoded.bytes();
  if (value == nullptr) {
    mutation.op = fb::Op::Delete;
    return writer.apply(mutation);
  }
  try {
    Item object = read_item(*value);
    if (object.tag != kObject) throw ValueError("a row's value must be an object");
    std::vector<std::string_view> names;
    ObjectView patch =
        store_fields(read_object(object.bytes(), nullptr, names), writer.shapes(), fields);
    mutation.patch = &patch;
    writer.apply(mutation);
  } catch (const ValueError& error) {
    throw Error(error.status(), "key " + describe_key(mutation.key) + ": " + error.describe());
  }
}

CommitResult Transaction::commit() {
  CommitResult result = collection_->guarded(
      [&] { return step([&] { return writer_ ? commit_open() : commit_waiting(); }); });
  state_ = State::kEnded;
  end();
  sync(result);
  return result;
}

CommitResult Transaction::commit_open() {
  bool wrote = false;
  CommitResult result = writer_->finish(wrote);
  if (!wrote || options_.dry_run) return result;
  collection_->store().commit(**lease_);
  writer_->shapes().publish();
  return result;
}

CommitResult Transaction::commit_waiting() {
  Store& store = collection_->store();
  Lease lease = store.writer();
  CommitResult result;
  std::optional<Writer> writer;
  try {
    lease->transaction([&] {
      writer.emplace(*collection_, *lease, options_);
      for (const auto& add : waiting_) add(*writer);
      bool wrote = false;
      result = writer->finish(wrote);
      if (!wrote || options_.dry_run) throw NothingToKeep();
    });
    writer->shapes().publish();
  } catch (const NothingToKeep&) {
  }
  return result;
}

// Raises what was committed to what the collection asks for, outside the write lock so that others
// can commit meanwhile and share the sync.
void Transaction::sync(CommitResult& result) {
  Store& store = collection_->store();
  if (!store.holds()) return;
  Durability wanted =
      options_.durability == Durability::kDefault ? collection_->durability() : options_.durability;
  result.durability = Durability::kOs;
  if (wanted != Durability::kDisk || options_.dry_run) return;
  // Also where nothing was written: what is there already has to be on the disk, too.
  store.sync();
  result.durability = Durability::kDisk;
}

}  // namespace cairn
