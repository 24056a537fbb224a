#include "core/coordination/native_coordinator.h"

#include <chrono>
#include <new>

namespace cairn {
namespace {

// How often the clock is told, and how soon a lock that has become free is taken at the latest.
constexpr int kPeriodMs = 40;

int64_t steady_ms() {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

NativeCoordinator::NativeCoordinator(std::shared_ptr<Database> database,
                                     std::shared_ptr<Coordinator> rules)
    : database_(std::move(database)), rules_(std::move(rules)) {
  if (database_->store().path().empty())
    throw Error(Status::kInvalidArgument,
                "only a database in a file has other processes to coordinate with; use the kind "
                "Single or Host");
#if !CAIRN_THREADS
  throw Error(Status::kUnsupported,
              "this library is built without threads: use a coordinator of the kind Host");
#endif
}

NativeCoordinator::~NativeCoordinator() {
  worker_.stop();
  carry();  // what members that have left let go of, and tell
}

void NativeCoordinator::start() {
  Peers::Options options;
  options.database_path = database_->store().path();
  options.node = rules_->node();
  options.received = [this](Bytes message) {
    try {
      rules_->receive(message);
    } catch (const Error&) {
      // What is no message changes nothing.
    }
  };
  options.gone = [this](const std::string& node) {
    rules_->gone(node);
    worker_.wake();
  };
  // Hints that were sent before it came are lost to it.
  options.came = [this](const std::string&) { rules_->announce(); };
  try {
    peers_ = std::make_unique<Peers>(std::move(options));
  } catch (const Error&) {
    if (!database_->store().read_only()) throw;
  }
  worker_.start([this] { work(); }, kPeriodMs);
  worker_.wake();
}

void NativeCoordinator::carry() {
  bool elects = false;
  MutexLock order(order_mutex_);
  while (std::optional<CoordinatorAction> action = rules_->next_action()) {
    if (action->kind == CoordinatorAction::Kind::kSend) {
      if (peers_ != nullptr) peers_->send(action->to, as_bytes(action->message));
      continue;
    }
    if (action->kind == CoordinatorAction::Kind::kRelease) {
      release(action->collection);
      continue;
    }
    MutexLock lock(mutex_);
    wanted_.insert(action->collection);
    elects = true;
  }
  if (elects) worker_.wake();
}

void NativeCoordinator::release(const std::string& collection) {
  MutexLock lock(mutex_);
  wanted_.erase(collection);
  auto held = held_.find(collection);
  if (held == held_.end()) return;
  if (peers_ != nullptr) peers_->stop_leading(held->second);
  held_.erase(held);
}

void NativeCoordinator::work() {
  try {
    rules_->tick(steady_ms());
    elect();
  } catch (const Error&) {
    // The database was busy: the next period tries again.
  } catch (const std::bad_alloc&) {
  }
}

void NativeCoordinator::elect() {
  std::set<std::string> wanted;
  {
    MutexLock lock(mutex_);
    wanted = wanted_;
  }
  for (const std::string& collection : wanted) {
    if (peers_ == nullptr || !try_lead(collection)) continue;
    rules_->elected(collection);
    // It may have been given up in between: nobody may go on without the lock.
    if (!holds(collection)) rules_->lost(collection);
  }
}

bool NativeCoordinator::holds(const std::string& collection) {
  MutexLock lock(mutex_);
  return held_.contains(collection);
}

bool NativeCoordinator::try_lead(const std::string& collection) {
  int64_t id = 0;
  database_->read([&](Connection& connection) { id = Database::find(connection, collection); });
  MutexLock lock(mutex_);
  // It may have been given up meanwhile.
  if (id == 0 || !wanted_.contains(collection) || !peers_->try_lead(id)) return false;
  wanted_.erase(collection);
  held_[collection] = id;
  return true;
}

}  // namespace cairn
