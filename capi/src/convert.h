// Between FlatBuffers tables and the engine's plain values. Conversions only, no logic.
#pragma once

#include "cairn/schemas/coordination_generated.h"
#include "cairn/schemas/replica_generated.h"
#include "cairn/schemas/requests_generated.h"
#include "core/collection/salvage.h"
#include "core/value/table.h"
#include "handle.h"

namespace cairn::capi {

// A table that a caller gives; null for (null, 0).
template <typename T>
class Request : public VerifiedTable<T> {
 public:
  Request(const uint8_t* data, size_t size, size_t most_bytes = kMaxBatchBytes)
      : VerifiedTable<T>(bytes_in(data, size), most_bytes) {}
};

DatabaseOptions to_options(const fb::DatabaseOptions* table);
CheckOptions to_options(const fb::CheckOptions* table);
CollectionOptions to_options(const fb::CollectionOptions* table);
TransactionOptions to_options(const fb::TransactionOptions* table);
SalvageOptions to_options(const fb::SalvageOptions* table);
CoordinatorOptions to_options(const fb::CoordinatorOptions* table);
ReplicaOptions to_options(const fb::ReplicaOptions* table);
LoadRequest to_request(const fb::LoadRequest* table);
DeltaRequest to_request(const fb::DeltaRequest* table);

Table to_table(const DatabaseInfo& info);
Table to_table(const BackupReport& report);
Table to_table(const CheckReport& report);
Table to_table(const DigestReport& report);
Table to_table(const CollectionInfo& info);
Table to_table(const MetadataReport& report);
Table to_table(const CursorHead& head);
Table to_table(const HostQuestion& question);
Table to_table(const QueryReport& report);
Table to_table(const IndexInfo& info);
Table to_table(const CommitResult& result);
Table to_table(const SalvageReport& report);
Table to_table(const CoordinatorAction& action);
Table to_table(const ReplicaEffect& effect);

// What an event may have beside the rows or the message that it carries.
inline constexpr size_t kMaxEventBytes = kMaxMessageBytes + (1u << 20);

ReplicaEvent to_event(const fb::ReplicaEvent* table);
// Hands an event to the coordinator.
void tell(Coordinator& coordinator, const fb::CoordinatorEvent* table);

}  // namespace cairn::capi
