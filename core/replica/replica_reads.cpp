// What a replica reads: hydration, deltas, and pages that have to be filled.
#include <algorithm>
#include <set>

#include "core/replica/payloads.h"
#include "core/replica/replica.h"

namespace cairn {
namespace {

Table deleted_batch(const std::vector<std::string>& keys, const BatchOptions& options) {
  NoShapes shapes;
  BatchBuilder builder(options);
  builder.begin(shapes);
  for (const std::string& key : keys) builder.add_deleted(as_bytes(key), 0);
  return builder.finish();
}

}  // namespace

// Sees the rows that a reading comes to, and decides which of them the front gets.
class Replica::Tap : public RowTap {
 public:
  explicit Tap(Replica& replica) : replica_(replica) {}

  Choice see(Bytes key, int64_t number, Bytes stored, ShapeReader& shapes) override {
    Reading& reading = *replica_.reading_;
    if (reading.kind == Reading::Kind::kDelta)
      return see_change(reading, key, number, stored, shapes);
    if (reading.view == nullptr) {
      reading.source_rows.add(number);
      return Choice::kGive;
    }
    bool had = replica_.front_has(number);
    reading.view->load(key, number, stored);
    return had && reading.kind == Reading::Kind::kSettle ? Choice::kSkip : Choice::kGive;
  }

  void gone(Bytes key, int64_t number, ShapeReader& shapes) override {
    if (replica_.front_has(number)) gone_.emplace(as_text(key));
    for (Loaded& loaded : replica_.loaded_)
      loaded.view->change(key, number, {}, shapes, replica_.left_);
    replica_.source_rows_.gone(number);
  }

 private:
  Choice see_change(Reading& reading, Bytes key, int64_t number, Bytes stored,
                    ShapeReader& shapes) {
    bool had = replica_.front_has(number) || gone_.contains(std::string(as_text(key)));
    // Rows of the front's source are there whatever was asked for.
    bool holds =
        replica_.source_rows_.see(key, number, replica_.saved_events(), reading.from_front);
    for (Loaded& loaded : replica_.loaded_)
      holds |= loaded.view->change(key, number, stored, shapes, replica_.left_);
    if (holds) return reading.own ? Choice::kSkip : Choice::kGive;
    return had ? Choice::kGiveDeleted : Choice::kSkip;
  }

  Replica& replica_;
  std::set<std::string> gone_;  // keys of rows that the front had
};

void Replica::load_subset(const ReplicaEvent& event) {
  if (find_loaded(event.subset_id) != nullptr)
    throw Error(Status::kInvalidArgument, "a subset of this number is loaded already");
  if (!options_.on_demand) {
    // Everything is there, or will be.
    loaded_.push_back({nullptr, {event.subset_id}, hydrated_});
    if (hydrated_) ready(event.subset_id, false);
    return;
  }
  for (Loaded& loaded : loaded_) {
    if (loaded.view->bytes() != event.subset || loaded.view->is_stale()) continue;
    loaded.ids.push_back(event.subset_id);
    ready(event.subset_id, false);
    return ensure_remote(loaded, event.subset_id);
  }
  Subset subset = read_subset_bytes(as_bytes(event.subset));
  auto view = std::make_unique<SubsetView>(event.subset, subset, options_.host);
  loaded_.push_back({std::move(view), {event.subset_id}, false});
  try {
    begin_view(Reading::Kind::kSubset, *loaded_.back().view);
  } catch (...) {
    loaded_.pop_back();
    throw;
  }
}

void Replica::unload_subset(const ReplicaEvent& event) {
  Loaded* loaded = find_loaded(event.subset_id);
  if (loaded == nullptr) return;
  std::erase(loaded->ids, event.subset_id);
  if (!loaded->ids.empty()) return;
  std::unique_ptr<SubsetView> view = std::move(loaded->view);
  loaded_.remove_if([&](const Loaded& one) { return one.ids.empty(); });
  if (view == nullptr) return;
  view->begin_load();  // nothing comes again
  give_left(view->end_load());
}

Replica::Loaded* Replica::find_loaded(uint64_t subset_id) {
  for (Loaded& loaded : loaded_)
    if (std::find(loaded.ids.begin(), loaded.ids.end(), subset_id) != loaded.ids.end())
      return &loaded;
  return nullptr;
}

Replica::Loaded& Replica::loaded_of(const SubsetView* view) {
  return *std::find_if(loaded_.begin(), loaded_.end(),
                       [&](const Loaded& loaded) { return loaded.view.get() == view; });
}

bool Replica::front_has(int64_t number) const {
  auto holds = [&](const Loaded& loaded) { return loaded.view->has(number); };
  return source_rows_.has(number) || std::any_of(loaded_.begin(), loaded_.end(), holds);
}

Replica::Reading Replica::everything() {
  Reading reading;
  LoadRequest request;
  request.batch = options_.batch;
  reading.cursor = Cursor::load(collection_, request);
  reading.seen = last_in_file();
  return reading;
}

// The last event whose writes are in the file, or have to give way to it: those of a source that
// does not lead.
uint64_t Replica::last_in_file() const { return leads() ? included_ : handled_; }

// The last event of the source whose writes are known to be in the file.
uint64_t Replica::saved_events() const { return leads() ? included_ : 0; }

void Replica::begin_view(Reading::Kind kind, SubsetView& view) {
  Reading reading;
  reading.kind = kind;
  reading.view = &view;
  reading.seen = kind == Reading::Kind::kReplace ? handled_ : last_in_file();
  reading.tap = std::make_unique<Tap>(*this);
  LoadRequest request;
  request.batch = options_.batch;
  request.subset = view.subset();
  request.host = options_.host;
  request.tap = reading.tap.get();
  reading.cursor = Cursor::load(collection_, request);
  view.begin_load();
  reading_ = std::move(reading);
}

// Reads what was committed since.
void Replica::pull() {
  if (needs_replace_) return begin_replace();
  DeltaRequest request;
  request.batch = options_.batch;
  request.since = known_.row_version;
  request.reset_epoch = known_.reset_epoch;
  Reading reading;
  reading.kind = Reading::Kind::kDelta;
  reading.seen = handled_;
  if (options_.on_demand) reading.tap = std::make_unique<Tap>(*this);
  request.tap = reading.tap.get();
  reading.cursor = Cursor::delta(collection_, request);
  const CursorHead& head = reading.cursor->head();
  uint64_t own_version = std::exchange(own_version_, 0);
  if (head.reload) {
    reading.cursor.reset();
    return begin_replace();
  }
  stale_ = false;
  if (head.position.row_version == known_.row_version) {
    known_ = head.position;
    return;
  }
  reading.from_front = own_version != 0;
  reading.own = owns_all_ && own_version == head.position.row_version;
  reading_ = std::move(reading);
}

// The front gets everything anew, and drops what does not come.
void Replica::begin_replace() {
  needs_replace_ = true;  // until it is through
  left_.clear();
  if (!options_.on_demand) {
    Reading reading = everything();
    reading.kind = Reading::Kind::kReplace;
    reading.seen = handled_;
    note_position(reading.cursor->head().position);
    reading_ = std::move(reading);
    stale_ = false;
    return;
  }
  note_position(collection_->position());
  reading_ = source_rows();
  for (Loaded& loaded : loaded_) reading_->views_left.push_back(loaded.view.get());
  stale_ = false;
}

// On demand: what the front has from its source, whatever else was asked for.
Replica::Reading Replica::source_rows() {
  Reading reading;
  reading.kind = Reading::Kind::kReplace;
  reading.seen = handled_;
  reading.tap = std::make_unique<Tap>(*this);
  LoadRequest request;
  request.batch = options_.batch;
  request.tap = reading.tap.get();
  request.subset.by_keys = true;
  request.subset.keys = collection_->keys_of(source_rows_.numbers());
  for (std::string& key : source_rows_.keys_not_read_back())
    request.subset.keys.push_back(std::move(key));
  reading.cursor = Cursor::load(collection_, request);
  return reading;
}

// From a reset on the source has to begin anew: what it brings goes on from rows that are gone.
void Replica::note_position(const Position& position) {
  bool was_reset = position.reset_epoch != known_.reset_epoch;
  if (was_reset) {
    source_rows_.clear();
    restart_source();
  }
  known_ = position;
  // What others have saved meanwhile is what counts.
  if (!leads() && !collection_->options().local && !follows_source(position)) give_up_unsaved();
}

void Replica::read_on() {
  try {
    CursorStep step = reading_->cursor->next();
    if (step.question) {
      ReplicaEffect& effect = give(fb::EffectKind::Question);
      effect.question = std::move(step.question);
      reading_->question = effect.number;
      return;
    }
    if (step.batch) return give_batch(std::move(*step.batch));
    end_reading();
  } catch (const Error& error) {
    Reading reading = std::move(*reading_);
    reading_.reset();
    if (error.status() != Status::kSnapshotExpired) return fail_reading(reading, error);
    try {
      read_again(reading);
    } catch (const Error& second) {
      fail_reading(reading, second);
    }
  }
}

// What was read from is gone: from the start.
void Replica::read_again(const Reading& reading) {
  stale_ = true;
  switch (reading.kind) {
    case Reading::Kind::kDelta:
      // Its rows were followed in part only.
      return options_.on_demand ? begin_replace() : void();
    case Reading::Kind::kReplace:
      return begin_replace();
    case Reading::Kind::kEverything:
      reading_ = everything();
      return;
    default:
      return begin_view(reading.kind, *reading.view);
  }
}

// A subset that cannot be loaded at first, or never again (its predicate throws for a row), is
// given up alone. Else everything is read again when it is tried again.
void Replica::fail_reading(const Reading& reading, const Error& error) {
  bool was_loaded = reading.kind != Reading::Kind::kSubset;
  if (was_loaded) needs_replace_ = stale_ = true;
  if (reading.view == nullptr || (was_loaded && !error.is_about_bytes())) {
    cannot_read_ = true;
    return fail(error);
  }
  Loaded& loaded = loaded_of(reading.view);
  for (uint64_t id : loaded.ids) give_error(error, id);
  loaded_.remove_if([&](const Loaded& one) { return one.view.get() == reading.view; });
  // The front has some of its rows.
  if (!reading.first) needs_replace_ = stale_ = true;
}

void Replica::give_batch(Table batch) {
  Reading& reading = *reading_;
  using Kind = Reading::Kind;
  fb::EffectKind kind = fb::EffectKind::Changes;
  if (reading.kind == Kind::kEverything || reading.kind == Kind::kSubset)
    kind = fb::EffectKind::Rows;
  if (reading.kind == Kind::kReplace) kind = fb::EffectKind::Replace;
  echoes_unsaved_ = echoes_unsaved_ || !unsaved_.empty();
  ReplicaEffect& effect = give(kind);
  effect.batch = std::move(batch);
  effect.seen = reading.seen;
  effect.position = reading.cursor->head().position;
  effect.first = std::exchange(reading.first, false);
  if (kind == fb::EffectKind::Rows && reading.view != nullptr)
    effect.subset_id = loaded_of(reading.view).ids.front();
  if (reading.kind != Kind::kDelta || !effect.first) return;
  effect.metadata = reading.cursor->head().metadata;
  effect.transaction_ids = reading.cursor->head().transaction_ids;
}

void Replica::end_reading() {
  switch (reading_->kind) {
    case Reading::Kind::kDelta:
      return end_delta();
    case Reading::Kind::kReplace:
      return end_replace();
    case Reading::Kind::kEverything:
      stale_ = stale_ || reading_->cursor->head().position != known_;
      reading_.reset();
      return end_hydration();
    default:
      return end_view();
  }
}

void Replica::end_hydration() {
  hydrated_ = true;
  ready(0, false);
  loaded_are_ready();
}

void Replica::loaded_are_ready() {
  for (Loaded& loaded : loaded_) {
    if (std::exchange(loaded.ready, true)) continue;
    for (uint64_t id : loaded.ids) ready(id, false);
  }
}

void Replica::end_delta() {
  Reading reading = std::move(*reading_);
  reading_.reset();
  const CursorHead& head = reading.cursor->head();
  note_position(head.position);
  if (reading.first && !reading.own && !head.metadata.empty()) {
    ReplicaEffect& effect = give(fb::EffectKind::Changes);
    effect.metadata = head.metadata;
    effect.transaction_ids = head.transaction_ids;
    effect.position = head.position;
  }
  give_left(std::exchange(left_, {}));
}

void Replica::end_view() {
  Reading reading = std::move(*reading_);
  reading_.reset();
  stale_ = stale_ || reading.cursor->head().position != known_;
  give_left(reading.view->end_load());
  Loaded& loaded = loaded_of(reading.view);
  if (std::exchange(loaded.ready, true)) return;
  std::vector<uint64_t> ids = loaded.ids;
  for (uint64_t id : ids) ready(id, false);
  for (uint64_t id : ids) ensure_remote(loaded, id);
}

void Replica::end_replace() {
  Reading reading = std::move(*reading_);
  reading_.reset();
  if (reading.view != nullptr) {
    reading.view->end_load();
  } else {
    source_rows_.replace(std::move(reading.source_rows), saved_events());
  }
  if (!reading.views_left.empty()) {
    SubsetView* view = reading.views_left.back();
    reading.views_left.pop_back();
    begin_view(Reading::Kind::kReplace, *view);
    reading_->views_left = std::move(reading.views_left);
    reading_->first = reading.first;
    reading_->seen = reading.seen;
    return;
  }
  echoes_unsaved_ = echoes_unsaved_ || !unsaved_.empty();
  ReplicaEffect& effect = give(fb::EffectKind::Replace);
  effect.seen = reading.seen;
  effect.first = reading.first;
  effect.last = true;
  effect.position = known_;
  needs_replace_ = false;
  stale_ = true;  // the views were read one after another
  if (!options_.on_demand && !hydrated_) return end_hydration();
  loaded_are_ready();
}

// The front drops rows that no other subset holds.
void Replica::give_left(const std::vector<SubsetView::Left>& left) {
  std::vector<std::string> keys;
  std::vector<int64_t> numbers;
  for (const SubsetView::Left& row : left) {
    if (front_has(row.number)) continue;
    if (row.key.empty()) numbers.push_back(row.number);
    if (!row.key.empty()) keys.push_back(row.key);
  }
  try {
    if (!numbers.empty())
      for (std::string& key : collection_->keys_of(numbers)) keys.push_back(std::move(key));
  } catch (const Error& error) {
    // A replacement tells the front as well what it has to drop.
    needs_replace_ = stale_ = cannot_read_ = true;
    return fail(error);
  }
  std::erase_if(keys, [&](const std::string& key) { return source_rows_.awaits(key); });
  if (keys.empty()) return;
  owns_all_ = false;  // the front may drop what it has written and was not read back yet
  ReplicaEffect& effect = give(fb::EffectKind::Changes);
  effect.batch = deleted_batch(keys, options_.batch);
  effect.position = known_;
}

void Replica::ready(uint64_t subset_id, bool remote) {
  ReplicaEffect& effect = give(fb::EffectKind::Ready);
  effect.subset_id = subset_id;
  effect.remote = remote;
}

// Loads a page again that changes could not be followed in; what the front has is not sent again.
bool Replica::settle_stale_view() {
  for (Loaded& loaded : loaded_) {
    if (loaded.view == nullptr || !loaded.view->is_stale()) continue;
    begin_view(Reading::Kind::kSettle, *loaded.view);
    return true;
  }
  return false;
}

}  // namespace cairn
