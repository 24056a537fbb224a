#include "core/coordination/message.h"

#include <vector>

namespace cairn {
namespace {

constexpr uint16_t kVersion = 1;
constexpr size_t kMaxNameBytes = 64 << 10;

std::string text_of(const flatbuffers::String* text) {
  if (text == nullptr) return {};
  if (text->size() > kMaxNameBytes) malformed("a message with a name above 64 KiB");
  return text->str();
}

bool is_known(const fb::Message& table) {
  return table.kind() <= fb::MessageKind::MAX && table.request() <= fb::RequestKind::MAX;
}

}  // namespace

std::string encode_message(const Message& message) {
  flatbuffers::FlatBufferBuilder builder(256 + message.payload.size());
  auto text = [&](const std::string& value) {
    return value.empty() ? flatbuffers::Offset<flatbuffers::String>() : builder.CreateString(value);
  };
  auto database = text(message.database), collection = text(message.collection),
       sender = text(message.sender), to = text(message.to), request_id = text(message.request_id),
       error = text(message.error);
  flatbuffers::Offset<flatbuffers::Vector<uint8_t>> payload;
  if (!message.payload.empty())
    payload = builder.CreateVector(as_bytes(message.payload).data(), message.payload.size());
  const Position& position = message.position;
  builder.Finish(fb::CreateMessage(
      builder, kVersion, database, collection, sender, to, message.kind, message.leads,
      message.leader_term, position.term, position.seq, position.row_version, position.reset_epoch,
      request_id, message.request, payload, static_cast<int32_t>(message.status), error));
  if (builder.GetSize() > kMaxMessageBytes)
    throw Error(Status::kTooLarge, "a message above 64 MiB; ask for less at once");
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::optional<Message> decode_message(Bytes bytes) {
  if (bytes.size() > kMaxMessageBytes || bytes.size() < 16) malformed("not a message");
  // Transports give bytes at any address.
  std::vector<uint64_t> aligned((bytes.size() + 7) / 8);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  auto* data = reinterpret_cast<const uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(data, bytes.size(), 8);
  if (!verifier.VerifyBuffer<fb::Message>(nullptr)) malformed("not a message");
  const auto& table = *flatbuffers::GetRoot<fb::Message>(data);
  if (table.version() != kVersion) return std::nullopt;
  if (!is_known(table)) return std::nullopt;
  Message message;
  message.database = text_of(table.database());
  message.collection = text_of(table.collection());
  message.sender = text_of(table.sender());
  message.to = text_of(table.to());
  message.kind = table.kind();
  message.leads = table.leads();
  message.leader_term = table.leader_term();
  message.position = {table.term(), table.seq(), table.row_version(), table.reset_epoch()};
  message.request_id = text_of(table.request_id());
  message.request = table.request();
  if (auto* payload = table.payload())
    message.payload.assign(reinterpret_cast<const char*>(payload->data()), payload->size());
  message.status = static_cast<Status>(table.status());
  message.error = text_of(table.error());
  if (message.collection.empty() || message.sender.empty())
    malformed("a message without its collection or its sender");
  return message;
}

}  // namespace cairn
