// Between FlatBuffers tables and the engine's plain values. Conversions only, no logic.
#pragma once

#include "cairn/schemas/requests_generated.h"
#include "core/collection/salvage.h"
#include "handle.h"

namespace cairn::capi {

// A table from outside, verified; copied first where it is not aligned. Null for (null, 0).
template <typename T>
class Request {
 public:
  Request(const uint8_t* data, size_t size) {
    Bytes bytes = bytes_in(data, size);
    if (bytes.empty()) return;
    if (bytes.size() > kMaxBatchBytes)
      throw Error(Status::kTooLarge, "a request or its options exceed 64 MiB");
    if (reinterpret_cast<uintptr_t>(data) % 8 != 0) {
      copy_.put(bytes);
      bytes = copy_.bytes();
    }
    flatbuffers::Verifier verifier(bytes.data(), bytes.size());
    if (bytes.size() < 8 || !verifier.VerifyBuffer<T>(nullptr))
      malformed(std::string("not a ") + T::GetFullyQualifiedName() + " table");
    table_ = flatbuffers::GetRoot<T>(bytes.data());
  }

  const T* get() const { return table_; }

 private:
  ByteBuffer copy_;
  const T* table_ = nullptr;
};

DatabaseOptions to_options(const fb::DatabaseOptions* table);
CheckOptions to_options(const fb::CheckOptions* table);
CollectionOptions to_options(const fb::CollectionOptions* table);
TransactionOptions to_options(const fb::TransactionOptions* table);
SalvageOptions to_options(const fb::SalvageOptions* table);
LoadRequest to_request(const fb::LoadRequest* table);
DeltaRequest to_request(const fb::DeltaRequest* table);
IndexRequest to_request(const fb::IndexRequest* table);

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

}  // namespace cairn::capi
