#include "node.h"

#include "support/replicas.h"

namespace cairn::processes {
namespace {

int64_t steady_ms() {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

Node::Node(const std::string& path, bool local, Durability durability)
    : front_(unit::front_rows, [this](ReplicaEvent event) { replica_->handle(std::move(event)); }) {
  DatabaseOptions database;
  database.store.path = path;
  database.store.busy_timeout_ms = 60000;
  database_ = Database::open(database);
  CollectionOptions options;
  options.local = local;
  options.durability = durability;
  collection_ = Collection::open(database_, "rows", options);
  CoordinatorOptions coordination;
  coordination.node = random_name();
  rules_ = std::make_shared<Coordinator>(coordination);
  native_ = std::make_unique<NativeCoordinator>(database_, rules_);
  rules_->on_work([this] {
    native_->carry();
    std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_one();
  });
  native_->start();
  replica_ = std::make_unique<Replica>(collection_, rules_, ReplicaOptions{});
  send(fb::EventKind::Start);
}

Node::~Node() { replica_.reset(); }

uint64_t Node::send(fb::EventKind kind) {
  ReplicaEvent event;
  event.kind = kind;
  return front_.send(std::move(event));
}

bool Node::wait(int milliseconds) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return woken_; });
  return std::exchange(woken_, false);
}

void Node::run(int milliseconds, const std::function<void(const ReplicaEffect&)>& react) {
  if (!replica_->has_work()) wait(milliseconds);
  ReplicaEvent tick;
  tick.now_ms = steady_ms();
  replica_->handle(std::move(tick));
  while (std::optional<ReplicaEffect> effect = replica_->next()) {
    front_.take(*effect);
    react(*effect);
  }
}

}  // namespace cairn::processes
