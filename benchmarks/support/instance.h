// One instance of the coordination benchmarks: a local-only collection of a database, a coordinator
// between processes, and a replica, through the C API. For one thread.
#pragma once

#include <functional>
#include <string>

#include "benchmarks/support/handles.h"
#include "cairn/schemas/replica_generated.h"

namespace cairn::bench {

using Coordinator = std::unique_ptr<cairn_coordinator, Deleter<cairn_coordinator_close>>;
using Replica = std::unique_ptr<cairn_replica, Deleter<cairn_replica_close>>;

class Instance {
 public:
  using React = std::function<void(const fb::ReplicaEffect&)>;

  // `collection`: its CollectionOptions as JSON. `kind`: of the coordinator.
  Instance(const std::string& path, const std::string& collection, const std::string& kind);

  void send(const Buffer& event);
  // An event of JSON, such as R"("kind": "SourceBegin")", under the next number.
  Buffer event(const std::string& fields);
  // A SourceWrite of a row batch.
  void send_batch(const Buffer& batch);
  // Takes the effects that are there.
  void drain(const React& react);
  // Waits for effects, at most so long, and takes them.
  void run(uint32_t milliseconds, const React& react);

 private:
  void send(const uint8_t* event, size_t event_size);

  Database database_;
  Collection collection_;
  Coordinator coordinator_;
  Replica replica_;
  uint64_t number_ = 0;
};

}  // namespace cairn::bench
