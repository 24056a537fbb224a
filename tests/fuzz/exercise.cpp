#include "exercise.h"

#include <map>

namespace cairn::fuzz {
namespace {

using namespace testing;

std::string value(std::string_view json) {
  return call_for_bytes(cairn_value_from_json, json.data(), json.size());
}

std::string batch(std::string_view json) {
  return call_for_bytes(cairn_batch_from_json, json.data(), json.size(), "id", size_t{2});
}

// Tables that are made once: only the database differs between inputs.
const std::string& options(const char* json) {
  static std::map<std::string, std::string, std::less<>> made;
  auto place = made.find(std::string_view(json));
  if (place == made.end()) place = made.emplace(json, make_table("TransactionOptions", json)).first;
  return place->second;
}

const std::string& rows_batch() {
  static const std::string kBatch = batch(
      R"([{"id":1,"a":"one","o":{"x":1}},{"id":"two","a":null},{"id":3,"t":"new","d":{"$date":5}}])");
  return kBatch;
}

void transact(cairn_collection* collection, const char* json, const std::string& rows) {
  const std::string& table = options(json);
  auto transaction =
      give<TransactionPtr>(cairn_transaction_begin, collection, bytes_of(table), table.size());
  if (transaction == nullptr) return;
  if (answer(cairn_transaction_add, transaction.get(), bytes_of(rows), rows.size()) == CAIRN_OK)
    give<BufferPtr>(cairn_transaction_commit, transaction.get());
}

CollectionPtr open(cairn_database* database, std::string_view name) {
  return give<CollectionPtr>(cairn_collection_open, database, name.data(), name.size(), nullptr,
                             size_t{0});
}

void drain(CursorPtr cursor) {
  if (cursor == nullptr) return;
  give<BufferPtr>(cairn_cursor_head, cursor.get());
  for (const BufferPtr& rows : batches_of(cursor.get()))
    give<BufferPtr>(cairn_batch_to_json, cairn_buffer_data(rows.get()),
                    cairn_buffer_size(rows.get()));
}

void load(cairn_collection* collection, const char* json) {
  std::string request = make_table("LoadRequest", json);
  drain(give<CursorPtr>(cairn_collection_load, collection, bytes_of(request), request.size()));
}

constexpr const char* kIndex = R"({"signature":"a","expressions":[
    {"nodes":[{"kind":"Reference","path":["a"]}]},{"nodes":[{"kind":"Reference","path":["o","x"]}]}]})";

void ensure_index(cairn_collection* collection) {
  static const std::string kRequest = make_table("IndexRequest", kIndex);
  give<BufferPtr>(cairn_collection_ensure_index, collection, bytes_of(kRequest), kRequest.size());
}

void query(cairn_collection* collection) {
  load(collection, R"({"subset":{"where":{"nodes":[{"kind":"Reference","path":["a"]},
      {"kind":"Value","value":"f"},{"kind":"Call","function":"gte","arguments":[0,1]}]}}})");
  load(collection, R"({"subset":{"order_by":[{"expression":{"nodes":[
      {"kind":"Reference","path":["a"]}]},"direction":"Descending"},{"expression":{"nodes":[
      {"kind":"Reference","path":["o","x"]}]},"direction":"Descending"}],"limit":1}})");
}

void delta(cairn_collection* collection, const char* json) {
  std::string request = make_table("DeltaRequest", json);
  drain(give<CursorPtr>(cairn_collection_delta, collection, bytes_of(request), request.size()));
}

void put(cairn_collection* collection, std::string_view key_json, std::string_view value_json) {
  std::string key = value(key_json), row = value(value_json);
  answer(cairn_collection_put, collection, bytes_of(key), key.size(), bytes_of(row), row.size(),
         nullptr);
}

void remove(cairn_collection* collection, std::string_view key_json) {
  std::string key = value(key_json);
  answer(cairn_collection_remove, collection, bytes_of(key), key.size(), nullptr);
}

void get(cairn_collection* collection, std::string_view key_json) {
  std::string key = value(key_json);
  auto row = give<BufferPtr>(cairn_collection_get, collection, bytes_of(key), key.size());
  if (row != nullptr)
    give<BufferPtr>(cairn_value_to_json, cairn_buffer_data(row.get()),
                    cairn_buffer_size(row.get()));
}

void report(cairn_database* database) {
  give<BufferPtr>(cairn_database_info, database);
  give<BufferPtr>(cairn_database_digest, database);
  auto found = give<BufferPtr>(cairn_database_check, database, nullptr, size_t{0});
  if (found != nullptr) read_table("CheckReport", text_of(found));
}

}  // namespace

bool may_damage_answer(cairn_status status) {
  return status < CAIRN_INVALID_ARGUMENT ||
         (status >= CAIRN_SCHEMA_MISMATCH && status < CAIRN_OUT_OF_MEMORY);
}

void fill(cairn_database* database) {
  CollectionPtr collection = open_collection(database, "c", R"({"log_transactions":4})");
  cairn_collection* c = collection.get();
  for (const char* json : {R"({"term":1,"seq":1})", R"({"term":1,"seq":2})", R"({"seq":3})"}) {
    transact(c, json, batch(R"([{"id":1,"a":"first","o":{"x":1}}])"));
    transact(c, "{}", rows_batch());
  }
  transact(c, R"({"id":"t","writer":"w","term":2,"seq":5,"metadata":[{"key":"k","value":[1]}]})",
           batch(R"([{"id":4,"a":"four","o":{"x":[1,2.5]}}])"));
  transact(c, R"({"request_id":"r"})", batch(R"([{"id":"five","t":"gone","d":null}])"));
  remove(c, "\"five\"");
  ensure_index(c);
}

void read_all(cairn_database* database) {
  report(database);
  CollectionPtr collection = open(database, "c");
  if (collection == nullptr) return;
  give<BufferPtr>(cairn_collection_info, collection.get());
  give<BufferPtr>(cairn_collection_metadata, collection.get());
  load(collection.get(), "{}");
  load(collection.get(), R"({"versions":true,"metadata":true,"encoding":"Utf16","batch_rows":2})");
  load(collection.get(), R"({"subset":{"keys":[1,"two"],"offset":1}})");
  query(collection.get());
  delta(collection.get(), R"({"since":6,"versions":true,"metadata":true})");
  get(collection.get(), "1");
}

void write_all(cairn_database* database) {
  CollectionPtr collection = open(database, "c");
  if (collection != nullptr) {
    cairn_collection* c = collection.get();
    put(c, "1", R"({"a":"changed","o":{"x":2}})");
    put(c, "\"new\"", R"({"a":1,"never":{"seen":["before"]}})");
    remove(c, "\"two\"");
    transact(c, R"({"request_id":"r","report_keys":true})", rows_batch());
    transact(c, R"({"term":1,"seq":2,"writer":"other"})", rows_batch());
    transact(c, R"({"id":"t","writer":"w","term":2,"seq":5})", rows_batch());
    transact(c, R"({"metadata":[{"key":"k","value":[1]},{"key":"l","value":2}]})", rows_batch());
    transact(c, R"({"mode":"Reconcile"})", rows_batch());
    transact(c, R"({"truncate":true,"dry_run":true})", rows_batch());
    delta(c, R"({"since":6})");
    query(c);
    ensure_index(c);
    report(database);
    answer(cairn_collection_reset, c);
    put(c, "1", R"({"a":"after"})");
  }
  if (CollectionPtr created = open(database, "new"); created != nullptr)
    put(created.get(), "1", R"({"a":"created"})");
  answer(cairn_collection_drop, database, "c", size_t{1});
  report(database);
  answer(cairn_database_maintain, database, uint32_t{5});
}

}  // namespace cairn::fuzz
