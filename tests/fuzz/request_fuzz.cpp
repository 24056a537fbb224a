// Every function of the C API that takes a table, a value or JSON: the first byte of an input says
// which, the rest is what it gets. Everything is in memory, and no path is ever given, so that
// nothing can touch the file system.
#include <array>

#include "fuzz.h"

namespace cairn::fuzz {

namespace {

using namespace testing;

bool host_is_wrong = false;

constexpr std::array<std::string_view, 30> kTables = {"Subset",
                                                      "DatabaseOptions",
                                                      "DatabaseInfo",
                                                      "CheckOptions",
                                                      "CheckReport",
                                                      "DigestReport",
                                                      "CollectionOptions",
                                                      "CollectionInfo",
                                                      "MetadataReport",
                                                      "LoadRequest",
                                                      "DeltaRequest",
                                                      "CursorHead",
                                                      "TransactionOptions",
                                                      "CommitResult",
                                                      "NoSuchTable",
                                                      "IndexRequest",
                                                      "IndexInfo",
                                                      "Explanation",
                                                      "Question",
                                                      "Answer",
                                                      "ReplicaOptions",
                                                      "ReplicaEvent",
                                                      "ReplicaEffect",
                                                      "MutationSet",
                                                      "MutationResult",
                                                      "DeltaReply",
                                                      "CoordinatorOptions",
                                                      "CoordinatorAction",
                                                      "CoordinatorEvent",
                                                      "Message"};

// A database in memory with some rows.
struct Rows {
  DatabasePtr database = open_database("", "{\"in_memory\":true}");
  CollectionPtr collection = open_collection(database.get(), "c");

  Rows() {
    for (int i = 0; i < 5; ++i) put(std::to_string(i), R"({"a":"text","n":[1,2.5,null]})");
    put("\"key\"", R"({"a":{"$date":5},"b":{"$bigint":"77"}})");
  }

  void put(std::string_view key_json, std::string_view value_json) {
    std::string key = call_for_bytes(cairn_value_from_json, key_json.data(), key_json.size());
    std::string value = call_for_bytes(cairn_value_from_json, value_json.data(), value_json.size());
    uint64_t version = 0;
    call(cairn_collection_put, collection.get(), bytes_of(key), key.size(), bytes_of(value),
         value.size(), &version);
  }
};

void ensure_index(const Rows& rows, const std::string& request) {
  give<BufferPtr>(cairn_collection_ensure_index, rows.collection.get(), bytes_of(request),
                  request.size());
}

// For requests that only read: they leave it as it is.
Rows& shared() {
  static Rows* rows = [] {
    auto* made = new Rows();
    ensure_index(*made, make_table("IndexRequest", R"({"signature":"a","expressions":[
        {"nodes":[{"kind":"Reference","path":["a"]}]}]})"));
    return made;
  }();
  return *rows;
}

void in_order(const Rows& rows) {
  std::string report = read_table(
      "CheckReport", call_for_bytes(cairn_database_check, rows.database.get(), nullptr, size_t{0}));
  if (report.find("\"ok\":true") == std::string::npos) fail(report);
}

void database_options(Input& input) {
  std::vector<uint8_t> options = input.rest();
  // Without a path only a database in memory can be opened.
  auto database =
      give<DatabasePtr>(cairn_database_open, "", size_t{0}, options.data(), options.size());
  if (database != nullptr)
    read_table("DatabaseInfo", call_for_bytes(cairn_database_info, database.get()));
}

void collection_options(Input& input) {
  Rows rows;
  std::vector<uint8_t> name = input.sized(), options = input.rest();
  auto* text = reinterpret_cast<const char*>(name.data());
  for (int i = 0; i < 2; ++i) {
    auto opened = give<CollectionPtr>(cairn_collection_open, rows.database.get(), text, name.size(),
                                      options.data(), options.size());
    if (opened == nullptr) return;
    give<BufferPtr>(cairn_collection_info, opened.get());
    give<BufferPtr>(cairn_collection_metadata, opened.get());
  }
  in_order(rows);
  expect(answer(cairn_collection_drop, rows.database.get(), text, name.size()) == CAIRN_OK,
         "a collection that is open cannot be dropped");
  in_order(rows);
}

void check_options(Input& input) {
  std::vector<uint8_t> options = input.rest();
  auto report = give<BufferPtr>(cairn_database_check, shared().database.get(), options.data(),
                                options.size());
  if (report != nullptr) read_table("CheckReport", text_of(report));
}

void drain(CursorPtr cursor) {
  if (cursor == nullptr) return;
  read_table("CursorHead", text_of(give<BufferPtr>(cairn_cursor_head, cursor.get())));
  for (const BufferPtr& batch : batches_of(cursor.get()))
    give<BufferPtr>(cairn_batch_to_json, cairn_buffer_data(batch.get()),
                    cairn_buffer_size(batch.get()));
}

void load_request(Input& input) {
  std::vector<uint8_t> request = input.rest();
  auto cursor = give<CursorPtr>(cairn_collection_load, shared().collection.get(), request.data(),
                                request.size());
  if (cursor == nullptr) return;
  answer(cairn_cursor_answer, cursor.get(), request.data(), request.size());
  give<BufferPtr>(cairn_cursor_explain, cursor.get());
  drain(std::move(cursor));
}

// An index of any kind is kept in step, and gives the rows that a scan gives.
void index_request(Input& input) {
  Rows rows;
  std::vector<uint8_t> request = input.rest();
  for (int i = 0; i < 2; ++i) {
    give<BufferPtr>(cairn_collection_ensure_index, rows.collection.get(), request.data(),
                    request.size());
    rows.put("1", R"({"a":"other","n":[true]})");
    rows.put("77", R"({"a":7,"b":{"$date":5}})");
    in_order(rows);
  }
  give<BufferPtr>(cairn_collection_info, rows.collection.get());
  answer(cairn_collection_remove_index, rows.collection.get(), "a", size_t{1});
  answer(cairn_collection_reset, rows.collection.get());
  in_order(rows);
}

void delta_request(Input& input) {
  std::vector<uint8_t> request = input.rest();
  drain(give<CursorPtr>(cairn_collection_delta, shared().collection.get(), request.data(),
                        request.size()));
}

// Commits with the options; gives the result.
BufferPtr transact(cairn_collection* collection, const std::vector<uint8_t>& options) {
  static const std::string kBatch = [] {
    std::string_view json = R"([{"id":1,"a":"new"},{"id":"other","b":true}])";
    return call_for_bytes(cairn_batch_from_json, json.data(), json.size(), "id", size_t{2});
  }();
  auto transaction =
      give<TransactionPtr>(cairn_transaction_begin, collection, options.data(), options.size());
  if (transaction == nullptr) return nullptr;
  if (answer(cairn_transaction_add, transaction.get(), bytes_of(kBatch), kBatch.size()) != CAIRN_OK)
    return nullptr;
  return give<BufferPtr>(cairn_transaction_commit, transaction.get());
}

void transaction_options(Input& input) {
  Rows rows;
  std::vector<uint8_t> first = input.sized(), second = input.rest();
  for (const auto* options : {&first, &second}) {
    BufferPtr result = transact(rows.collection.get(), *options);
    if (result != nullptr) read_table("CommitResult", text_of(result));
  }
  give<BufferPtr>(cairn_collection_metadata, rows.collection.get());
  drain(give<CursorPtr>(cairn_collection_delta, rows.collection.get(), nullptr, size_t{0}));
  in_order(rows);
  // The collection is not stuck at a position that the options brought.
  rows.put("9", R"({"last":true})");
  in_order(rows);
}

void table_to_json(Input& input) {
  std::string_view table = kTables[input.byte() % kTables.size()];
  std::vector<uint8_t> bytes = input.rest();
  give<BufferPtr>(cairn_table_to_json, table.data(), table.size(), bytes.data(), bytes.size());
}

void table_from_json(Input& input) {
  std::string_view table = kTables[input.byte() % kTables.size()];
  std::vector<uint8_t> json = input.rest();
  auto made = give<BufferPtr>(cairn_table_from_json, table.data(), table.size(),
                              reinterpret_cast<const char*>(json.data()), json.size());
  if (made == nullptr) return;
  std::string text = read_table(table, text_of(made));
  expect(read_table(table, make_table(table, text)) == text, "a table changes in a round trip");
}

// JSON of a portable value; what was written from one reads back as the same value.
void expect_same_value(std::string_view value) {
  std::string json = call_for_bytes(cairn_value_to_json, bytes_of(value), value.size());
  std::string again = call_for_bytes(cairn_value_from_json, json.data(), json.size());
  std::string json_again = call_for_bytes(cairn_value_to_json, bytes_of(again), again.size());
  expect(json_again == json, "a value changes in a round trip over JSON");
}

void value_to_json(Input& input) {
  std::vector<uint8_t> value = input.rest();
  if (give<BufferPtr>(cairn_value_to_json, value.data(), value.size()) != nullptr)
    expect_same_value(as_text(value));
}

void value_from_json(Input& input) {
  std::vector<uint8_t> json = input.rest();
  auto value = give<BufferPtr>(cairn_value_from_json, reinterpret_cast<const char*>(json.data()),
                               json.size());
  if (value != nullptr) expect_same_value(text_of(value));
}

void batch_from_json(Input& input) {
  std::vector<uint8_t> field = input.sized(), json = input.rest();
  auto batch =
      give<BufferPtr>(cairn_batch_from_json, reinterpret_cast<const char*>(json.data()),
                      json.size(), reinterpret_cast<const char*>(field.data()), field.size());
  if (batch == nullptr) return;
  std::string_view bytes = text_of(batch);
  call_for_bytes(cairn_batch_to_json, bytes_of(bytes), bytes.size());
}

void one_row(Input& input) {
  Rows rows;
  std::vector<uint8_t> key = input.sized(), value = input.rest();
  uint64_t version = 0;
  if (answer(cairn_collection_put, rows.collection.get(), key.data(), key.size(), value.data(),
             value.size(), &version) == CAIRN_OK) {
    auto row = give<BufferPtr>(cairn_collection_get, rows.collection.get(), key.data(), key.size());
    expect(row != nullptr, "a row that was put is not there");
    std::string text(text_of(row));
    expect_same_value(text);
    uint64_t again = 0;
    expect(answer(cairn_collection_put, rows.collection.get(), key.data(), key.size(),
                  bytes_of(text), text.size(), &again) == CAIRN_OK &&
               again == version,
           "a row that was read is another when it is put");
    in_order(rows);
  }
  give<BufferPtr>(cairn_collection_get, rows.collection.get(), key.data(), key.size());
  answer(cairn_collection_remove, rows.collection.get(), key.data(), key.size(), &version);
  in_order(rows);
}

void drain(cairn_replica* replica) {
  while (true) {
    auto effect = give<BufferPtr>(cairn_replica_next, replica);
    if (effect == nullptr) return;
    read_table("ReplicaEffect", text_of(effect));
  }
}

// A replica that has started, and then gets event after event.
void replica_events(Input& input) {
  auto database = open_database("", "{\"in_memory\":true}");
  bool is_local = input.byte() % 2 == 1;
  auto collection = open_collection(database.get(), "c", is_local ? "{\"local\":true}" : "{}");
  std::vector<uint8_t> options = input.sized();
  auto replica = give<ReplicaPtr>(cairn_replica_open, collection.get(), nullptr, options.data(),
                                  options.size());
  if (replica == nullptr) return;
  static const std::string kStart = make_table("ReplicaEvent", R"({"kind":"Start","number":1})");
  call(cairn_replica_send, replica.get(), bytes_of(kStart), kStart.size());
  drain(replica.get());
  while (!input.done()) {
    std::vector<uint8_t> event = input.sized();
    answer(cairn_replica_send, replica.get(), event.data(), event.size());
    drain(replica.get());
  }
}

// A coordinator with a replica, which is told what the input says.
void coordinator_events(Input& input) {
  Rows rows;
  static const std::string kOptions =
      make_table("CoordinatorOptions", R"({"kind":"Host","node":"n","database":"d"})");
  static const std::string kStart = make_table("ReplicaEvent", R"({"kind":"Start","number":1})");
  auto coordinator = give<CoordinatorPtr>(cairn_coordinator_open, rows.database.get(),
                                          bytes_of(kOptions), kOptions.size());
  auto replica = give<ReplicaPtr>(cairn_replica_open, rows.collection.get(), coordinator.get(),
                                  nullptr, size_t{0});
  call(cairn_replica_send, replica.get(), bytes_of(kStart), kStart.size());
  while (true) {
    drain(replica.get());
    while (auto action = give<BufferPtr>(cairn_coordinator_next, coordinator.get()))
      read_table("CoordinatorAction", text_of(action));
    if (input.done()) return;
    std::vector<uint8_t> event = input.sized();
    answer(cairn_coordinator_send, coordinator.get(), event.data(), event.size());
  }
}

// A host whose SQL answers whatever the input says.
struct Host {
  Input& input;

  static int32_t execute(void* self, const char*, size_t, const uint8_t*, size_t,
                         cairn_sql_rows rows, void* context) {
    Input& input = static_cast<Host*>(self)->input;
    if (input.done()) return 1;
    uint8_t kind = input.byte();
    if (kind == 0) return 0;
    if (kind >= 250) return kind - 240;
    std::vector<uint8_t> values = input.sized();
    return rows(context, values.data(), values.size());
  }
  static int32_t transaction(void*, cairn_sql_body body, void* context) { return body(context); }
};

void host_answers(Input& input) {
  Host host{input};
  host_is_wrong = true;
  cairn_sql_executor executor{sizeof executor, &host, nullptr, &Host::execute, &Host::transaction};
  auto database = give<DatabasePtr>(cairn_database_open_executor, &executor, nullptr, size_t{0});
  if (database == nullptr) return;
  auto collection = give<CollectionPtr>(cairn_collection_open, database.get(), "c", size_t{1},
                                        nullptr, size_t{0});
  if (collection == nullptr) return;
  drain(give<CursorPtr>(cairn_collection_load, collection.get(), nullptr, size_t{0}));
  drain(give<CursorPtr>(cairn_collection_delta, collection.get(), nullptr, size_t{0}));
  transact(collection.get(), {});
}

using Target = void (*)(Input&);
constexpr std::array<Target, 16> kTargets = {
    database_options, collection_options,  check_options,   load_request,
    delta_request,    transaction_options, table_to_json,   table_from_json,
    value_to_json,    value_from_json,     batch_from_json, one_row,
    host_answers,     index_request,       replica_events,  coordinator_events};

}  // namespace

// In memory nothing but the request can be wrong, or what a host answers.
bool may_answer(cairn_status status) {
  return status < (host_is_wrong ? CAIRN_OUT_OF_MEMORY : CAIRN_BUSY);
}

}  // namespace cairn::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cairn::fuzz::shared();
  cairn::fuzz::NoLeaks objects;
  cairn::fuzz::Input input(data, size);
  cairn::fuzz::host_is_wrong = false;
  cairn::fuzz::kTargets[input.byte() % cairn::fuzz::kTargets.size()](input);
  return 0;
}
