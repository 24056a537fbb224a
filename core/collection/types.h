// The options and results of collections, as plain values. capi turns them into FlatBuffers tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/value/bytes.h"

namespace cairn {

struct Position {
  uint64_t term = 0;
  uint64_t seq = 0;
  uint64_t row_version = 0;
  uint64_t reset_epoch = 0;

  bool operator==(const Position&) const = default;
};

// kDefault: what the collection's kind asks for, or, as a result, the host's own.
enum class Durability : uint8_t { kDefault, kOs, kDisk };

enum class MismatchPolicy : uint8_t { kDefault, kReset, kError };

struct CollectionOptions {
  uint64_t schema_version = 1;
  bool local = false;
  MismatchPolicy mismatch_policy = MismatchPolicy::kDefault;
  Durability durability = Durability::kDefault;
  uint64_t log_transactions = 1000;
  uint64_t log_seconds = 86400;
};

// `value`: a portable value; without one the entry is removed, or not there.
struct MetadataEntry {
  std::string key;
  std::optional<std::string> value;
};

enum class TransactionMode : uint8_t { kApply, kReconcile };

// The most that a transaction may bring as its term, seq or row version. The engine counts on from
// there, and all that it counts stays within the 53 bits of a host's integers.
inline constexpr uint64_t kMaxPosition = 1ull << 52;

// What a transaction of a leader's source presupposes: that nobody else has begun to lead since,
// and that the collection was not reset.
struct Fence {
  uint64_t term = 0;
  uint64_t reset_epoch = 0;
};

struct TransactionOptions {
  TransactionMode mode = TransactionMode::kApply;
  bool replace = false;
  bool truncate = false;
  std::string id;
  std::string writer;
  uint64_t term = 0;
  uint64_t seq = 0;
  uint64_t row_version = 0;
  std::string request_id;
  Durability durability = Durability::kDefault;
  bool dry_run = false;
  bool report_keys = false;
  std::vector<MetadataEntry> metadata;
  std::optional<Fence> fence;  // throws kNotLeader, kReset
};

enum class Outcome : uint8_t { kApplied, kUnchanged, kIgnored, kRepeated };

struct CommitResult {
  Outcome outcome = Outcome::kApplied;
  Position position;
  uint64_t previous_version = 0;
  Durability durability = Durability::kDefault;
  uint64_t inserted = 0;
  uint64_t updated = 0;
  uint64_t deleted = 0;
  uint64_t unchanged = 0;
  // Encoded keys, when asked for.
  std::vector<std::string> inserted_keys;
  std::vector<std::string> updated_keys;
  std::vector<std::string> deleted_keys;
};

}  // namespace cairn
