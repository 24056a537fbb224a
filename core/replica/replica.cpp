#include "core/replica/replica.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr int64_t kFirstBackoffMs = 250;
constexpr int64_t kLastBackoffMs = 30000;

// Most effects have a row or two, whose columns would cost both sides more than whole objects do.
constexpr size_t kGroupedFrom = 4;

ReplicaOptions with_small_effects(ReplicaOptions options) {
  options.batch.grouped_from = kGroupedFrom;
  return options;
}

// Whether the same may succeed later without anything being changed by the caller.
bool is_passing(Status status) {
  switch (status) {
    case Status::kBusy:
    case Status::kDiskFull:
    case Status::kIo:
    case Status::kHost:
    case Status::kCancelled:
    case Status::kCannotOpen:
    case Status::kSnapshotExpired:
    case Status::kOutOfMemory:
      return true;
    default:
      return false;
  }
}

std::shared_ptr<Coordinator> or_own(std::shared_ptr<Coordinator> coordinator) {
  if (coordinator != nullptr) return coordinator;
  CoordinatorOptions options;
  options.node = "alone";
  options.alone = true;
  return std::make_shared<Coordinator>(options);
}

}  // namespace

Replica::Replica(std::shared_ptr<Collection> collection, std::shared_ptr<Coordinator> coordinator,
                 ReplicaOptions options)
    : collection_(std::move(collection)),
      alone_(coordinator == nullptr),
      coordinator_(or_own(std::move(coordinator))),
      options_(with_small_effects(options)),
      run_(random_name()) {}

Replica::~Replica() {
  if (member_ != 0) coordinator_->leave(member_);
}

void Replica::expect_fit(const ReplicaEvent& event) const {
  using enum fb::EventKind;
  if (event.kind > fb::EventKind::MAX) malformed("an event of an unknown kind");
  if (event.kind == Tick) return;
  if (event.number <= last_event_)
    throw Error(Status::kInvalidArgument, "an event's number is above those before it");
  bool starts = event.kind == Start;
  bool will_run = started_;
  for (const ReplicaEvent& waiting : queue_) {
    if (waiting.kind == Start) will_run = true;
    if (waiting.kind == Stop) will_run = false;
  }
  if (starts == will_run)
    throw Error(Status::kWrongState, starts ? "the replica runs already; stop it first"
                                            : "the replica does not run; start it first");
  if ((event.kind == LoadSubset || event.kind == UnloadSubset) && event.subset_id == 0)
    throw Error(Status::kInvalidArgument, "a subset needs a number that is not 0");
  if (event.kind == Mutate && !collection_->options().local)
    throw Error(Status::kWrongState,
                "a synced collection leaves mutations to its handlers; open it as local to keep "
                "them here");
}

void Replica::handle(ReplicaEvent event) {
  expect_fit(event);
  if (event.kind == fb::EventKind::Tick) return tick(event.now_ms);
  uint64_t number = event.number;
  if (!take_at_once(event)) queue_.push_back(std::move(event));
  last_event_ = number;
}

// What does not wait for its turn.
bool Replica::take_at_once(ReplicaEvent& event) {
  switch (event.kind) {
    case fb::EventKind::Answer:
      if (!reading_ || reading_->question == 0 || reading_->question != event.effect) return true;
      reading_->cursor->answer(as_bytes(event.payload));
      reading_->question = 0;
      return true;
    case fb::EventKind::Retry:
      if (failed_) retry_ms_ = now_ms_;
      return true;
    case fb::EventKind::Stop:
      reading_.reset();               // its rows are not wanted any more
      if (!started_) queue_.clear();  // it could not start yet
      return false;
    default:
      return false;
  }
}

void Replica::tick(int64_t now_ms) {
  now_ms_ = std::max(now_ms_, now_ms);
  if (alone_) coordinator_->tick(now_ms_);
  if (!started_ || now_ms_ - polled_ms_ < options_.poll_ms) return;
  polled_ms_ = now_ms_;
  stale_ = true;
}

std::optional<ReplicaEffect> Replica::next() {
  while (effects_.empty())
    if (!step()) return std::nullopt;
  ReplicaEffect effect = std::move(effects_.front());
  effects_.pop_front();
  return effect;
}

bool Replica::has_work() const {
  if (!effects_.empty()) return true;
  if (!queue_.empty()) return started_ || !waits();
  if (reading_ && reading_->question == 0) return true;
  if (member_ != 0 && coordinator_->has_notices(member_)) return true;
  if (!started_) return false;
  if (!(cannot_read_ && waits()) && (stale_ || !arrived_.empty())) return true;
  if (waits()) return false;
  bool saves = leads() && restarting_ == 0 && (dropped_unsaved_ || !unsaved_.empty());
  return appointed_ || !commitments_.empty() || saves;
}

// A piece of work; false when there is none.
bool Replica::step() {
  if (take_notice()) return true;
  if (reading_) {
    if (reading_->question != 0) return false;
    read_on();
    return true;
  }
  // What the source has brought is saved before more is taken in.
  if (started_ && !waits() && (lead_if_appointed() || save_next())) return true;
  bool is_turn =
      commitments_.empty() || (!queue_.empty() && queue_.front().kind == fb::EventKind::Mutate);
  if (is_turn && process_next()) return true;
  if (!started_) return false;
  if (work()) return true;
  // What waits for a failure to pass must not hold up what does not.
  return waits() && process_next();
}

bool Replica::process_next() {
  if (queue_.empty()) return false;
  if (queue_.front().kind == fb::EventKind::Start) return !waits() && start_or_fail();
  // It stays where it is until it is through, so that nothing of it is lost with the memory.
  process(queue_.front());
  queue_.pop_front();
  return true;
}

// A start that fails is tried again; what follows it waits.
bool Replica::start_or_fail() {
  try {
    start(queue_.front());
    queue_.pop_front();
  } catch (const Error& error) {
    fail(error);
  }
  return true;
}

bool Replica::work() {
  bool reads = false;
  try {
    if (!synced_ && !waits()) {
      sync_commitments();
      return true;
    }
    reads = true;
    if (!(cannot_read_ && waits()) && read_news()) return true;
  } catch (const Error& error) {
    cannot_read_ = reads;
    fail(error);
    return true;
  }
  if (failed_ && !waits()) recover();
  return false;
}

// What others have written, and what may be told once that is read.
bool Replica::read_news() {
  if (stale_) {
    pull();
    return true;
  }
  for (uint64_t id : std::exchange(arrived_, {})) ready(id, true);
  return !effects_.empty() || (synced_ && confirm_all()) || settle_stale_view();
}

void Replica::process(ReplicaEvent& event) {
  using enum fb::EventKind;
  handled_ = event.number;
  try {
    switch (event.kind) {
      case Stop:
        return stop();
      case LoadSubset:
        return load_subset(event);
      case UnloadSubset:
        return unload_subset(event);
      case Mutate:
        return mutate(event);
      case Request:
        return ask_leader(event);
      case EffectDone:
      case EffectFailed:
        return end_effect(event);
      default:
        return source_event(event);
    }
  } catch (const Error& error) {
    give_error(error, event.subset_id);
  }
}

void Replica::start(const ReplicaEvent& event) {
  handled_ = event.number;
  bool was_reset = collection_->info().was_reset;
  MetadataReport report = collection_->metadata();
  std::optional<Reading> reading;
  if (!options_.on_demand) reading = everything();
  known_ = source_base_ = report.position;
  bool can_write = !collection_->store().read_only();
  bool has_source = options_.source || collection_->options().local;
  member_ = coordinator_->join(collection_->name(), can_write && has_source);
  started_ = true;
  included_ = event.number;
  ReplicaEffect& effect = give(fb::EffectKind::Started);
  effect.position = known_;
  effect.metadata = std::move(report.entries);
  effect.was_reset = was_reset;
  if (options_.on_demand) return ready(0, false);
  reading_ = std::move(reading);
  reading_->seen = handled_;
}

void Replica::stop() {
  forget();
  give(fb::EffectKind::Stopped);
}

void Replica::forget() {
  if (member_ != 0) coordinator_->leave(std::exchange(member_, 0));
  started_ = hydrated_ = needs_replace_ = stale_ = failed_ = cannot_read_ = appointed_ =
      dropped_unsaved_ = source_wrote_ = false;
  reading_.reset();
  loaded_.clear();
  left_.clear();
  source_rows_.clear();
  building_.reset();
  unsaved_.clear();
  unsaved_bytes_ = 0;
  commitments_.clear();
  synced_ = true;
  echoes_unsaved_ = owns_all_ = false;
  restarting_ = term_ = own_version_ = 0;
  backoff_ms_ = 0;
  remote_.clear();
  asked_.clear();
  arrived_.clear();
}

ReplicaEffect& Replica::give(fb::EffectKind kind) {
  ReplicaEffect& effect = effects_.emplace_back();
  effect.kind = kind;
  effect.number = ++last_effect_;
  effect.seen = handled_;
  return effect;
}

void Replica::give_error(const Error& error, uint64_t subset_id) {
  ReplicaEffect& effect = give(fb::EffectKind::Error);
  effect.status = error.status();
  effect.message = error.what();
  effect.retryable = is_passing(error.status());
  effect.subset_id = subset_id;
  effect.unsaved = unsaved_.size();
}

// From now on the replica is in an error state. What it could not do is tried again later.
void Replica::fail(const Error& error) {
  failed_ = true;
  backoff_ms_ = std::clamp(backoff_ms_ * 2, kFirstBackoffMs, kLastBackoffMs);
  retry_ms_ = is_passing(error.status()) ? now_ms_ + backoff_ms_ : INT64_MAX;
  give_error(error);
}

void Replica::recover() {
  failed_ = cannot_read_ = false;
  backoff_ms_ = 0;
  give(fb::EffectKind::Recovered);
}

}  // namespace cairn
