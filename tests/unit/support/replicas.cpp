#include "support/replicas.h"

#include <algorithm>

#include "cairn/schemas/replica_generated.h"
#include "core/collection/tables.h"
#include "support/queries.h"

namespace cairn::unit {
namespace {

// A Subset table of expressions that tests write as texts.
class SubsetWriter {
 public:
  std::string write(const std::string& where, const std::vector<std::string>& order,
                    uint64_t limit) {
    flatbuffers::Offset<fb::Expression> predicate;
    if (!where.empty()) predicate = put(*expression(where));
    std::vector<flatbuffers::Offset<fb::OrderBy>> clauses;
    for (const std::string& text : order) {
      bool by_locale = text[0] == '~';
      OrderClause one = clause(by_locale ? text.substr(1) : text);
      auto direction = one.descending ? fb::Direction::Descending : fb::Direction::Ascending;
      auto sort = by_locale ? fb::StringSort::Locale : fb::StringSort::Lexical;
      auto nulls = one.nulls_last ? fb::Nulls::Last : fb::Nulls::First;
      clauses.push_back(fb::CreateOrderBy(builder_, put(*one.expression), direction, nulls, sort));
    }
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::OrderBy>>> list;
    if (!clauses.empty()) list = builder_.CreateVector(clauses);
    builder_.Finish(fb::CreateSubset(builder_, 0, predicate, list, limit));
    return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
  }

 private:
  flatbuffers::Offset<flatbuffers::Vector<uint8_t>> put_bytes(const std::string& bytes) {
    return builder_.CreateVector(as_bytes(bytes).data(), bytes.size());
  }
  flatbuffers::Offset<fb::ExprNode> put_node(const ExpressionNode& node) {
    if (node.kind == fb::ExprKind::Call) {
      auto name = builder_.CreateString(std::string(function_name(node.function)));
      return fb::CreateExprNode(builder_, node.kind, 0, 0, name,
                                builder_.CreateVector(node.arguments));
    }
    if (node.kind == fb::ExprKind::Reference) {
      Array path;
      for (const std::string& name : node.path) path.push_back(name);
      return fb::CreateExprNode(builder_, node.kind, 0, put_bytes(portable(path)));
    }
    ByteBuffer constant;
    TupleWriter writer(constant, 1);
    Transcoder(nullptr, nullptr).put(node.constant, writer, 0);
    return fb::CreateExprNode(builder_, node.kind, put_bytes(to_string(constant)));
  }

  flatbuffers::Offset<fb::Expression> put(const Expression& tree) {
    std::vector<flatbuffers::Offset<fb::ExprNode>> nodes;
    for (const ExpressionNode& node : tree.nodes()) nodes.push_back(put_node(node));
    return fb::CreateExpression(builder_, builder_.CreateVector(nodes));
  }

  flatbuffers::FlatBufferBuilder builder_;
};

}  // namespace

std::vector<Front::Row> front_rows(Bytes batch) {
  MemoryShapes shapes;
  std::vector<Front::Row> rows;
  for (const BatchRow& row : read_batch(batch, shapes)) {
    Front::Row& one = rows.emplace_back();
    one.key = *row.key.get<std::string>();
    if (row.op != fb::Op::Delete) one.value = canonical_of(row.value);
  }
  return rows;
}

std::string write_mutation_set(const MutationSet& set) {
  flatbuffers::FlatBufferBuilder builder;
  auto ids = builder.CreateVectorOfStrings(set.mutation_ids);
  auto batch = put_bytes(builder, as_bytes(set.batch));
  builder.Finish(fb::CreateMutationSet(builder, ids, batch));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Peer::Peer(ReplicaTest& test, std::string node, const CollectionOptions& options,
           const ReplicaOptions& replica_options)
    : collection(Collection::open(test.database_, "c", options)) {
  CoordinatorOptions coordination;
  coordination.node = std::move(node);
  coordinator = std::make_shared<Coordinator>(coordination);
  replica = std::make_unique<Replica>(collection, coordinator, replica_options);
  front = std::make_unique<Front>(
      front_rows, [this](ReplicaEvent event) { replica->handle(std::move(event)); });
}

uint64_t Peer::send(fb::EventKind kind) {
  ReplicaEvent event;
  event.kind = kind;
  return front->send(std::move(event));
}

uint64_t Peer::load(uint64_t id, const std::string& where, const std::vector<std::string>& order,
                    uint64_t limit) {
  ReplicaEvent event;
  event.kind = fb::EventKind::LoadSubset;
  event.subset_id = id;
  event.subset = SubsetWriter().write(where, order, limit);
  return front->send(std::move(event));
}

uint64_t Peer::unload(uint64_t id) {
  ReplicaEvent event;
  event.kind = fb::EventKind::UnloadSubset;
  event.subset_id = id;
  return front->send(std::move(event));
}

uint64_t Peer::source(const Changes& changes, int cursor, bool truncates) {
  send(fb::EventKind::SourceBegin);
  if (truncates) send(fb::EventKind::SourceTruncate);
  if (!changes.empty()) {
    ReplicaEvent write;
    write.kind = fb::EventKind::SourceWrite;
    write.batch = changes.batch();
    front->send(std::move(write));
  }
  ReplicaEvent commit;
  commit.kind = fb::EventKind::SourceCommit;
  commit.metadata.push_back({"cursor", portable(Value(static_cast<double>(cursor)))});
  return front->send(std::move(commit));
}

uint64_t Peer::mutate(const std::string& id, const Changes& changes) {
  ReplicaEvent event;
  event.kind = fb::EventKind::Mutate;
  event.id = id;
  event.mutation_ids = {id + "-1", id + "-2"};
  event.batch = changes.batch();
  return front->mutate(std::move(event));
}

uint64_t Peer::request(const std::string& id, fb::RequestKind kind, std::string payload) {
  ReplicaEvent event;
  event.kind = fb::EventKind::Request;
  event.id = id;
  event.request = kind;
  event.payload = std::move(payload);
  return front->send(std::move(event));
}

uint64_t Peer::done(uint64_t effect, fb::EventKind kind) {
  ReplicaEvent event;
  event.kind = kind;
  event.effect = effect;
  event.message = "the source is offline";
  return front->send(std::move(event));
}

void Peer::tick(int64_t now_ms) {
  coordinator->tick(now_ms);
  ReplicaEvent event;
  event.now_ms = now_ms;
  replica->handle(std::move(event));
}

bool Peer::step() {
  std::optional<ReplicaEffect> effect = replica->next();
  if (!effect) return false;
  front->take(*effect);
  effects.push_back(std::move(*effect));
  return true;
}

void Peer::run() {
  while (step()) {
  }
}

std::vector<const ReplicaEffect*> Peer::all(fb::EffectKind kind) const {
  std::vector<const ReplicaEffect*> found;
  for (const ReplicaEffect& effect : effects)
    if (effect.kind == kind) found.push_back(&effect);
  return found;
}

bool Peer::is_ready(uint64_t subset, bool remote) const {
  for (const ReplicaEffect* effect : all(fb::EffectKind::Ready))
    if (effect->subset_id == subset && effect->remote == remote) return true;
  return false;
}

std::vector<std::string> Peer::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, row] : front->rows()) keys.push_back(key);
  return keys;
}

Peer& ReplicaTest::add(const ReplicaOptions& options, bool local) {
  CollectionOptions collection;
  collection.local = local;
  std::string node = "node" + std::to_string(peers_.size());
  peers_.push_back(std::make_unique<Peer>(*this, node, collection, options));
  return *peers_.back();
}

Peer& ReplicaTest::started(const ReplicaOptions& options, bool local) {
  Peer& peer = add(options, local);
  peer.start();
  settle();
  return peer;
}

ReplicaOptions ReplicaTest::on_demand() {
  ReplicaOptions options;
  options.on_demand = true;
  return options;
}

bool ReplicaTest::carry(Peer& peer) {
  bool any = false;
  for (; auto action = peer.coordinator->next_action(); any = true) {
    std::string node = peer.coordinator->node();
    if (action->kind == CoordinatorAction::Kind::kElect) waiting_.push_back(node);
    if (action->kind == CoordinatorAction::Kind::kRelease) {
      std::erase(waiting_, node);
      if (holder_ == node) holder_.clear();
    }
    if (action->kind != CoordinatorAction::Kind::kSend || !carries_) continue;
    for (auto& other : peers_)
      if (other.get() != &peer) other->coordinator->receive(as_bytes(action->message));
  }
  return any;
}

void ReplicaTest::settle() {
  for (bool busy = true; busy;) {
    busy = false;
    for (auto& peer : peers_) {
      while (peer->step()) busy = true;
      busy |= carry(*peer);
    }
    if (!elects_ || !holder_.empty() || waiting_.empty()) continue;
    holder_ = waiting_.front();
    waiting_.erase(waiting_.begin());
    for (auto& peer : peers_)
      if (peer->coordinator->node() == holder_) peer->coordinator->elected("c");
    busy = true;
  }
}

void ReplicaTest::tick(int64_t now_ms) {
  for (auto& peer : peers_) peer->tick(now_ms);
  settle();
}

std::shared_ptr<Collection> ReplicaTest::plain(bool local) {
  CollectionOptions options;
  options.local = local;
  return open("c", options);
}

std::vector<std::string> ReplicaTest::stored_keys() {
  std::vector<std::string> keys;
  for (const auto& [key, row] : rows(peers_[0]->collection)) keys.push_back(key);
  return keys;
}

Value ReplicaTest::cursor() {
  for (const MetadataEntry& entry : peers_[0]->collection->metadata().entries)
    if (entry.key == "cursor") return from_portable(*entry.value);
  return nullptr;
}

}  // namespace cairn::unit
