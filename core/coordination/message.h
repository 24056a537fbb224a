// What instances tell each other about a collection, as plain values and as bytes (messages.fbs).
// Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cairn/schemas/messages_generated.h"
#include "core/collection/types.h"
#include "core/value/bytes.h"
#include "core/value/status.h"

namespace cairn {

struct Message {
  std::string database;
  std::string collection;
  std::string sender;
  std::string to;  // empty: all
  fb::MessageKind kind = fb::MessageKind::Heartbeat;
  bool leads = false;
  uint64_t leader_term = 0;
  Position position;
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
