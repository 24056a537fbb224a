#include <algorithm>

#include "support/batches.h"
#include "support/collections.h"
#include "world.h"

namespace cairn::simulation {
namespace {

using unit::Changes;

std::vector<Front::Row> decode(Bytes batch) {
  unit::MemoryShapes shapes;
  std::vector<Front::Row> rows;
  for (const unit::BatchRow& row : unit::read_batch(batch, shapes)) {
    Front::Row& one = rows.emplace_back();
    one.key = *row.key.get<std::string>();
    if (row.op == fb::Op::Delete) continue;
    const Value& number = row.value.front().second;
    one.value = std::to_string(static_cast<int>(*number.get<double>()));
  }
  return rows;
}

Object object_of(int value) {
  return {{"n", static_cast<double>(value)}, {"g", static_cast<double>(value % 3)}};
}

// One of a few subsets: everything, a predicate, pages in an order.
std::string subset_of(int which) {
  flatbuffers::FlatBufferBuilder builder;
  auto reference = [&](const char* name) {
    std::string path = unit::portable(Array{std::string(name)});
    return fb::CreateExprNode(builder, fb::ExprKind::Reference, 0,
                              builder.CreateVector(as_bytes(path).data(), path.size()));
  };
  flatbuffers::Offset<fb::Expression> where;
  if (which % 2 == 1) {
    std::string value = unit::portable(1.0);
    std::vector<flatbuffers::Offset<fb::ExprNode>> nodes;
    nodes.push_back(reference("g"));
    nodes.push_back(fb::CreateExprNode(builder, fb::ExprKind::Value,
                                       builder.CreateVector(as_bytes(value).data(), value.size())));
    auto name = builder.CreateString("eq");
    auto arguments = builder.CreateVector(std::vector<uint32_t>{0, 1});
    nodes.push_back(fb::CreateExprNode(builder, fb::ExprKind::Call, 0, 0, name, arguments));
    where = fb::CreateExpression(builder, builder.CreateVector(nodes));
  }
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::OrderBy>>> order;
  if (which >= 2) {
    std::vector<flatbuffers::Offset<fb::ExprNode>> nodes = {reference("n")};
    auto expression = fb::CreateExpression(builder, builder.CreateVector(nodes));
    auto direction = which == 4 ? fb::Direction::Descending : fb::Direction::Ascending;
    std::vector<flatbuffers::Offset<fb::OrderBy>> clauses = {
        fb::CreateOrderBy(builder, expression, direction)};
    order = builder.CreateVector(clauses);
  }
  uint64_t limit = which >= 2 ? 4 : UINT64_MAX;
  builder.Finish(fb::CreateSubset(builder, 0, where, order, limit, which == 5 ? 2 : 0));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string as_portable(size_t number) { return unit::portable(static_cast<double>(number)); }

}  // namespace

Instance::Instance(World& world, std::string node)
    : world_(world),
      node_(std::move(node)),
      front_(decode, [this](ReplicaEvent event) { replica_->handle(std::move(event)); }) {
  CollectionOptions options;
  options.local = world.is_local();
  options.log_transactions = world.random().chance(30) ? 4 : 1000;
  collection_ = Collection::open(world.open_database(), World::kCollection, options);
  CoordinatorOptions coordination;
  coordination.node = node_;
  coordinator_ = std::make_shared<Coordinator>(coordination);
  ReplicaOptions replica;
  replica.on_demand = world.on_demand();
  replica.batch.most_rows = 1 + world.random().below(6);
  replica.max_unsaved_bytes = world.random().chance(10) ? 4096 : 64u << 20;
  replica_ = std::make_unique<Replica>(collection_, coordinator_, replica);
  start();
}

Instance::~Instance() = default;

uint64_t Instance::send(fb::EventKind kind, std::string batch) {
  ReplicaEvent event;
  event.kind = kind;
  event.batch = std::move(batch);
  return front_.send(std::move(event));
}

void Instance::start() {
  send(fb::EventKind::Start);
  runs_ = true;
}

void Instance::stop() {
  if (!runs_) return;
  send(fb::EventKind::Stop);
  runs_ = source_runs_ = leads_ = failed_ = ready_ = reported_ready_ = false;
  subsets_.clear();
  brought_.clear();
  to_answer_.clear();
  mutations_.clear();
  last_commit_ = 0;
}

void Instance::tick(int64_t now_ms) {
  coordinator_->tick(now_ms);
  ReplicaEvent event;
  event.now_ms = now_ms;
  replica_->handle(std::move(event));
}

void Instance::retry() {
  if (runs_) send(fb::EventKind::Retry);
}

bool Instance::has_work() const { return replica_->has_work() || !to_answer_.empty(); }

void Instance::poll(size_t effects) {
  for (; effects > 0; --effects) {
    std::optional<ReplicaEffect> effect = replica_->next();
    if (!effect) return expect_no_silence();
    world_.log(node_ + " effect " + fb::EnumNameEffectKind(effect->kind) + " seen " +
               std::to_string(effect->seen) + " at " +
               std::to_string(effect->position.row_version) + " " + effect->message);
    if (effect->batch && world_.tells())
      for (const Front::Row& row : decode({effect->batch->data(), effect->batch->size()}))
        world_.log("  " + row.key + " " + row.value.value_or("is gone"));
    front_.take(*effect);
    react(*effect);
  }
}

// What the source of a leader has brought is saved, or it was told why not.
void Instance::expect_no_silence() {
  bool waits = leads_ && runs_ && source_runs_ && !front_.is_starting() && last_commit_ > saved_;
  if (waits && !failed_) world_.fail(node_ + " has neither saved nor said why");
}

void Instance::react(const ReplicaEffect& effect) {
  using enum fb::EffectKind;
  bool is_old = !runs_ || front_.is_starting();
  if (is_old && effect.kind != Confirm && effect.kind != Reject && effect.kind != Reply) return;
  switch (effect.kind) {
    case Started:
      source_begins(effect.metadata);
      break;
    case Ready:
      ready_ = ready_ || (effect.subset_id == 0 && !effect.remote);
      break;
    case EnsureRemoteSubset:
    case RestartSource:
      if (effect.kind == RestartSource) source_runs_ = false;
      if (effect.kind == RestartSource) last_commit_ = 0;
      to_answer_.emplace_back();
      to_answer_.back().kind = effect.kind;
      to_answer_.back().number = effect.number;
      to_answer_.back().metadata = effect.metadata;
      break;
    case Leadership:
      leads_ = effect.leads;
      break;
    case Saved:
      saved_ = std::max(saved_, effect.seen);
      break;
    case Error:
      ++errors_;
      failed_ = failed_ || effect.subset_id == 0;
      if (effect.subset_id != 0 && !effect.remote) {
        // The front may ask for it again; here it gives it up.
        if (effect.status != Status::kTimeout && effect.status != Status::kHost)
          subsets_.erase(effect.subset_id);
      }
      break;
    case Recovered:
      failed_ = false;
      break;
    case Confirm:
      acknowledge(effect.id, true);
      break;
    case Reject:
      acknowledge(effect.id, false);
      break;
    case Reply:
      // What failed may have been done all the same: it is asked again.
      if (effect.status == Status::kOk) acknowledge(effect.id, true);
      break;
    default:
      break;
  }
}

void Instance::acknowledge(const std::string& id, bool accepted) {
  Ledger::Entry& entry = world_.ledger().entries[id];
  (accepted ? entry.acknowledged : entry.rejected) = true;
  mutations_.erase(id);
}

void Instance::source_begins(const std::vector<MetadataEntry>& metadata) {
  source_runs_ = !world_.is_local();
  reported_ready_ = false;
  brought_.clear();
  cursor_.reset();
  for (const MetadataEntry& entry : metadata)
    if (entry.key == "cursor")
      cursor_ = static_cast<size_t>(*unit::from_portable(*entry.value).get<double>());
}

bool Instance::source_is_done() const {
  return !source_runs_ || (cursor_ && *cursor_ == world_.server().size());
}

void Instance::step_source() {
  if (!source_runs_) return;
  Server& server = world_.server();
  if (!cursor_) {
    Server::Entry all;
    all.truncates = true;
    for (const auto& [key, value] : server.rows()) all.changes.push_back({key, value});
    return send_transaction(all, server.size());
  }
  if (*cursor_ < server.size()) return send_transaction(server.entry(*cursor_), *cursor_ + 1);
  if (!std::exchange(reported_ready_, true)) send(fb::EventKind::SourceReady);
}

void Instance::send_transaction(const Server::Entry& entry, size_t cursor) {
  send(fb::EventKind::SourceBegin);
  if (entry.truncates) send(fb::EventKind::SourceTruncate);
  if (entry.truncates) brought_.clear();
  for (const Server::Change& change : entry.changes) brought_.insert(change.key);
  Changes changes;
  for (const Server::Change& change : entry.changes) {
    if (change.value) {
      changes.insert(change.key, object_of(*change.value));
    } else {
      changes.remove(change.key);
    }
  }
  if (!changes.empty()) send(fb::EventKind::SourceWrite, changes.batch());
  ReplicaEvent commit;
  commit.kind = fb::EventKind::SourceCommit;
  commit.id = "tx-" + std::to_string(cursor);
  commit.metadata.push_back({"cursor", as_portable(cursor)});
  last_commit_ = front_.send(std::move(commit));
  world_.log(node_ + " source commits " + std::to_string(cursor) + " as event " +
             std::to_string(last_commit_));
  if (entry.truncates) world_.log("  all is gone");
  for (const Server::Change& change : entry.changes)
    world_.log("  " + change.key + " " +
               (change.value ? std::to_string(*change.value) : "is gone"));
  cursor_ = cursor;
}

void Instance::load_subset() {
  if (!runs_ || subsets_.size() >= 4) return;
  int which = static_cast<int>(world_.random().below(6));
  ReplicaEvent event;
  event.kind = fb::EventKind::LoadSubset;
  event.subset_id = ++last_subset_;
  event.subset = subset_of(which);
  world_.log(node_ + " loads subset " + std::to_string(which));
  subsets_[event.subset_id] = which;
  front_.send(std::move(event));
}

void Instance::unload_subset() {
  if (!runs_ || subsets_.empty()) return;
  ReplicaEvent event;
  event.kind = fb::EventKind::UnloadSubset;
  event.subset_id = subsets_.begin()->first;
  world_.log(node_ + " unloads subset " + std::to_string(subsets_.begin()->second));
  subsets_.erase(subsets_.begin());
  front_.send(std::move(event));
}

// A new row, and sometimes the removal of one that was acknowledged. Directly, or by a request to
// whoever leads; a request without an answer is repeated.
void Instance::mutate() {
  if (!runs_ || !world_.is_local()) return;
  Ledger& ledger = world_.ledger();
  std::string id;
  for (auto& [waiting, entry] : ledger.entries)
    if (entry.by_request && !entry.acknowledged && !entry.rejected && world_.random().chance(50))
      id = waiting;
  if (id.empty()) {
    id = "mutation-" + std::to_string(ledger.entries.size());
    Ledger::Entry entry;
    entry.key = "m" + std::to_string(ledger.entries.size());
    entry.by_request = world_.random().chance(30);
    for (auto& [other, earlier] : ledger.entries)
      if (earlier.acknowledged && !ledger.being_removed.contains(earlier.key) &&
          world_.random().chance(20))
        entry.removes = earlier.key;
    if (!entry.removes.empty()) ledger.being_removed.insert(entry.removes);
    ledger.entries[id] = entry;
  }
  const Ledger::Entry& entry = ledger.entries[id];
  Changes changes;
  changes.insert(entry.key, object_of(static_cast<int>(std::stoi(entry.key.substr(1)))));
  if (!entry.removes.empty()) changes.remove(entry.removes);
  if (world_.random().chance(60))
    changes.insert("shared" + std::to_string(world_.random().below(6)),
                   object_of(static_cast<int>(world_.random().below(100))));
  ReplicaEvent event;
  event.id = id;
  event.mutation_ids = {id};
  if (!entry.by_request) mutations_.insert(id);
  world_.log(node_ + " mutates " + id + (entry.by_request ? " by request" : ""));
  if (!entry.by_request) {
    event.kind = fb::EventKind::Mutate;
    event.batch = changes.batch();
    front_.mutate(std::move(event));
    return;
  }
  flatbuffers::FlatBufferBuilder builder;
  std::string batch = changes.batch();
  auto ids = builder.CreateVectorOfStrings(event.mutation_ids);
  auto bytes = builder.CreateVector(as_bytes(batch).data(), batch.size());
  builder.Finish(fb::CreateMutationSet(builder, ids, bytes));
  event.kind = fb::EventKind::Request;
  event.request = fb::RequestKind::ApplyMutations;
  event.payload.assign(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                       builder.GetSize());
  front_.send(std::move(event));
}

void Instance::answer_one() {
  if (!runs_ || to_answer_.empty()) return;
  ReplicaEffect effect = std::move(to_answer_.front());
  to_answer_.pop_front();
  ReplicaEvent event;
  event.effect = effect.number;
  bool restarts = effect.kind == fb::EffectKind::RestartSource;
  bool fails = !restarts && world_.random().chance(5);
  event.kind = fails ? fb::EventKind::EffectFailed : fb::EventKind::EffectDone;
  event.message = fails ? "the source is offline" : "";
  front_.send(std::move(event));
  auto is_later = [](const ReplicaEffect& one) {
    return one.kind == fb::EffectKind::RestartSource;
  };
  bool is_last = std::none_of(to_answer_.begin(), to_answer_.end(), is_later);
  if (restarts && is_last) source_begins(effect.metadata);
}

}  // namespace cairn::simulation
