// What a replica saves: the transactions of its source while it leads, and local mutations.
#include "core/replica/payloads.h"
#include "core/replica/replica.h"

namespace cairn {

void Replica::source_event(ReplicaEvent& event) {
  using enum fb::EventKind;
  if (collection_->options().local)
    throw Error(Status::kWrongState, "a local-only collection has no source");
  if (event.kind == SourceReady) return ready(0, true);
  if (event.kind == SourceError)
    return give_error(Error(Status::kHost, "the source has failed: " + event.message));
  if (options_.on_demand && event.kind == SourceTruncate) source_rows_.clear();
  if (options_.on_demand && event.kind == SourceWrite)
    source_rows_.wrote(as_bytes(event.batch), event.number);
  if (restarting_ != 0) {  // of the source before it begins anew
    included_ = event.number;
    source_wrote_ = true;
    return;
  }
  if (event.kind == SourceBegin) {
    if (building_) throw Error(Status::kWrongState, "the source's transaction has begun already");
    building_.emplace();
    return;
  }
  if (!building_) throw Error(Status::kWrongState, "the source has begun no transaction");
  switch (event.kind) {
    case SourceWrite:
      building_->bytes += event.batch.size();
      building_->batches.push_back(std::move(event.batch));
      return;
    case SourceTruncate:
      building_->truncate = true;
      building_->batches.clear();
      building_->bytes = 0;
      return;
    default:
      return end_source_transaction(event);
  }
}

void Replica::end_source_transaction(ReplicaEvent& event) {
  source_wrote_ = true;
  if (dropped_unsaved_) return building_.reset();  // the source will begin anew
  // What may have to be repeated after a sync that failed must not be done twice.
  if (collection_->durability() == Durability::kDisk)
    building_->request_id = run_ + ":" + std::to_string(event.number);
  SourceTransaction& transaction = unsaved_.emplace_back();
  transaction = std::move(*building_);
  building_.reset();
  transaction.last_event = event.number;
  transaction.id = std::move(event.id);
  transaction.metadata = std::move(event.metadata);
  unsaved_bytes_ += transaction.bytes;
  bound_unsaved();
}

void Replica::bound_unsaved() {
  if (unsaved_bytes_ <= options_.max_unsaved_bytes) return;
  give_up_unsaved();
  if (!leads()) return;  // the leader has them
  give_error(Error(Status::kTooLarge,
                   "more of the source's transactions wait to be saved than may be kept in memory; "
                   "the source begins anew when saving works again"));
}

// The source will have to begin anew before anything of it is saved.
void Replica::give_up_unsaved() {
  unsaved_.clear();
  unsaved_bytes_ = 0;
  dropped_unsaved_ = true;
}

// Saves the oldest transaction of the source that waits; false where none does.
bool Replica::save_next() {
  if (!leads() || restarting_ != 0) return false;
  if (!dropped_unsaved_ && unsaved_.empty()) return false;
  try {
    dropped_unsaved_ ? restart_source() : save(unsaved_.front());
  } catch (const Error& error) {
    fail_to_save(error);
  }
  return true;
}

void Replica::fail_to_save(const Error& error) {
  if (error.status() == Status::kNotLeader) {
    stop_leading();
    return coordinator_->resign(member_);
  }
  if (error.status() != Status::kReset) return fail(error);
  needs_replace_ = stale_ = true;
  try {
    note_position(collection_->position());
  } catch (const Error& second) {
    fail(second);
  }
}

void Replica::save(SourceTransaction& transaction) {
  TransactionOptions options;
  options.replace = options_.full_updates;
  options.truncate = transaction.truncate;
  options.id = transaction.id;
  options.writer = coordinator_->node();
  options.request_id = transaction.request_id;
  options.metadata = transaction.metadata;
  options.fence = {term_, known_.reset_epoch};
  Transaction writing(collection_, std::move(options));
  for (const std::string& batch : transaction.batches) writing.add(as_bytes(batch));
  CommitResult result = writing.commit();
  ReplicaEffect& effect = give(fb::EffectKind::Saved);
  effect.seen = included_ = transaction.last_event;
  effect.position = result.position;
  effect.durability = result.durability;
  source_base_ = result.position;
  unsaved_bytes_ -= transaction.bytes;
  unsaved_.pop_front();
  committed(result, !echoes_unsaved_);
  if (unsaved_.empty()) source_wrote_ = echoes_unsaved_ = false;
}

// After a commit of this replica. `own`: the front has what was committed.
void Replica::committed(const CommitResult& result, bool own) {
  coordinator_->committed(member_, result.position);
  bool follows = result.previous_version == known_.row_version &&
                 result.position.reset_epoch == known_.reset_epoch;
  if (own && follows && !options_.on_demand && !stale_) {
    known_ = result.position;
    return;
  }
  owns_all_ = own && (follows || (owns_all_ && own_version_ == result.previous_version));
  own_version_ = result.position.row_version;
  stale_ = true;
}

// Has the source begin anew with what is in the file. What it has brought is given up.
void Replica::restart_source() {
  if (collection_->options().local) return;
  MetadataReport report = collection_->metadata();
  unsaved_.clear();
  unsaved_bytes_ = 0;
  building_.reset();
  dropped_unsaved_ = false;
  if (!options_.source) return;
  included_ = handled_;
  ReplicaEffect& effect = give(fb::EffectKind::RestartSource);
  source_base_ = report.position;
  effect.position = report.position;
  effect.metadata = std::move(report.entries);
  restarting_ = effect.number;
}

void Replica::mutate(const ReplicaEvent& event) {
  Commitment commitment;
  commitment.event = event.number;
  commitment.id = event.id;
  commitment.mutation_ids = event.mutation_ids;
  commit_mutations(std::move(commitment), as_bytes(event.batch), event.metadata);
}

// They are synced and confirmed later, together with those that follow at once.
void Replica::commit_mutations(Commitment commitment, Bytes batch,
                               std::vector<MetadataEntry> metadata) {
  try {
    TransactionOptions options;
    options.id = options.request_id = commitment.id;
    options.writer = coordinator_->node();
    options.metadata = std::move(metadata);
    options.durability = Durability::kOs;
    Transaction writing(collection_, std::move(options));
    writing.add(batch);
    CommitResult result = writing.commit();
    commitment.position = result.position;
    commitment.durability = result.durability;
    if (commitment.event != 0) included_ = commitment.event;
    commitments_.push_back(std::move(commitment));
    synced_ = false;
    committed(result, false);
  } catch (const Error& error) {
    reject(commitment, error);
  }
}

void Replica::reject(const Commitment& commitment, const Error& error) {
  if (commitment.requested)
    return coordinator_->reply(member_, commitment.id, error.status(), error.what(), {});
  ReplicaEffect& effect = give(fb::EffectKind::Reject);
  effect.id = commitment.id;
  effect.mutation_ids = commitment.mutation_ids;
  effect.status = error.status();
  effect.message = error.what();
  effect.retryable = error.retryable();
}

void Replica::sync_commitments() {
  bool raises = collection_->durability() == Durability::kDisk && collection_->store().holds();
  if (raises) {
    collection_->store().sync();
    for (Commitment& commitment : commitments_) commitment.durability = Durability::kDisk;
  }
  synced_ = true;
}

// Tells of mutations that are where they should be, after the rows that came of them.
bool Replica::confirm_all() {
  if (commitments_.empty()) return false;
  for (Commitment& commitment : std::exchange(commitments_, {})) {
    if (commitment.requested) {
      coordinator_->reply(member_, commitment.id, Status::kOk, {},
                          write_mutation_result(commitment.mutation_ids, commitment.position,
                                                commitment.durability));
      continue;
    }
    ReplicaEffect& effect = give(fb::EffectKind::Confirm);
    effect.seen = commitment.event;
    effect.id = std::move(commitment.id);
    effect.mutation_ids = std::move(commitment.mutation_ids);
    effect.position = commitment.position;
    effect.durability = commitment.durability;
  }
  return true;
}

}  // namespace cairn
