// One process of the tests with real processes: a database, a coordinator between processes, a
// replica of one collection, and its front. One thread, beside those of the engine.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "core/coordination/native_coordinator.h"
#include "core/replica/front.h"
#include "core/replica/replica.h"

namespace cairn::processes {

class Node {
 public:
  Node(const std::string& path, bool local, Durability durability = Durability::kDefault);
  ~Node();

  // Waits for work, at most so long, and does it; each effect goes to `react` as well.
  void run(int milliseconds, const std::function<void(const ReplicaEffect&)>& react);
  uint64_t send(ReplicaEvent event) { return front_.send(std::move(event)); }
  uint64_t send(fb::EventKind kind);
  uint64_t mutate(ReplicaEvent event) { return front_.mutate(std::move(event)); }

  Collection& collection() { return *collection_; }
  const Front& front() const { return front_; }

 private:
  bool wait(int milliseconds);

  std::shared_ptr<Database> database_;
  std::shared_ptr<Collection> collection_;
  std::shared_ptr<Coordinator> rules_;
  std::unique_ptr<Replica> replica_;
  Front front_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = true;
  std::unique_ptr<NativeCoordinator> native_;
};

}  // namespace cairn::processes
