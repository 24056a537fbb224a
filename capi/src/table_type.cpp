#include "table_type.h"

#include "cairn/schemas/coordination_generated.h"
#include "cairn/schemas/replica_generated.h"

namespace cairn::capi {
namespace {

template <typename T>
bool verifies(Bytes bytes) {
  flatbuffers::Verifier::Options options;
  options.max_depth = 128;
  options.check_nested_flatbuffers = false;
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), options);
  return bytes.size() >= 8 && verifier.VerifyBuffer<T>(nullptr);
}

// clang-format off
#define CAIRN_ROOT(name) {#name, &verifies<fb::name>, &fb::name##TypeTable}
// clang-format on
constexpr Root kRoots[] = {
    CAIRN_ROOT(Subset),
    CAIRN_ROOT(DatabaseOptions),
    CAIRN_ROOT(DatabaseInfo),
    CAIRN_ROOT(CheckOptions),
    CAIRN_ROOT(CheckReport),
    CAIRN_ROOT(DigestReport),
    CAIRN_ROOT(BackupReport),
    CAIRN_ROOT(CollectionOptions),
    CAIRN_ROOT(CollectionInfo),
    CAIRN_ROOT(MetadataReport),
    CAIRN_ROOT(LoadRequest),
    CAIRN_ROOT(DeltaRequest),
    CAIRN_ROOT(CursorHead),
    CAIRN_ROOT(TransactionOptions),
    CAIRN_ROOT(CommitResult),
    CAIRN_ROOT(SalvageOptions),
    CAIRN_ROOT(SalvageReport),
    CAIRN_ROOT(IndexRequest),
    CAIRN_ROOT(IndexInfo),
    CAIRN_ROOT(Explanation),
    CAIRN_ROOT(Question),
    CAIRN_ROOT(Answer),
    CAIRN_ROOT(ReplicaOptions),
    CAIRN_ROOT(ReplicaEvent),
    CAIRN_ROOT(ReplicaEffect),
    CAIRN_ROOT(MutationSet),
    CAIRN_ROOT(MutationResult),
    CAIRN_ROOT(DeltaReply),
    CAIRN_ROOT(CoordinatorOptions),
    CAIRN_ROOT(CoordinatorAction),
    CAIRN_ROOT(CoordinatorEvent),
    CAIRN_ROOT(Message),
};
#undef CAIRN_ROOT

}  // namespace

const Root& root_of(const std::string& table) {
  for (const Root& root : kRoots)
    if (table == root.name) return root;
  throw Error(Status::kInvalidArgument, "there is no table \"" + table + "\" in schemas/");
}

}  // namespace cairn::capi
