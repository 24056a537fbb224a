// Options of a coordinator, what it asks of its host, and what the host tells.

#include "convert_parts.h"

namespace cairn::capi {
namespace {

constexpr size_t kMaxNameBytes = 1024;  // every message has them

std::string name_of(const flatbuffers::String* text, const char* what) {
  std::string name = text_of(text, what);
  if (name.size() > kMaxNameBytes)
    throw Error(Status::kInvalidArgument, std::string(what) + " has more than 1,024 bytes");
  return name;
}

std::string needed(const flatbuffers::String* text, const char* what) {
  std::string name = text_of(text, what);
  if (name.empty()) throw Error(Status::kInvalidArgument, std::string(what) + " is missing");
  return name;
}

}  // namespace

CoordinatorOptions to_options(const fb::CoordinatorOptions* table) {
  CoordinatorOptions options;
  if (table != nullptr) {
    options.node = name_of(table->node(), "a node's name");
    auto kind = enum_of<fb::CoordinatorKind>(table->kind(), "kind of coordinator");
    options.alone = kind == fb::CoordinatorKind::Single;
    if (kind == fb::CoordinatorKind::Host)
      options.database = name_of(table->database(), "the database's name");
    options.heartbeat_ms = table->heartbeat_ms();
    options.timeout_ms = table->timeout_ms();
    options.retries = table->retries();
  }
  if (options.heartbeat_ms == 0 || options.timeout_ms == 0)
    throw Error(Status::kInvalidArgument, "heartbeat_ms and timeout_ms are 1 or more");
  if (options.node.empty()) options.node = random_name();
  return options;
}

void tell(Coordinator& coordinator, const fb::CoordinatorEvent* table) {
  if (table == nullptr) malformed("an event without bytes");
  switch (table->kind()) {
    case fb::CoordinatorEventKind::Elected:
      return coordinator.elected(needed(table->collection(), "the event's collection"));
    case fb::CoordinatorEventKind::Lost:
      return coordinator.lost(needed(table->collection(), "the event's collection"));
    case fb::CoordinatorEventKind::Received:
      if (table->message() == nullptr) malformed("an event without its message");
      return coordinator.receive({table->message()->data(), table->message()->size()});
    case fb::CoordinatorEventKind::Gone:
      return coordinator.gone(needed(table->node(), "the event's node"));
    case fb::CoordinatorEventKind::Tick:
      return coordinator.tick(clock_of(table->now_ms()));
  }
  malformed("an event of an unknown kind");
}

Table to_table(const CoordinatorAction& action) {
  TableBuilder builder = with_defaults(action.message.size() + 1024);
  flatbuffers::Offset<flatbuffers::Vector<uint8_t>> message;
  flatbuffers::Offset<flatbuffers::String> to;
  if (!action.message.empty()) message = put_bytes(builder, as_bytes(action.message));
  if (!action.to.empty()) to = builder.CreateString(action.to);
  auto collection = builder.CreateString(action.collection);
  return builder.finish(fb::CreateCoordinatorAction(
      builder, static_cast<fb::ActionKind>(action.kind), collection, to, message));
}

}  // namespace cairn::capi
