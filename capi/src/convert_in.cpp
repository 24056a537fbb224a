// Requests and options from outside.

#include "convert_parts.h"
#include "core/value/object.h"
#include "core/value/text.h"

namespace cairn::capi {
namespace {

Durability durability_of(fb::Durability value) { return enum_of<Durability>(value, "durability"); }

bool sets_aside(fb::DamagePolicy value) {
  return enum_of<fb::DamagePolicy>(value, "damage policy") == fb::DamagePolicy::SetAside;
}

std::vector<std::string> names_of(const flatbuffers::Vector<uint8_t>& portable) {
  Item item = read_item({portable.data(), portable.size()});
  if (item.tag != kArray) malformed("fields are not an array");
  std::vector<std::string> names;
  TupleReader items = read_array(item.bytes());
  while (!items.done()) {
    Item name = items.next();
    if (!is_text(name.tag) || !is_wtf8(name.bytes())) malformed("fields are texts");
    names.emplace_back(name.text());
  }
  return names;
}

}  // namespace

std::string text_of(const flatbuffers::String* text, const char* what) {
  if (text == nullptr) return {};
  if (!is_wtf8(as_bytes(text->string_view()), false))
    throw Error(Status::kInvalidArgument, std::string(what) + " is not UTF-8");
  return text->str();
}

std::string bytes_of(const flatbuffers::Vector<uint8_t>* bytes) {
  if (bytes == nullptr) return {};
  return std::string(as_text({bytes->data(), bytes->size()}));
}

std::vector<MetadataEntry> entries_of(
    const flatbuffers::Vector<flatbuffers::Offset<fb::MetadataEntry>>* tables) {
  std::vector<MetadataEntry> entries;
  if (tables == nullptr) return entries;
  for (const fb::MetadataEntry* table : *tables) {
    MetadataEntry& entry = entries.emplace_back();
    entry.key = text_of(table->key(), "a metadata key");
    if (table->value() != nullptr) entry.value = bytes_of(table->value());
  }
  return entries;
}

int64_t clock_of(int64_t now_ms) {
  constexpr int64_t kMost = int64_t{1} << 53;
  if (now_ms < -kMost || now_ms > kMost)
    throw Error(Status::kInvalidArgument, "now_ms is no time: more than 2^53 milliseconds");
  return now_ms;
}

DatabaseOptions to_options(const fb::DatabaseOptions* table) {
  DatabaseOptions options;
  options.sets_aside = true;
  if (table == nullptr) return options;
  if (table->key() != nullptr)
    throw Error(Status::kUnsupported,
                "this library is built without encryption: leave out the key");
  options.store.read_only = table->read_only();
  options.store.busy_timeout_ms = table->busy_timeout_ms();
  options.store.background = table->background();
  options.in_memory = table->in_memory();
  options.durability = durability_of(table->durability());
  options.sets_aside = sets_aside(table->damage());
  options.check = table->check();
  return options;
}

CheckOptions to_options(const fb::CheckOptions* table) {
  CheckOptions options;
  if (table == nullptr) return options;
  options.collection = text_of(table->collection(), "a collection's name");
  options.pages = table->pages();
  options.max_problems = table->max_problems();
  return options;
}

CollectionOptions to_options(const fb::CollectionOptions* table) {
  CollectionOptions options;
  if (table == nullptr) return options;
  options.schema_version = table->schema_version();
  options.local = table->local();
  options.mismatch_policy = enum_of<MismatchPolicy>(table->mismatch_policy(), "mismatch policy");
  options.durability = durability_of(table->durability());
  options.log_transactions = table->log_transactions();
  options.log_seconds = table->log_seconds();
  return options;
}

TransactionOptions to_options(const fb::TransactionOptions* table) {
  TransactionOptions options;
  if (table == nullptr) return options;
  options.mode = enum_of<TransactionMode>(table->mode(), "transaction mode");
  options.replace = table->replace();
  options.truncate = table->truncate();
  options.id = text_of(table->id(), "a transaction's id");
  options.writer = text_of(table->writer(), "a writer");
  options.term = table->term();
  options.seq = table->seq();
  options.row_version = table->row_version();
  options.request_id = text_of(table->request_id(), "a request id");
  options.durability = durability_of(table->durability());
  options.dry_run = table->dry_run();
  options.report_keys = table->report_keys();
  options.metadata = entries_of(table->metadata());
  return options;
}

SalvageOptions to_options(const fb::SalvageOptions* table) {
  SalvageOptions options;
  if (table != nullptr) options.max_keys = table->max_keys();
  return options;
}

LoadRequest to_request(const fb::LoadRequest* table) {
  LoadRequest request;
  if (table == nullptr) return request;
  request.batch = batch_of(*table);
  if (table->subset() != nullptr) request.subset = read_subset(*table->subset());
  request.host = table->host();
  request.keys_only = table->keys_only();
  if (table->fields() != nullptr) request.fields = names_of(*table->fields());
  return request;
}

DeltaRequest to_request(const fb::DeltaRequest* table) {
  DeltaRequest request;
  if (table == nullptr) return request;
  request.batch = batch_of(*table);
  request.since = table->since();
  request.reset_epoch = table->reset_epoch();
  return request;
}

}  // namespace cairn::capi
