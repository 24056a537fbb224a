// Statuses, versions, errors and buffers.

#include "cairn/schemas/schemas.h"
#include "handle.h"

using namespace cairn::capi;

namespace {

// Each C status beside its twin in the engine and its name.
struct Named {
  cairn_status status;
  cairn::Status twin;
  const char* name;
};

#define CAIRN_NAMED(name, twin) \
  { name, cairn::Status::twin, #name }
constexpr Named kStatuses[] = {
    CAIRN_NAMED(CAIRN_OK, kOk),
    CAIRN_NAMED(CAIRN_DONE, kDone),
    CAIRN_NAMED(CAIRN_NOT_FOUND, kNotFound),
    CAIRN_NAMED(CAIRN_CANCELLED, kCancelled),
    CAIRN_NAMED(CAIRN_QUESTION, kQuestion),
    CAIRN_NAMED(CAIRN_INVALID_ARGUMENT, kInvalidArgument),
    CAIRN_NAMED(CAIRN_MALFORMED, kMalformed),
    CAIRN_NAMED(CAIRN_INVALID_VALUE, kInvalidValue),
    CAIRN_NAMED(CAIRN_TOO_LARGE, kTooLarge),
    CAIRN_NAMED(CAIRN_UNSUPPORTED, kUnsupported),
    CAIRN_NAMED(CAIRN_WRONG_STATE, kWrongState),
    CAIRN_NAMED(CAIRN_FORKED, kForked),
    CAIRN_NAMED(CAIRN_SCHEMA_MISMATCH, kSchemaMismatch),
    CAIRN_NAMED(CAIRN_DROPPED, kDropped),
    CAIRN_NAMED(CAIRN_SNAPSHOT_EXPIRED, kSnapshotExpired),
    CAIRN_NAMED(CAIRN_NOT_LEADER, kNotLeader),
    CAIRN_NAMED(CAIRN_RESET, kReset),
    CAIRN_NAMED(CAIRN_BUSY, kBusy),
    CAIRN_NAMED(CAIRN_READ_ONLY, kReadOnly),
    CAIRN_NAMED(CAIRN_DISK_FULL, kDiskFull),
    CAIRN_NAMED(CAIRN_IO, kIo),
    CAIRN_NAMED(CAIRN_CORRUPT, kCorrupt),
    CAIRN_NAMED(CAIRN_NOT_A_DATABASE, kNotADatabase),
    CAIRN_NAMED(CAIRN_FOREIGN_DATABASE, kForeignDatabase),
    CAIRN_NAMED(CAIRN_NEWER_FORMAT, kNewerFormat),
    CAIRN_NAMED(CAIRN_CANNOT_OPEN, kCannotOpen),
    CAIRN_NAMED(CAIRN_HOST, kHost),
    CAIRN_NAMED(CAIRN_TRUNCATED, kTruncated),
    CAIRN_NAMED(CAIRN_TIMEOUT, kTimeout),
    CAIRN_NAMED(CAIRN_OUT_OF_MEMORY, kOutOfMemory),
    CAIRN_NAMED(CAIRN_INTERNAL, kInternal),
    CAIRN_NAMED(CAIRN_VERSION_SKEW, kVersionSkew),
};
#undef CAIRN_NAMED

constexpr bool twins_agree() {
  for (const Named& named : kStatuses)
    if (named.status != static_cast<cairn_status>(named.twin)) return false;
  return true;
}
static_assert(twins_agree());

}  // namespace

const char* cairn_status_name(cairn_status status) {
  for (const Named& named : kStatuses)
    if (named.status == status) return named.name;
  return "CAIRN_UNKNOWN";
}

uint32_t cairn_abi_version(void) { return CAIRN_ABI_VERSION; }
uint64_t cairn_schema_hash(void) { return cairn::kSchemaHash; }

cairn_status cairn_check_version(uint32_t abi_version, uint64_t schema_hash, cairn_error** error) {
  return barrier(error, [&] {
    if (abi_version == CAIRN_ABI_VERSION && schema_hash == cairn::kSchemaHash) return;
    throw cairn::Error(
        cairn::Status::kVersionSkew,
        "the binding was made for another version of libcairn than this one, " CAIRN_VERSION
        " (ABI " +
            std::to_string(CAIRN_ABI_VERSION) + "; the binding's: " + std::to_string(abi_version) +
            "): install the binding and the library of one release");
  });
}

const char* cairn_version(void) { return CAIRN_VERSION; }
int64_t cairn_live_objects(void) { return live_objects.load(std::memory_order_relaxed); }

cairn_status cairn_error_status(const cairn_error* error) {
  return error == nullptr ? CAIRN_OK : error->status;
}

const char* cairn_error_message(const cairn_error* error) {
  return error == nullptr ? "" : error->message.c_str();
}

int32_t cairn_error_sqlite_code(const cairn_error* error) {
  return error == nullptr ? 0 : error->sqlite_code;
}

int32_t cairn_error_retryable(const cairn_error* error) {
  return error != nullptr && error->retryable ? 1 : 0;
}

void cairn_error_free(cairn_error* error) { delete error; }

const uint8_t* cairn_buffer_data(const cairn_buffer* buffer) {
  if (buffer == nullptr) return nullptr;
  return std::visit([](const auto& bytes) { return static_cast<const uint8_t*>(bytes.data()); },
                    buffer->bytes);
}

size_t cairn_buffer_size(const cairn_buffer* buffer) {
  if (buffer == nullptr) return 0;
  return std::visit([](const auto& bytes) { return bytes.size(); }, buffer->bytes);
}

void cairn_buffer_free(cairn_buffer* buffer) { delete buffer; }
