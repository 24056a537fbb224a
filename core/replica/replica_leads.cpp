// What a replica does for the others and asks of them: leading, and requests to the leader.
#include "core/collection/index_request.h"
#include "core/replica/payloads.h"
#include "core/replica/replica.h"
#include "core/value/table.h"

namespace cairn {

// Takes what the coordinator tells; false where there is nothing.
bool Replica::take_notice() {
  if (member_ == 0) return false;
  std::optional<Notice> notice = coordinator_->next_notice(member_);
  if (!notice) return false;
  switch (notice->kind) {
    case Notice::Kind::kLead:
      appointed_ = true;
      break;
    case Notice::Kind::kFollow:
      stop_leading();
      break;
    case Notice::Kind::kChanged:
      stale_ = stale_ || notice->position.row_version > known_.row_version ||
               notice->position.reset_epoch != known_.reset_epoch;
      break;
    case Notice::Kind::kRequest:
      take_request(*notice);
      break;
    case Notice::Kind::kReply:
      take_reply(*notice);
      break;
  }
  return true;
}

bool Replica::lead_if_appointed() {
  if (!appointed_) return false;
  try {
    begin_term();
  } catch (const Error& error) {
    fail(error);
  }
  return true;
}

// The term is begun in the file, so that nothing of an older leader is applied from here on. Where
// somebody else has written since this replica's source began, the source begins anew from what is
// there: an older cursor never takes the place of a newer one, and no row is left out.
void Replica::begin_term() {
  Position position = collection_->begin_term();
  appointed_ = false;
  if (!follows_source(position)) restart_source();
  term_ = position.term;
  coordinator_->lead(member_, term_, position);
  ReplicaEffect& effect = give(fb::EffectKind::Leadership);
  effect.leads = true;
  effect.term = term_;
  stale_ = true;
}

// Whether nobody but this replica's source has written up to a position.
bool Replica::follows_source(const Position& position) const {
  return !dropped_unsaved_ && position.row_version == source_base_.row_version &&
         position.reset_epoch == source_base_.reset_epoch;
}

void Replica::stop_leading() {
  appointed_ = false;
  if (std::exchange(term_, 0) == 0) return;
  give(fb::EffectKind::Leadership);
}

void Replica::take_request(const Notice& notice) {
  try {
    if (!leads() && !appointed_)
      throw Error(Status::kNotLeader, "this instance does not lead the collection");
    switch (notice.request) {
      case fb::RequestKind::EnsureRemoteSubset:
        return ensure_for_others(notice);
      case fb::RequestKind::EnsureIndex:
        return answer_index(notice);
      case fb::RequestKind::ApplyMutations:
        return answer_mutations(notice);
      case fb::RequestKind::PullSince:
        return answer_delta(notice);
    }
  } catch (const Error& error) {
    coordinator_->reply(member_, notice.id, error.status(), error.what(), {});
  }
}

void Replica::ensure_for_others(const Notice& notice) {
  read_subset_bytes(as_bytes(notice.payload));  // throws where it is none
  if (collection_->options().local)
    return coordinator_->reply(member_, notice.id, Status::kOk, {}, {});
  ReplicaEffect& effect = give(fb::EffectKind::EnsureRemoteSubset);
  effect.subset = notice.payload;
  remote_[effect.number] = {0, notice.id, notice.payload};
}

void Replica::answer_index(const Notice& notice) {
  VerifiedTable<fb::IndexRequest> table(as_bytes(notice.payload));
  if (table.get() == nullptr) malformed("a request for an index without the index");
  collection_->ensure_index(read_index_request(*table.get()));
  coordinator_->reply(member_, notice.id, Status::kOk, {}, {});
}

void Replica::answer_mutations(const Notice& notice) {
  if (!collection_->options().local)
    throw Error(Status::kWrongState, "a synced collection leaves mutations to its handlers");
  MutationSet set = read_mutation_set(as_bytes(notice.payload));
  Commitment commitment;
  commitment.id = notice.id;
  commitment.mutation_ids = std::move(set.mutation_ids);
  commitment.requested = true;
  commit_mutations(std::move(commitment), as_bytes(set.batch), {});
}

void Replica::answer_delta(const Notice& notice) {
  auto cursor = Cursor::delta(collection_, read_delta_request(as_bytes(notice.payload)));
  coordinator_->reply(member_, notice.id, Status::kOk, {}, write_delta_reply(*cursor));
}

// A subset is asked of the source: of the front's own where this replica leads, else of the
// leader's.
void Replica::ensure_remote(const Loaded& loaded, uint64_t subset_id) {
  if (collection_->options().local) return ready(subset_id, true);
  std::string bytes = loaded.view->bytes();
  if (!leads()) {
    std::string id = run_ + "/" + std::to_string(++last_request_);
    asked_[id] = subset_id;
    return coordinator_->request(member_, id, fb::RequestKind::EnsureRemoteSubset,
                                 std::move(bytes));
  }
  ReplicaEffect& effect = give(fb::EffectKind::EnsureRemoteSubset);
  effect.subset_id = subset_id;
  effect.subset = bytes;
  remote_[effect.number] = {subset_id, {}, std::move(bytes)};
}

// A source that has begun anew knows of no subset.
void Replica::ensure_again() {
  for (auto& [number, load] : std::exchange(remote_, {})) {
    if (load.request_id.empty()) continue;
    ReplicaEffect& effect = give(fb::EffectKind::EnsureRemoteSubset);
    effect.subset = load.subset;
    remote_[effect.number] = std::move(load);
  }
  for (Loaded& loaded : loaded_)
    for (uint64_t id : loaded.ids)
      if (loaded.view != nullptr) ensure_remote(loaded, id);
}

void Replica::ask_leader(const ReplicaEvent& event) {
  if (event.id.empty())
    throw Error(Status::kInvalidArgument, "a request needs an id, the same in every repetition");
  if (event.request > fb::RequestKind::MAX) malformed("a request of an unknown kind");
  asked_[event.id] = 0;
  coordinator_->request(member_, event.id, event.request, event.payload);
}

void Replica::take_reply(const Notice& notice) {
  auto asked = asked_.find(notice.id);
  if (asked == asked_.end()) return;
  uint64_t subset_id = asked->second;
  asked_.erase(asked);
  stale_ = true;  // it may tell of something newer
  if (subset_id == 0) {
    ReplicaEffect& effect = give(fb::EffectKind::Reply);
    effect.id = notice.id;
    effect.request = notice.request;
    effect.status = notice.status;
    effect.message = notice.error;
    effect.payload = notice.payload;
    return;
  }
  if (notice.status == Status::kOk) {
    arrived_.push_back(subset_id);
  } else {
    give_error(Error(notice.status, notice.error), subset_id);
  }
}

// The source has done, or not done, what an effect asked for.
void Replica::end_effect(const ReplicaEvent& event) {
  bool done = event.kind == fb::EventKind::EffectDone;
  if (event.effect == restarting_ && restarting_ != 0) {
    if (!done) return give_error(Error(Status::kHost, event.message));
    restarting_ = 0;
    included_ = event.number;
    // The front may have rows that were given up.
    if (std::exchange(source_wrote_, false)) needs_replace_ = stale_ = true;
    return ensure_again();
  }
  auto found = remote_.find(event.effect);
  if (found == remote_.end()) return;
  auto [subset_id, request, subset] = std::move(found->second);
  remote_.erase(found);
  Status status = done ? Status::kOk : event.status == Status::kOk ? Status::kHost : event.status;
  if (!request.empty()) return coordinator_->reply(member_, request, status, event.message, {});
  done ? ready(subset_id, true) : give_error(Error(status, event.message), subset_id);
}

}  // namespace cairn
