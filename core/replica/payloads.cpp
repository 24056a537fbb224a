#include "core/replica/payloads.h"

#include "cairn/schemas/replica_generated.h"
#include "core/collection/tables.h"
#include "core/value/table.h"

namespace cairn {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr size_t kMaxDeltaBytes = 16u << 20;
constexpr size_t kMaxIdBytes = 64 << 10;

std::string bytes_of(const FlatBufferBuilder& builder) {
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace

Subset read_subset_bytes(Bytes bytes) {
  VerifiedTable<fb::Subset> table(bytes);
  return table.get() == nullptr ? Subset() : read_subset(*table.get());
}

MutationSet read_mutation_set(Bytes bytes) {
  VerifiedTable<fb::MutationSet> table(bytes);
  if (table.get() == nullptr || table.get()->batch() == nullptr)
    malformed("a set of mutations without a batch");
  MutationSet set;
  set.batch.assign(reinterpret_cast<const char*>(table.get()->batch()->data()),
                   table.get()->batch()->size());
  if (table.get()->mutation_ids() == nullptr) return set;
  for (const flatbuffers::String* id : *table.get()->mutation_ids()) {
    if (id->size() > kMaxIdBytes) malformed("a mutation's id above 64 KiB");
    set.mutation_ids.push_back(id->str());
  }
  return set;
}

DeltaRequest read_delta_request(Bytes bytes) {
  VerifiedTable<fb::DeltaRequest> table(bytes);
  DeltaRequest request;
  if (table.get() == nullptr) return request;
  request.since = table.get()->since();
  request.reset_epoch = table.get()->reset_epoch();
  request.batch.metadata = table.get()->metadata();
  request.batch.versions = table.get()->versions();
  return request;
}

std::string write_mutation_result(const std::vector<std::string>& accepted,
                                  const Position& position, Durability durability) {
  FlatBufferBuilder builder;
  auto ids = builder.CreateVectorOfStrings(accepted);
  builder.Finish(fb::CreateMutationResult(builder, ids, put(builder, position),
                                          static_cast<fb::Durability>(durability)));
  return bytes_of(builder);
}

std::string write_delta_reply(Cursor& cursor) {
  FlatBufferBuilder builder;
  CursorHead head = cursor.head();
  std::vector<Offset<fb::DeltaBatch>> batches;
  for (CursorStep step = cursor.next(); step.batch; step = cursor.next()) {
    if (builder.GetSize() + step.batch->size() > kMaxDeltaBytes) {
      batches.clear();
      head.reload = true;
      head.reload_reason = "more than 16 MiB changed";
      break;
    }
    auto bytes = builder.CreateVector(step.batch->data(), step.batch->size());
    batches.push_back(fb::CreateDeltaBatch(builder, bytes));
  }
  auto list = builder.CreateVector(batches);
  builder.Finish(fb::CreateDeltaReply(builder, put(builder, head), list));
  return bytes_of(builder);
}

}  // namespace cairn
