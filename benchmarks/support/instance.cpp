#include "benchmarks/support/instance.h"

#include <chrono>

#include "benchmarks/support/prepared.h"

namespace cairn::bench {
namespace {

int64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

Instance::Instance(const std::string& path, const std::string& collection, const std::string& kind)
    : database_(open_database(path, R"({"busy_timeout_ms": 60000})")),
      collection_(open_collection(database_, kCollection, collection)) {
  cairn_error* error = nullptr;
  cairn_coordinator* coordinator = nullptr;
  const Buffer options = table("CoordinatorOptions", R"({"kind": ")" + kind + "\"}");
  check(cairn_coordinator_open(database_.get(), data(options), size(options), &coordinator, &error),
        &error);
  coordinator_.reset(coordinator);
  cairn_replica* replica = nullptr;
  check(cairn_replica_open(collection_.get(), coordinator, nullptr, 0, &replica, &error), &error);
  replica_.reset(replica);
  send(event(R"("kind": "Start")"));
}

Buffer Instance::event(const std::string& fields) {
  return table("ReplicaEvent", "{\"number\": " + std::to_string(++number_) + ", " + fields + "}");
}

void Instance::send(const Buffer& event) { send(data(event), size(event)); }

void Instance::send(const uint8_t* event, size_t event_size) {
  cairn_error* error = nullptr;
  check(cairn_replica_send(replica_.get(), event, event_size, &error), &error);
}

void Instance::send_batch(const Buffer& batch) {
  flatbuffers::FlatBufferBuilder builder(size(batch) + 256);
  builder.ForceVectorAlignment(size(batch), 1, 16);
  const auto bytes = builder.CreateVector(data(batch), size(batch));
  fb::ReplicaEventBuilder event(builder);
  event.add_kind(fb::EventKind::SourceWrite);
  event.add_number(++number_);
  event.add_batch(bytes);
  builder.Finish(event.Finish());
  send(builder.GetBufferPointer(), builder.GetSize());
}

void Instance::drain(const React& react) {
  while (true) {
    cairn_buffer* out = nullptr;
    cairn_error* error = nullptr;
    if (check(cairn_replica_next(replica_.get(), &out, &error), &error) == CAIRN_DONE) return;
    const Buffer effect(out);
    const auto* table = flatbuffers::GetRoot<fb::ReplicaEffect>(data(effect));
    if (table->kind() == fb::EffectKind::Error || table->kind() == fb::EffectKind::Reject)
      throw std::runtime_error("a replica failed: " + table->message()->str());
    react(*table);
  }
}

void Instance::run(uint32_t milliseconds, const React& react) {
  cairn_error* error = nullptr;
  check(cairn_wait(coordinator_.get(), milliseconds, &error), &error);
  send(table("ReplicaEvent", R"({"kind": "Tick", "now_ms": )" + std::to_string(steady_ms()) + "}"));
  drain(react);
}

}  // namespace cairn::bench
