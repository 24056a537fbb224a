// What instances tell each other about a collection, as plain values and as bytes (messages.fbs).
// Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cairn/schemas/messages_generated.h"
#include "core/value/bytes.h"
#include "core/value/status.h"

namespace cairn {

// Where a collection stands; the fields of its position.
struct Head {
  uint64_t term = 0;
  uint64_t seq = 0;
  uint64_t row_version = 0;
  uint64_t reset_epoch = 0;

  bool operator==(const Head&) const = default;
};

struct Message {
  std::string database;
  std::string collection;
  std::string sender;
  std::string to;  // empty: all
  fb::MessageKind kind = fb::MessageKind::Heartbeat;
  bool leads = false;
  uint64_t leader_term = 0;
  Head head;
  std::string request_id;
  fb::RequestKind request = fb::RequestKind::EnsureRemoteSubset;
  std::string payload;
  Status status = Status::kOk;
  std::string error;
};

// The most that a message may have: a row batch and what goes around it.
inline constexpr size_t kMaxMessageBytes = (64u << 20) + (64u << 10);

// Throws kTooLarge.
std::string encode_message(const Message& message);

// Nothing for a message of another version. Throws kMalformed.
std::optional<Message> decode_message(Bytes bytes);

}  // namespace cairn
