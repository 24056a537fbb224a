// Writes the seeds of the fuzz targets: cairn_make_seeds FOLDER (tests/fuzz/seeds). Databases have
// the time in them, so they differ from run to run; all other seeds are the same every time.
#include <sqlite3.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "batch_writer.h"
#include "catalog_edits.h"
#include "core/value/json.h"
#include "exercise.h"
#include "support/batches.h"

namespace cairn::fuzz {

bool may_answer(cairn_status status) { return status < CAIRN_INVALID_ARGUMENT; }

namespace {

using namespace testing;
using namespace unit;
namespace fs = std::filesystem;

fs::path folder;

void write(const std::string& target, const std::string& name, const std::string& bytes) {
  fs::create_directories(folder / target);
  std::ofstream(folder / target / name, std::ios::binary) << bytes;
}

std::string byte(unsigned value) { return std::string(1, static_cast<char>(value)); }

// --- rows ---

Object one_of_each() {
  return {{"a", Array{1, 300, 70000, 1e300, -0.0, 0.5, nullptr, true}},
          {"\xc3\xa9", Object{{"n", Array{Object{{"m", "text"}}, Object{{"m", "other"}}}}}},
          {"d", Date{1790000000000}},
          {"i", BigInt{true, {1, 2, 3}}},
          {"y", std::vector<uint8_t>{1, 2, 3}},
          {"t", "\xe2\x82\xac\xed\xa0\x80"},
          {"long", std::string(100, 'x')}};
}

// A row as row_fuzz takes it; with `limit` shapes at most.
void write_row(const std::string& name, const Object& object, const Object& patch, size_t limit,
               unsigned flags = 1) {
  MemoryShapes shapes(limit);
  std::string row = make_row(object, shapes);
  std::string seed = byte(flags) + byte(static_cast<unsigned>(shapes.count()));
  for (uint32_t id = 1; id <= shapes.count(); ++id) {
    const Shape& shape = shapes.shape(id);
    seed += byte(static_cast<unsigned>(shape.names.size()));
    for (std::string_view field : shape.names) seed += sized(field);
  }
  write("row", name, seed + sized(row.substr(kRowHashSize + 1)) + portable(patch));
}

void write_rows() {
  Object patch{{"d", Undefined{}}, {"t", Array{}}, {"new", Object{{"n", 1}}}};
  write_row("shapes", one_of_each(), patch, 7);
  write_row("repeated", one_of_each(), patch, 7, 3);
  write_row("names", one_of_each(), patch, 0);
  write_row("mixed", one_of_each(), patch, 2);
  write_row("empty", {}, {}, 7);
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    RandomValues random(seed);
    Object object = random.object(3);
    write_row("random" + std::to_string(seed), object, random.object(2), seed % 7);
  }
}

// --- row batches ---

BatchRow with_metadata(BatchRow row, Value metadata) {
  row.metadata_op = fb::MetadataOp::Set;
  row.metadata = std::move(metadata);
  return row;
}

// Columns of every kind, and rows that stay loose.
std::string rich_batch(uint64_t seed, fb::TextEncoding encoding) {
  RandomValues random(seed);
  MemoryShapes shapes(4);
  BatchRows rows;
  for (int i = 0; i < 4; ++i) {
    rows.push_back(plain_row(i, {{"text", i % 2 ? "odd" : "even"},
                                 {"wide", i % 2 ? "\xc3\xa9" : "e"},
                                 {"number", i + 0.5},
                                 {"int", i},
                                 {"date", Date{i}},
                                 {"list", Array{i, "x"}},
                                 {"object", Object{{"bytes", random.bytes()}, {"b", i > 2}}},
                                 {"any", random.scalar()}}));
  }
  rows.push_back(with_metadata(plain_row(random.key(), random.object(2)), random.value(1)));
  rows.push_back(BatchRow{.key = 1, .op = fb::Op::Delete, .value = {}, .metadata = {}});
  Table table =
      build_batch(rows, shapes, {.versions = true, .metadata = true, .encoding = encoding});
  return std::string(as_text(unit::bytes_of(table)));
}

std::string every_op() {
  BatchWriter writer;
  writer.add(BatchOp::Insert, portable("k"), portable(one_of_each()));
  writer.add(BatchOp::Update, portable(1), portable(Object{{"a", Undefined{}}, {"b", 2}}),
             BatchMetadata::Set, portable(Array{1, "m"}));
  writer.add(BatchOp::Touch, portable(1), "", BatchMetadata::Remove);
  writer.add(BatchOp::Delete, portable("k"));
  return writer.finish();
}

void write_batches() {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    bool wide = seed % 2 == 0;
    write("batch", "rich" + std::to_string(seed),
          byte(wide ? 64 : 1) +
              rich_batch(seed, wide ? fb::TextEncoding::Utf16 : fb::TextEncoding::Utf8));
  }
  std::string_view json = R"([{"id":1,"a":"x"},{"id":"k","a":[1,{"$date":5}]}])";
  std::string rows =
      call_for_bytes(cairn_batch_from_json, json.data(), json.size(), "id", size_t{2});
  for (unsigned flags : {0u, 2u, 4u, 8u, 16u, 32u, 64u, 128u, 130u}) {
    write("batch", "flags" + std::to_string(flags), byte(flags) + rows);
    write("batch", "ops" + std::to_string(flags), byte(flags) + every_op());
  }
}

// --- requests ---

// The functions of request_fuzz, in its order.
enum Request : unsigned {
  kDatabaseOptions,
  kCollectionOptions,
  kCheckOptions,
  kLoadRequest,
  kDeltaRequest,
  kTransactionOptions,
  kTableToJson,
  kTableFromJson,
  kValueToJson,
  kValueFromJson,
  kBatchFromJson,
  kOneRow,
  kHostAnswers,
  kIndexRequest,
  kReplicaEvents,
  kCoordinatorEvents,
};

// Tables with the places that request_fuzz gives them.
constexpr struct {
  unsigned place;
  const char* name;
  const char* json;
} kTables[] =
    {
        {0, "Subset",
         R"({"keys":[1,"a"],"where":{"nodes":[{"kind":"Reference","path":["a"]},{"kind":"Value","value":1},{"kind":"Call","function":"eq","arguments":[0,1]}]},"order_by":[{"direction":"Descending"}],"cursor":{"values":[1],"key":2}})"},
        {1, "DatabaseOptions", R"({"in_memory":true,"busy_timeout_ms":5,"durability":"Disk"})"},
        {3, "CheckOptions", R"({"collection":"c","max_problems":5,"pages":false})"},
        {6, "CollectionOptions",
         R"({"schema_version":3,"local":true,"mismatch_policy":"Reset","log_transactions":7})"},
        {9, "LoadRequest",
         R"({"subset":{"keys":[1,"key"],"limit":5},"versions":true,"batch_rows":2})"},
        {9, "LoadRequest",
         R"({"subset":{"where":{"nodes":[{"kind":"Reference","path":["a"]},{"kind":"Value","value":"text"},{"kind":"Call","function":"eq","arguments":[0,1]},{"kind":"Reference","path":["t","n","1"]},{"kind":"Value","value":2},{"kind":"Call","function":"gt","arguments":[3,4]},{"kind":"Call","function":"or","arguments":[2,5]}]},"order_by":[{"expression":{"nodes":[{"kind":"Reference","path":["a"]}]},"direction":"Descending","nulls":"Last"}],"limit":2,"offset":1},"fields":["a"]})"},
        {9, "LoadRequest",
         R"({"subset":{"where":{"nodes":[{"kind":"Reference","path":["a"]},{"kind":"Call","function":"date","arguments":[0]},{"kind":"Value","value":["1970-01-01",null,5]},{"kind":"Call","function":"in","arguments":[1,2]},{"kind":"Call","function":"not","arguments":[3]}]},"order_by":[{"expression":{"nodes":[{"kind":"Reference","path":["a"]},{"kind":"Call","function":"upper","arguments":[0]}]},"string_sort":"Locale","locale":"de"}],"cursor":{"values":["TEXT"],"key":1}},"host":true,"keys_only":true})"},
        {9, "LoadRequest",
         R"({"subset":{"where":{"nodes":[{"kind":"Reference","path":["b"]},{"kind":"Value","value":{"$bigint":"3"}},{"kind":"Call","function":"multiply","arguments":[0,1]},{"kind":"Value","value":231},{"kind":"Call","function":"gte","arguments":[2,3]},{"kind":"Reference","path":["a"]},{"kind":"Value","value":"t%"},{"kind":"Call","function":"ilike","arguments":[5,6]},{"kind":"Call","function":"caseWhen","arguments":[7,4]}]}}})"},
        {15, "IndexRequest", R"({"signature":"a","expressions":[{"nodes":[{"kind":"Reference","path":["a"]},{"kind":"Call","function":"lower","arguments":[0]}]},{"nodes":[{"kind":"Reference","path":["n","0"]}]}],"where":{"nodes":[{"kind":"Reference","path":["a"]},{"kind":"Call","function":"isNull","arguments":[0]},{"kind":"Call","function":"not","arguments":[1]}]}})"},
        {15, "IndexRequest",
         R"json({"signature":"a","expression_texts":["json_extract(value, '$.a')","{\"type\":\"func\",\"name\":\"length\",\"args\":[{\"type\":\"ref\",\"path\":[\"n\"]}]}"],"max_rows":2})json"},
        {19, "Answer", R"({"values":[1,2]})"},
        {10, "DeltaRequest", R"({"since":1,"metadata":true,"batch_bytes":100,"encoding":"Utf16"})"},
        {12, "TransactionOptions",
         R"({"id":"t","writer":"w","term":1,"seq":9,"row_version":30,"request_id":"r","report_keys":true,"metadata":[{"key":"k","value":{"a":[1]}},{"key":"gone"}]})"},
        {12, "TransactionOptions", R"({"mode":"Reconcile","report_keys":true})"},
        {12, "TransactionOptions", R"({"truncate":true,"replace":true,"dry_run":true})"},
        {12, "TransactionOptions", R"({"row_version":9223372036854775808})"},
        {12, "TransactionOptions", R"({"term":4503599627370496,"seq":4503599627370496})"},
        {21, "ReplicaEvent",
         R"({"kind":"LoadSubset","number":2,"subset_id":1,"subset":{"keys":[1],"limit":2},"metadata":[{"key":"k","value":1}],"now_ms":-5})"},
        {22, "ReplicaEffect",
         R"({"kind":"Changes","batch":[{"key":1,"value":{"a":1}},{"key":2,"op":"delete","version":3}],"transaction_ids":["t"]})"},
        {29, "Message",
         R"({"version":1,"database":"d","collection":"c","sender":"s","to":"n","kind":"Request","request_id":"r","request":"PullSince","payload":{"$bytes":""}})"},
};

void write_request(unsigned function, const std::string& name, const std::string& bytes) {
  write("request", std::to_string(function) + "-" + name, byte(function) + bytes);
}

void write_tables() {
  unsigned number = 0;
  for (const auto& one : kTables) {
    std::string table = make_table(one.name, one.json), name = std::to_string(++number);
    write_request(kTableToJson, name, byte(one.place) + table);
    write_request(kTableFromJson, name, byte(one.place) + one.json + "\n");
    if (one.place == 1) write_request(kDatabaseOptions, name, table);
    if (one.place == 3) write_request(kCheckOptions, name, table);
    if (one.place == 6) write_request(kCollectionOptions, name, sized("d") + table);
    if (one.place == 6) write_request(kCollectionOptions, "same" + name, sized("c") + table);
    if (one.place == 9) write_request(kLoadRequest, name, table);
    if (one.place == 10) write_request(kDeltaRequest, name, table);
    if (one.place == 15) write_request(kIndexRequest, name, table);
    if (one.place == 12) write_request(kTransactionOptions, name, sized(table) + table);
  }
}

// What a host answers in a database with one collection of one row: statements that write give
// nothing, those that read give their columns.
std::string host_answers() {
  auto rows = [](const Array& cells) { return byte(1) + sized(portable(cells)); };
  std::string state = from_hex("0101020101010000000100010100");
  Value bytes = std::vector<uint8_t>(state.begin(), state.end());
  std::string answers = rows({1}) + rows({1}) + rows({1, bytes});
  for (int i = 0; i < 3; ++i) answers += rows({1, bytes}) + byte(0);
  return answers;
}

// Events one after another, as the functions take them.
std::string events(const char* table, std::initializer_list<const char*> all) {
  std::string bytes;
  for (const char* json : all) bytes += sized(make_table(table, json));
  return bytes;
}

void write_events() {
  std::string on_demand =
      sized(make_table("ReplicaOptions", R"({"mode":"OnDemand","batch_rows":2})"));
  write_request(
      kReplicaEvents, "source",
      byte(0) + on_demand +
          events("ReplicaEvent",
                 {R"({"kind":"LoadSubset","number":2,"subset_id":1,"subset":{"limit":2}})",
                  R"({"kind":"SourceBegin","number":3})",
                  R"({"kind":"SourceWrite","number":4,"batch":[{"key":1,"value":{"a":1}}]})",
                  R"({"kind":"SourceTruncate","number":5})",
                  R"({"kind":"SourceCommit","number":6,"metadata":[{"key":"k","value":1}]})",
                  R"({"kind":"EffectDone","number":7,"effect":3})",
                  R"({"kind":"UnloadSubset","number":8,"subset_id":1})",
                  R"({"kind":"Tick","now_ms":5000})", R"({"kind":"Stop","number":9})"}));
  write_request(
      kReplicaEvents, "mutations",
      byte(1) + sized("") +
          events("ReplicaEvent",
                 {R"({"kind":"Mutate","number":2,"id":"i","batch":[{"key":1,"value":{"a":1}}]})",
                  R"({"kind":"Request","number":3,"id":"r","request":"PullSince"})",
                  R"({"kind":"Retry","number":4})"}));
  write_request(kCoordinatorEvents, "events",
                events("CoordinatorEvent",
                       {R"({"kind":"Elected","collection":"c"})", R"({"kind":"Tick","now_ms":9})",
                        R"({"kind":"Lost","collection":"c"})", R"({"kind":"Gone","node":"s"})"}));
  std::string message = make_table(
      "Message",
      R"({"version":1,"database":"d","collection":"c","sender":"s","to":"n","kind":"Request","request_id":"r","request":"PullSince"})");
  Value bytes = std::vector<uint8_t>(message.begin(), message.end());
  std::string received = R"({"kind":"Received","message":)" + to_json(bytes) + "}";
  write_request(
      kCoordinatorEvents, "message",
      events("CoordinatorEvent", {R"({"kind":"Elected","collection":"c"})", received.c_str()}));
}

void write_requests() {
  write_tables();
  write_events();
  std::string value = portable(one_of_each());
  write_request(kValueToJson, "value", value);
  write_request(kValueFromJson, "value", to_json(one_of_each()) + "\n");
  write_request(kValueFromJson, "pairs",
                R"({"$object":[["$date",{"$number":"NaN"}],["b",-0.0]]})"
                "\n");
  write_request(kBatchFromJson, "array",
                sized("id") + R"([{"id":1,"a":[true,null]},{"id":"x","o":{"y":1e300}}])"
                              "\n");
  write_request(kBatchFromJson, "lines",
                sized("id") + "{\"id\":1,\"t\":\"\\u00e9\"}\n\n{\"id\":2,\"d\":{\"$date\":5}}\n");
  write_request(kOneRow, "text", sized(portable("a key")) + value);
  write_request(kOneRow, "number", sized(portable(-1.5)) + portable(Object{{"a", Undefined{}}}));
  write_request(kHostAnswers, "rows", host_answers());
}

// --- catalogs and files ---

// The rows of a database in a file, with what catalog_fuzz needs to put them back.
void write_catalog(sqlite3* file) {
  std::string all;
  for (unsigned number = 0; number < std::size(kColumns); ++number) {
    const Column& column = kColumns[number];
    for (unsigned row = 0; row < 3; ++row) {
      std::string sql = row_of(column, column.column, std::to_string(row).c_str());
      sqlite3_stmt* statement = nullptr;
      sqlite3_prepare_v2(file, sql.c_str(), -1, &statement, nullptr);
      if (sqlite3_step(statement) == SQLITE_ROW) {
        bool integer = sqlite3_column_type(statement, 0) == SQLITE_INTEGER;
        auto* data = static_cast<const char*>(sqlite3_column_blob(statement, 0));
        std::string bytes(data == nullptr ? "" : data,
                          static_cast<size_t>(sqlite3_column_bytes(statement, 0)));
        if (integer) {
          ByteBuffer number_bytes;
          number_bytes.put_le(static_cast<uint64_t>(sqlite3_column_int64(statement, 0)), 8);
          bytes = unit::to_string(number_bytes);
        }
        std::string edit = byte(number) + byte(row * 4 + (integer ? 2 : 0)) + sized(bytes);
        write("catalog", std::string(column.table) + "-" + column.column + std::to_string(row),
              edit);
        if (!integer) all += edit;
      }
      sqlite3_finalize(statement);
    }
  }
  write("catalog", "all", all);
}

void run(sqlite3* file, const char* sql) {
  expect(sqlite3_exec(file, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sqlite3_errmsg(file));
}

// Small pages let a changed byte mean more.
void write_file(const std::string& path, const std::string& name, int page_size) {
  sqlite3* file = nullptr;
  expect(sqlite3_open(path.c_str(), &file) == SQLITE_OK, "the seed's file does not open");
  run(file, "PRAGMA journal_mode = DELETE");
  run(file, ("PRAGMA page_size = " + std::to_string(page_size)).c_str());
  run(file, "VACUUM");
  run(file, "PRAGMA journal_mode = WAL");
  sqlite3_close(file);
  std::ifstream in(path, std::ios::binary);
  write("file", name, std::string(std::istreambuf_iterator<char>(in), {}));
}

void write_databases() {
  std::string path = (folder / "database").string();
  DatabasePtr database = open_database(path);
  fill(database.get());
  database.reset();
  sqlite3* file = nullptr;
  expect(sqlite3_open(path.c_str(), &file) == SQLITE_OK, "the seed's file does not open");
  write_catalog(file);
  sqlite3_close(file);
  for (int page_size : {4096, 1024, 512})
    write_file(path, "pages" + std::to_string(page_size), page_size);
  fs::remove(path);
  open_database(path).reset();
  write_file(path, "empty", 512);
  fs::remove(path);
}

}  // namespace
}  // namespace cairn::fuzz

int main(int count, char** arguments) {
  using namespace cairn::fuzz;
  if (count != 2) {
    std::fprintf(stderr, "usage: cairn_make_seeds FOLDER\n");
    return 2;
  }
  folder = arguments[1];
  std::filesystem::create_directories(folder);
  write_rows();
  write_batches();
  write_requests();
  write_databases();
  return 0;
}
