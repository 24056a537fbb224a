// Options of a replica, the events into it and the effects out of it.

#include "convert_parts.h"

namespace cairn::capi {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::String;
using flatbuffers::Vector;

std::vector<std::string> ids_of(const Vector<Offset<String>>* texts) {
  std::vector<std::string> ids;
  if (texts == nullptr) return ids;
  for (const String* text : *texts) ids.push_back(text_of(text, "a mutation's id"));
  return ids;
}

Status status_of(int32_t number) {
  if (std::string_view(cairn_status_name(number)) == "CAIRN_UNKNOWN") malformed("unknown status");
  return static_cast<Status>(number);
}

// The values of an answer, which is a table of its own.
std::string answers_of(const Vector<uint8_t>* payload) {
  VerifiedTable<fb::Answer> table(payload == nullptr ? Bytes()
                                                     : Bytes(payload->data(), payload->size()));
  if (table.get() == nullptr || table.get()->values() == nullptr)
    malformed("an answer without values");
  return bytes_of(table.get()->values());
}

// A table in a table, aligned so that it can be read where it is. Absent where it is empty.
Offset<Vector<uint8_t>> put_nested(FlatBufferBuilder& builder, Bytes bytes) {
  if (bytes.empty()) return 0;
  builder.ForceVectorAlignment(bytes.size(), 1, 16);
  return put_bytes(builder, bytes);
}

Offset<Vector<Offset<String>>> put_ids(FlatBufferBuilder& builder,
                                       const std::vector<std::string>& ids) {
  if (ids.empty()) return 0;
  return builder.CreateVectorOfStrings(ids);
}

Offset<String> put_text(FlatBufferBuilder& builder, const std::string& text) {
  if (text.empty()) return 0;
  return builder.CreateString(text);
}

Offset<Vector<uint8_t>> put_payload(FlatBufferBuilder& builder, const ReplicaEffect& effect) {
  if (!effect.question) return put_nested(builder, as_bytes(effect.payload));
  Table question = to_table(*effect.question);
  return put_nested(builder, {question.data(), question.size()});
}

}  // namespace

ReplicaOptions to_options(const fb::ReplicaOptions* table) {
  ReplicaOptions options;
  if (table == nullptr) return options;
  options.on_demand = enum_of<fb::SyncMode>(table->mode(), "sync mode") == fb::SyncMode::OnDemand;
  options.source = table->source();
  options.full_updates = table->full_updates();
  options.host = table->host();
  options.batch = batch_of(*table);
  options.max_unsaved_bytes = table->max_unsaved_bytes();
  options.poll_ms = table->poll_ms();
  return options;
}

ReplicaEvent to_event(const fb::ReplicaEvent* table) {
  if (table == nullptr) malformed("an event without bytes");
  ReplicaEvent event;
  event.kind = enum_of<fb::EventKind>(table->kind(), "kind of event");
  event.number = table->number();
  event.subset_id = table->subset_id();
  event.subset = bytes_of(table->subset());
  event.batch = bytes_of(table->batch());
  event.id = text_of(table->id(), "an event's id");
  event.mutation_ids = ids_of(table->mutation_ids());
  event.metadata = entries_of(table->metadata());
  event.request = enum_of<fb::RequestKind>(table->request(), "kind of request");
  event.payload = event.kind == fb::EventKind::Answer ? answers_of(table->payload())
                                                      : bytes_of(table->payload());
  event.effect = table->effect();
  event.status = status_of(table->status());
  event.message = text_of(table->message(), "an event's message");
  event.now_ms = clock_of(table->now_ms());
  return event;
}

Table to_table(const ReplicaEffect& effect) {
  // Room for the rows at once, so that they are copied only once.
  size_t rows = effect.batch ? effect.batch->size() : 0;
  TableBuilder builder = with_defaults(rows + effect.payload.size() + 1024);
  Bytes batch = effect.batch ? Bytes(effect.batch->data(), rows) : Bytes();
  auto batch_at = put_nested(builder, batch);
  Offset<fb::Position> position;
  if (effect.position != Position()) position = put(builder, effect.position);
  Offset<Vector<Offset<fb::MetadataEntry>>> metadata;
  if (!effect.metadata.empty()) metadata = put(builder, effect.metadata);
  auto transactions = put_ids(builder, effect.transaction_ids);
  auto subset = put_nested(builder, as_bytes(effect.subset));
  auto payload = put_payload(builder, effect);
  auto id = put_text(builder, effect.id);
  auto mutations = put_ids(builder, effect.mutation_ids);
  auto message = put_text(builder, effect.message);
  return builder.finish(fb::CreateReplicaEffect(
      builder, effect.kind, effect.number, effect.seen, effect.subset_id, batch_at, effect.first,
      effect.last, position, metadata, transactions, effect.was_reset, effect.remote, subset,
      payload, id, mutations, static_cast<fb::Durability>(effect.durability), effect.leads,
      effect.term, static_cast<int32_t>(effect.status), message, effect.retryable, effect.unsaved,
      effect.request));
}

}  // namespace cairn::capi
