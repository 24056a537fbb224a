#include "core/collection/writer.h"

#include "core/value/key.h"
#include "core/value/object.h"

namespace cairn {
namespace {

constexpr int64_t kRequestMs = 10 * 60 * 1000;

void encode_result(const CommitResult& result, ByteBuffer& out) {
  for (uint64_t part :
       {static_cast<uint64_t>(result.outcome), result.position.term, result.position.seq,
        result.position.row_version, result.position.reset_epoch, result.previous_version,
        result.inserted, result.updated, result.deleted, result.unchanged})
    out.put_varint(part);
}

CommitResult decode_result(Bytes bytes) try {
  ByteReader reader(bytes);
  CommitResult result;
  reader.varint();  // the first outcome; this one is a repetition
  result.outcome = Outcome::kRepeated;
  for (uint64_t* part : {&result.position.term, &result.position.seq, &result.position.row_version,
                         &result.position.reset_epoch, &result.previous_version, &result.inserted,
                         &result.updated, &result.deleted, &result.unchanged})
    *part = reader.varint();
  return result;
} catch (const Error& error) {
  throw Error(Status::kCorrupt, std::string("a request's result is damaged: ") + error.what());
}

}  // namespace

Writer::Writer(Collection& collection, Connection& connection, const TransactionOptions& options)
    : store_(collection.store()),
      connection_(connection),
      collection_(collection.id()),
      collection_options_(collection.options()),
      options_(options),
      log_(connection, collection_),
      state_(collection.read_state(connection)),
      shapes_(store_.shapes(), connection) {
  result_.previous_version = state_.row_version;
  if (find_request()) return;
  expect_fence();
  decide_position();
  if (settled_) return;
  uint64_t version = std::max(state_.row_version + 1, options.row_version);
  if (state_.indexes != 0) indexes_.emplace(connection, collection_, shapes_);
  rows_.emplace(connection, collection_, shapes_, version, state_, result_, options_,
                indexes_ ? &*indexes_ : nullptr);
  state_.row_version = version;
  if (options.truncate) rows_->truncate();
  if (options.mode == TransactionMode::kReconcile)
    reconciler_ =
        std::make_unique<Reconciler>(connection, collection_, state_.next_row, state_.rows, *rows_);
}

void Writer::expect_fence() const {
  if (!options_.fence) return;
  if (state_.reset_epoch != options_.fence->reset_epoch)
    throw Error(Status::kReset,
                "the collection was reset; start its source anew, without the old cursor");
  if (state_.term > options_.fence->term)
    throw Error(Status::kNotLeader, "another instance leads the collection now");
}

bool Writer::find_request() {
  if (options_.request_id.empty()) return false;
  Query query(connection_.statement(Sql::kRequestRead));
  query.with(collection_, options_.request_id, Store::now_ms() - kRequestMs);
  if (!query.step()) return false;
  result_ = decode_result(query.bytes(0));
  settled_ = true;
  return true;
}

void Writer::decide_position() {
  uint64_t term = options_.term != 0 ? options_.term : std::max<uint64_t>(state_.term, 1);
  if (options_.seq == 0) return allocate_position(false);
  TransactionOptions own = options_;
  own.term = term;
  bool taken = false;
  if (log_.is_applied(own, state_, taken)) {
    settled_ = true;
    result_.outcome = Outcome::kIgnored;
    result_.position = state_.position();
    return;
  }
  if (taken) return allocate_position(true);
  state_.own_term = term;
  state_.own_seq = options_.seq;
  if (term < state_.term || (term == state_.term && options_.seq < state_.seq)) return;
  state_.term = term;
  state_.seq = options_.seq;
}

// Takes the next position of the newest term, or the first of the transaction's own if that is
// newer.
void Writer::allocate_position(bool moved) {
  uint64_t term = std::max<uint64_t>({state_.term, options_.term, 1});
  state_.seq = term == state_.term ? state_.seq + 1 : 1;
  state_.term = term;
  state_.own_term = term;
  state_.own_seq = state_.seq;
  allocated_ = true;
  moved_ = moved;
}

void Writer::add(Bytes batch) {
  if (settled_) return;
  Interruptible interruptible(store_);
  BatchReader reader(batch, shapes_);
  for (int64_t i = 0; reader.next(); ++i) {
    if (i % Interruptible::kRows == 0) interruptible.check();
    Mutation mutation{reader.op(), reader.key(), nullptr, reader.metadata_op(), reader.metadata()};
    if (mutation.op <= fb::Op::Update) mutation.patch = &reader.patch();
    apply(mutation);
  }
}

void Writer::apply(const Mutation& mutation) try {
  if (settled_) return;
  if (reconciler_ != nullptr) {
    reconciler_->add(mutation);
  } else {
    rows_->add(mutation);
  }
} catch (const ValueError& error) {
  throw Error(error.status(), "key " + describe_key(mutation.key) + ": " + error.describe());
}

void Writer::change_metadata(LogEntry& entry) {
  for (const MetadataEntry& change : options_.metadata) {
    Query query(connection_.statement(Sql::kMetadataRead));
    bool found = query.with(collection_, change.key).step();
    if (found ? change.value && same_bytes(query.bytes(0), as_bytes(*change.value)) : !change.value)
      continue;
    if (change.value) {
      Query(connection_.statement(Sql::kMetadataWrite))
          .with(collection_, change.key, *change.value)
          .run();
    } else {
      Query(connection_.statement(Sql::kMetadataDelete)).with(collection_, change.key).run();
    }
    entry.metadata.push_back(change.key);
  }
}

CommitResult Writer::finish(bool& wrote) {
  wrote = false;
  if (settled_) return std::move(result_);
  rows_->flush();
  if (reconciler_ != nullptr) reconciler_->finish(Interruptible(store_));
  if (indexes_) indexes_->finish();
  LogEntry entry = rows_->take_entry();
  change_metadata(entry);
  bool changed = rows_->touched() || !entry.metadata.empty();
  result_.outcome = changed ? Outcome::kApplied : Outcome::kUnchanged;
  bool positioned = options_.seq != 0 || options_.row_version != 0;
  if (!changed && !positioned && options_.request_id.empty()) {
    result_.position = log_.read().position();
    return std::move(result_);
  }
  int64_t now = Store::now_ms();
  entry.id = options_.id;
  entry.writer = options_.writer;
  entry.allocated = allocated_;
  entry.moved = moved_;
  log_.prune(state_, collection_options_, now);
  if (entry.reload) state_.horizon = state_.row_version;
  if (state_.log_rows++ == 0) state_.oldest_ms = now;
  state_.time_ms = now;
  log_.append(state_, entry);
  result_.position = state_.position();
  record_request();
  wrote = true;
  return std::move(result_);
}

void Writer::record_request() {
  if (options_.request_id.empty()) return;
  int64_t now = Store::now_ms();
  Query(connection_.statement(Sql::kRequestPrune)).with(now - kRequestMs).run();
  ByteBuffer bytes;
  encode_result(result_, bytes);
  Query(connection_.statement(Sql::kRequestWrite))
      .with(collection_, options_.request_id, now, bytes)
      .run();
}

}  // namespace cairn
