// What goes into a replica and what comes out of it, as plain values: the tables of replica.fbs,
// where each field is described. capi converts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cairn/schemas/replica_generated.h"
#include "core/collection/types.h"
#include "core/query/host_answers.h"
#include "core/value/batch_builder.h"

namespace cairn {

struct ReplicaOptions {
  bool on_demand = false;
  bool source = true;
  bool full_updates = false;
  bool host = false;
  BatchOptions batch = {.most_bytes = 1u << 20, .most_rows = 1024};
  uint64_t max_unsaved_bytes = 64u << 20;
  uint32_t poll_ms = 100;
};

struct ReplicaEvent {
  fb::EventKind kind = fb::EventKind::Tick;
  uint64_t number = 0;
  uint64_t subset_id = 0;
  std::string subset;  // a Subset table
  std::string batch;   // a RowBatch table
  std::string id;
  std::vector<std::string> mutation_ids;
  std::vector<MetadataEntry> metadata;
  fb::RequestKind request = fb::RequestKind::EnsureRemoteSubset;
  std::string payload;  // of an Answer: its portable array
  uint64_t effect = 0;
  Status status = Status::kOk;
  std::string message;
  int64_t now_ms = 0;
};

struct ReplicaEffect {
  fb::EffectKind kind = fb::EffectKind::Started;
  uint64_t number = 0;
  uint64_t seen = 0;
  uint64_t subset_id = 0;
  std::optional<Table> batch;
  bool first = false;
  bool last = false;
  Position position;
  std::vector<MetadataEntry> metadata;
  std::vector<std::string> transaction_ids;
  bool was_reset = false;
  bool remote = false;
  std::string subset;
  std::optional<HostQuestion> question;
  std::string payload;
  std::string id;
  std::vector<std::string> mutation_ids;
  Durability durability = Durability::kDefault;
  bool leads = false;
  uint64_t term = 0;
  Status status = Status::kOk;
  std::string message;
  bool retryable = false;
  uint64_t unsaved = 0;
  fb::RequestKind request = fb::RequestKind::EnsureRemoteSubset;
};

}  // namespace cairn
