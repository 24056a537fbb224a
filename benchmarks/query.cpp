// Queries on todo rows: pages by an index out of 10,000 to 1,000,000 rows, whose cost must not grow
// with the rows; a query without an index against a bare scan; and what an index costs inserts.
// Beside each is what a user would pick instead: JSON texts in SQLite, queried with json_extract.
#include <map>

#include "benchmarks/suites.h"
#include "benchmarks/support/comparison.h"
#include "benchmarks/support/json_rows.h"

namespace cairn::bench {
namespace {

constexpr double kPageLimitMs = 0.5;
constexpr double kGrowthLimit = 1.5;
constexpr double kScanLimit = 1.5;
constexpr double kInsertLimit = 1.6;  // an index adds at most 0.6
constexpr size_t kPageRows = 50;

// --- what is asked for ---

constexpr const char* kByDate = R"({"signature": "date", "expressions": [
    {"nodes": [{"kind": "Reference", "path": ["createdAt"]}]}]})";
constexpr const char* kByListAndDate = R"({"signature": "list and date", "expressions": [
    {"nodes": [{"kind": "Reference", "path": ["listId"]}]},
    {"nodes": [{"kind": "Reference", "path": ["createdAt"]}]}]})";
constexpr const char* kJsonByDate =
    "CREATE INDEX by_date ON rows(json_extract(value, '$.createdAt'))";
constexpr const char* kJsonByListAndDate =
    "CREATE INDEX by_list ON rows(json_extract(value, '$.listId'), "
    "json_extract(value, '$.createdAt'))";

// A query in both ways. In SQL, a plus sign keeps SQLite from using an index.
struct Query {
  const char* name;
  const char* what;
  const char* nodes;  // of the predicate
  const char* where;  // the same in SQL
  const char* where_without_index;
};

constexpr Query kOpenTodos = {
    "ordered", "page of 50, completed = false, newest first, by an index on the date",
    R"({"kind": "Reference", "path": ["completed"]}, {"value": false},
       {"kind": "Call", "function": "eq", "arguments": [0, 1]})",
    "json_extract(value, '$.completed') = 0", "json_extract(value, '$.completed') = 0"};
constexpr Query kOneList = {
    "equality", "page of 50 of one list of 25, newest first, by an index on list and date",
    R"({"kind": "Reference", "path": ["listId"]}, {"value": "l7"},
       {"kind": "Call", "function": "eq", "arguments": [0, 1]})",
    "json_extract(value, '$.listId') = 'l7'", "+json_extract(value, '$.listId') = 'l7'"};
constexpr Query kFewTodos = {
    "unindexed", "the newest 50 of 1 in 150 rows, without an index",
    R"({"kind": "Reference", "path": ["completed"]}, {"value": false},
       {"kind": "Call", "function": "eq", "arguments": [0, 1]},
       {"kind": "Reference", "path": ["priority"]}, {"value": 3},
       {"kind": "Call", "function": "eq", "arguments": [3, 4]},
       {"kind": "Reference", "path": ["meta", "pts"]}, {"value": 7},
       {"kind": "Call", "function": "eq", "arguments": [6, 7]},
       {"kind": "Call", "function": "and", "arguments": [2, 5, 8]})",
    "",
    "json_extract(value, '$.completed') = 0 AND json_extract(value, '$.priority') = 3 AND "
    "json_extract(value, '$.meta.pts') = 7"};

Buffer request_of(const Query& query) {
  return table("LoadRequest", R"({"subset": {"where": {"nodes": [)" + std::string(query.nodes) +
                                  R"(]}, "order_by": [{"expression": {"nodes": [
                                  {"kind": "Reference", "path": ["createdAt"]}]},
                                  "direction": "Descending", "string_sort": "Lexical"}],
                                  "limit": )" +
                                  std::to_string(kPageRows) + "}}");
}

std::string sql_of(const Query& query, bool with_index) {
  return "SELECT key, value FROM rows WHERE " +
         std::string(with_index ? query.where : query.where_without_index) + " ORDER BY " +
         (with_index ? "" : "+") + "json_extract(value, '$.createdAt') DESC LIMIT " +
         std::to_string(kPageRows);
}

// --- files ---

void make_index(const Collection& collection, std::string_view request_json) {
  const Buffer request = table("IndexRequest", request_json);
  cairn_buffer* out = nullptr;
  cairn_error* error = nullptr;
  check(cairn_collection_ensure_index(collection.get(), data(request), size(request), &out, &error),
        &error);
  cairn_buffer_free(out);
}

// A file of the set with both indexes, built at the first call for a set of this size.
std::string indexed_file(const Settings& settings, const DataSet& set) {
  static std::map<size_t, std::string> built;
  std::string& path = built[set.size()];
  if (!path.empty()) return path;
  path = fresh_copy(prepared_file(settings, set), "indexed");
  const Database database = open_database(path, kQuietDatabase);
  const Collection collection = open_collection(database, kCollection);
  make_index(collection, kByDate);
  make_index(collection, kByListAndDate);
  maintain_fully(database);
  return path;
}

std::string indexed_json_file(const Settings& settings, const DataSet& set) {
  return json_file(settings, set, "indexed", {kJsonByDate, kJsonByListAndDate});
}

// A collection that is open for as long as it is read.
struct Opened {
  explicit Opened(const std::string& path)
      : database(open_database(path, kQuietDatabase)),
        collection(open_collection(database, kCollection)) {}

  Database database;
  Collection collection;
};

// --- pages ---

// How many rows the page has, as SQLite counts them; fewer than 50 in a quick run alone.
uint64_t rows_of(SqliteConnection& json, const Query& query) {
  return static_cast<uint64_t>(json.integer("SELECT count(*) FROM (" + sql_of(query, false) + ")"));
}

// Seconds of one page, over some of them.
double page_seconds(benchmark::State& state, const Opened& opened, const Buffer& request,
                    size_t block, uint64_t expected) {
  uint64_t rows = 0;
  const double time = seconds([&] {
    for (size_t i = 0; i < block; ++i) rows += scan(opened.collection, request);
  });
  if (rows != block * expected) state.SkipWithError("a page has not its rows");
  return time / static_cast<double>(block);
}

double step_seconds(sqlite3_stmt* select, size_t block) {
  return seconds([&] {
           for (size_t i = 0; i < block; ++i) step_all(select);
         }) /
         static_cast<double>(block);
}

void page_benchmark(benchmark::State& state, const Context& context, const Query& query,
                    size_t rows, const Subject& subject) {
  constexpr int kTurnsWithoutIndex = 3;  // they read everything
  const size_t block = context.settings.quick ? 2 : 20;
  const auto set = make_todo_set(rows);
  const Opened opened(indexed_file(context.settings, *set));
  const Buffer request = request_of(query);
  SqliteConnection json(indexed_json_file(context.settings, *set), Role::kReader);
  sqlite3_stmt* indexed = json.prepare(sql_of(query, true));
  sqlite3_stmt* plain = json.prepare(sql_of(query, false));
  const uint64_t expected = rows_of(json, query);
  Figure figure(subject);
  std::vector<double> json_indexed, json_plain;
  for (auto _ : state) {
    const double time = page_seconds(state, opened, request, block, expected);
    figure.add(time * 1e3);
    json_indexed.push_back(step_seconds(indexed, block) * 1e3);
    if (json_plain.size() < kTurnsWithoutIndex) json_plain.push_back(step_seconds(plain, 1) * 1e3);
    state.SetIterationTime(time);
  }
  figure.report(state);
  state.counters["json_indexed"] = median(json_indexed);
  state.counters["json_plain"] = median(json_plain);
}

// The largest set against the smallest, in turns.
void growth_benchmark(benchmark::State& state, const Context& context, const Query& query) {
  const Settings& settings = context.settings;
  const size_t block = settings.quick ? 2 : 20;
  const auto few = make_todo_set(settings.rows() / 10);
  const auto many = make_todo_set(settings.many_rows());
  const Opened of_few(indexed_file(settings, *few));
  const Opened of_many(indexed_file(settings, *many));
  SqliteConnection json(indexed_json_file(settings, *few), Role::kReader);
  const uint64_t expected_of_few = rows_of(json, query);
  const Buffer request = request_of(query);
  Comparison comparison({std::string(query.what) + ", out of 1,000,000 rows", "ms", "page",
                         "the same out of 10,000 rows", kGrowthLimit});
  for (auto _ : state) {
    const double time = page_seconds(state, of_many, request, block, kPageRows);
    comparison.add(time, page_seconds(state, of_few, request, block, expected_of_few), 1);
    state.SetIterationTime(time);
  }
  comparison.report(state);
}

// --- without an index ---

void unindexed_benchmark(benchmark::State& state, const Context& context) {
  const DataSet& set = context.todo();
  const std::string path = prepared_file(context.settings, set);
  const Opened opened(path);
  const Buffer request = request_of(kFewTodos);
  BareConnection bare(path, Role::kReader);
  sqlite3_stmt* select = bare.prepare("SELECT key, value FROM " + bare.rows_table());
  SqliteConnection json(indexed_json_file(context.settings, set), Role::kReader);
  sqlite3_stmt* plain = json.prepare(sql_of(kFewTodos, false));
  const uint64_t expected = rows_of(json, kFewTodos);
  Comparison comparison({std::string(kFewTodos.what) + ", out of 100,000", "ms", "query",
                         "sqlite3_step over the same table", kScanLimit});
  std::vector<double> json_plain;
  for (auto _ : state) {
    uint64_t rows = 0;
    const double time = seconds([&] { rows = scan(opened.collection, request); });
    if (rows != expected) state.SkipWithError("the page has not its rows");
    comparison.add(time, step_seconds(select, 1), 1);
    json_plain.push_back(step_seconds(plain, 1) * 1e3);
    state.SetIterationTime(time);
  }
  comparison.report(state);
  state.counters["json_plain"] = median(json_plain);
}

// --- inserts ---

double insert_seconds(const std::string& from, std::span<const Buffer> batches) {
  const std::string path = fresh_copy(from, "insert");
  double time = 0;
  {
    const Opened opened(path);
    write_something(opened.collection);
    time = seconds([&] { apply_batches(opened.collection, batches); });
  }
  remove_database(path);
  return time;
}

double json_insert_seconds(const std::string& from, std::span<const JsonRow> rows) {
  const std::string path = fresh_copy(from, "insert");
  double time = 0;
  {
    SqliteConnection connection(path, Role::kWriter);
    connection.execute("UPDATE rows SET value = value WHERE rowid = 1");
    time = seconds([&] { insert_json_rows(connection, rows); });
  }
  remove_database(path);
  return time;
}

// A file of the set with the index on the date alone.
std::string dated_file(const Settings& settings, const DataSet& set) {
  const std::string path = fresh_copy(prepared_file(settings, set), "dated");
  const Opened opened(path);
  make_index(opened.collection, kByDate);
  maintain_fully(opened.database);
  return path;
}

void insert_benchmark(benchmark::State& state, const Context& context) {
  const Settings& settings = context.settings;
  const DataSet& set = context.todo();
  const auto count = static_cast<double>(settings.mutations());
  const std::vector<size_t> numbers = row_range(set.size(), settings.mutations());
  const std::vector<Buffer> batches = insert_batches(set, numbers);
  const std::vector<JsonRow> rows = json_rows(set, numbers);
  const std::string without = prepared_file(settings, set);
  const std::string with = dated_file(settings, set);
  const std::string json_without = json_file(settings, set, "plain", {});
  const std::string json_with = json_file(settings, set, "dated", {kJsonByDate});
  Comparison comparison({"apply 10,000 inserts to 100,000 rows with an index on the date", "us",
                         "mutation", "the same without an index", kInsertLimit});
  std::vector<double> json_indexed, json_plain;
  for (auto _ : state) {
    const double time = insert_seconds(with, batches);
    comparison.add(time, insert_seconds(without, batches), count);
    json_indexed.push_back(json_insert_seconds(json_with, rows) / count * 1e6);
    json_plain.push_back(json_insert_seconds(json_without, rows) / count * 1e6);
    state.SetIterationTime(time);
  }
  comparison.report(state);
  state.counters["json_indexed"] = median(json_indexed);
  state.counters["json_plain"] = median(json_plain);
  remove_database(with);
}

// --- registration ---

template <class Run>
void register_one(const Context& context, const std::string& name, int repetitions, Run run) {
  benchmark::RegisterBenchmark(name.c_str(), run)
      ->UseManualTime()
      ->Iterations(context.settings.repetitions(repetitions))
      ->Unit(benchmark::kMicrosecond);
}

void register_pages(const Context& context, const Query& query) {
  const Settings& settings = context.settings;
  const std::string name = std::string("query/page/") + query.name + "/";
  for (const auto& [words, rows] : {std::pair{"10,000", settings.rows() / 10},
                                    {"100,000", settings.rows()},
                                    {"1,000,000", settings.many_rows()}}) {
    const Subject subject{std::string(query.what) + ", out of " + words + " rows", "ms", "page", "",
                          kPageLimitMs};
    register_one(context, name + words, 21,
                 [&context, &query, rows = rows, subject](benchmark::State& state) {
                   page_benchmark(state, context, query, rows, subject);
                 });
  }
  register_one(context, name + "growth", 21, [&context, &query](benchmark::State& state) {
    growth_benchmark(state, context, query);
  });
}

}  // namespace

void register_query(const Context& context) {
  register_pages(context, kOpenTodos);
  register_pages(context, kOneList);
  register_one(context, "query/unindexed", 15,
               [&context](benchmark::State& state) { unindexed_benchmark(state, context); });
  register_one(context, "query/insert", 9,
               [&context](benchmark::State& state) { insert_benchmark(state, context); });
}

}  // namespace cairn::bench
