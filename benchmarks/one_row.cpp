// One row at a time through the C API: a put in a transaction of its own against BEGIN IMMEDIATE,
// one prepared upsert of the same bytes and COMMIT; a get against a prepared select. Both sides run
// blocks of operations in turns, on copies of one file of 100,000 rows.
#include "benchmarks/suites.h"
#include "benchmarks/support/bare.h"
#include "benchmarks/support/comparison.h"

namespace cairn::bench {
namespace {

constexpr double kPutLimit = 1.5;
constexpr double kGetLimit = 2.0;

struct Put {
  Buffer key;
  Buffer value;
};

enum class Kind { kReplace, kInsert };

struct PutCase {
  const char* name;
  const char* what;
  Kind kind;
  const char* durability;   // of the collection
  const char* synchronous;  // of the bare connection
  size_t block;             // operations between two turns
};

std::string quoted(const std::string& text) { return '"' + text + '"'; }

// Numbers of the rows that are put: existing ones in random order, or ones that follow them.
std::vector<size_t> put_rows(const Context& context, Kind kind, size_t count) {
  const size_t rows = context.todo().size();
  return kind == Kind::kInsert ? row_range(rows, count) : random_rows(count, rows);
}

// A row's new value is that of another number under its own id, so that every put changes it.
Put make_put(const DataSet& set, size_t row) {
  std::string json;
  set.append_typed(row + 3 * set.size(), json);
  const std::string other = todo_id(row + 3 * set.size());
  json.replace(json.find(other), other.size(), todo_id(row));
  return {value(quoted(todo_id(row))), value(json)};
}

// What the engine stores for these puts.
std::vector<StoredRow> learn(const std::string& path, std::span<const size_t> rows,
                             std::span<const Put> puts) {
  const std::string copy = fresh_copy(path, "learn");
  {
    const Database database = open_database(copy, kQuietDatabase);
    const Collection collection = open_collection(database, kCollection);
    for (const Put& row : puts) put(collection, row.key, row.value);
  }
  std::vector<std::string> keys;
  for (const size_t row : rows) keys.push_back(encoded_text_key(todo_id(row)));
  std::vector<StoredRow> stored = stored_rows(copy, keys);
  remove_database(copy);
  return stored;
}

// The bare side of a put: three statements, all prepared.
class BarePut {
 public:
  BarePut(const std::string& path, const char* synchronous)
      : connection_(path, Role::kWriter, synchronous),
        begin_(connection_.prepare("BEGIN IMMEDIATE")),
        upsert_(connection_.prepare(upsert_sql(connection_.rows_table()))),
        commit_(connection_.prepare("COMMIT")) {}

  void run(const StoredRow& row) {
    run(begin_);
    upsert(upsert_, row);
    run(commit_);
  }
  void checkpoint() { connection_.checkpoint(); }
  void write_something() { connection_.write_something(); }

 private:
  static void run(sqlite3_stmt* statement) {
    check_sqlite(sqlite3_step(statement), "step");
    check_sqlite(sqlite3_reset(statement), "reset");
  }

  BareConnection connection_;
  sqlite3_stmt* begin_;
  sqlite3_stmt* upsert_;
  sqlite3_stmt* commit_;
};

void put_benchmark(benchmark::State& state, const Context& context, const PutCase& test) {
  const std::string path = prepared_file(context.settings, context.todo());
  const size_t turns = static_cast<size_t>(state.max_iterations);
  const size_t block = context.settings.quick ? 5 : test.block;
  const std::vector<size_t> rows = put_rows(context, test.kind, turns * block);
  std::vector<Put> puts;
  for (const size_t row : rows) puts.push_back(make_put(context.todo(), row));
  const std::vector<StoredRow> stored = learn(path, rows, puts);

  const std::string cairn_path = fresh_copy(path, "cairn");
  const std::string bare_path = fresh_copy(path, "bare");
  {
    const Database database = open_database(cairn_path, kQuietDatabase);
    const Collection collection = open_collection(
        database, kCollection, R"({"durability": ")" + std::string(test.durability) + "\"}");
    BarePut bare(bare_path, test.synchronous);
    Comparison comparison({test.what, "us", "row",
                           std::string("BEGIN, upsert, COMMIT; synchronous ") + test.synchronous,
                           kPutLimit});
    size_t at = 0;
    for (auto _ : state) {
      const size_t end = at + block;
      write_something(collection);
      bare.write_something();
      const double cairn = seconds([&] {
        for (size_t i = at; i < end; ++i) put(collection, puts[i].key, puts[i].value);
      });
      const double floor = seconds([&] {
        for (size_t i = at; i < end; ++i) bare.run(stored[i]);
      });
      at = end;
      comparison.add(cairn, floor, static_cast<double>(block));
      state.SetIterationTime(cairn);
      maintain_fully(database);
      bare.checkpoint();
    }
    comparison.report(state);
  }
  remove_database(cairn_path);
  remove_database(bare_path);
}

size_t get_block(const Collection& collection, std::span<const Buffer> keys) {
  size_t bytes = 0;
  for (const Buffer& key : keys) {
    cairn_buffer* out = nullptr;
    cairn_error* error = nullptr;
    check(cairn_collection_get(collection.get(), data(key), size(key), &out, &error), &error);
    const Buffer row(out);
    bytes += size(row);
  }
  return bytes;
}

size_t select_block(sqlite3_stmt* select, std::span<const std::string> keys) {
  size_t bytes = 0;
  for (const std::string& key : keys) {
    check_sqlite(sqlite3_bind_blob64(select, 1, key.data(), key.size(), SQLITE_STATIC), "bind");
    check_sqlite(sqlite3_step(select), "step");
    benchmark::DoNotOptimize(sqlite3_column_blob(select, 0));
    bytes += static_cast<size_t>(sqlite3_column_bytes(select, 0));
    check_sqlite(sqlite3_reset(select), "reset");
  }
  return bytes;
}

void get_benchmark(benchmark::State& state, const Context& context) {
  const std::string path = prepared_file(context.settings, context.todo());
  const size_t block = context.settings.quick ? 100 : 5000;
  const Database database = open_database(path, kQuietDatabase);
  const Collection collection = open_collection(database, kCollection);
  BareConnection bare(path, Role::kReader);
  sqlite3_stmt* select = bare.prepare("SELECT value FROM " + bare.rows_table() + " WHERE key = ?1");
  std::vector<Buffer> keys;
  std::vector<std::string> stored_keys;
  for (const size_t row : random_rows(block, context.todo().size())) {
    keys.push_back(value(quoted(todo_id(row))));
    stored_keys.push_back(encoded_text_key(todo_id(row)));
  }
  Comparison comparison(
      {"get one row by key, of 100,000", "us", "row", "prepared select by key", kGetLimit});
  for (auto _ : state) {
    size_t found = 0;
    size_t floor_found = 0;
    const double cairn = seconds([&] { found = get_block(collection, keys); });
    const double floor = seconds([&] { floor_found = select_block(select, stored_keys); });
    if (found == 0 || floor_found == 0) state.SkipWithError("no rows were found");
    comparison.add(cairn, floor, static_cast<double>(block));
    state.SetIterationTime(cairn);
  }
  comparison.report(state);
}

}  // namespace

void register_one_row(const Context& context) {
  static constexpr PutCase kCases[] = {
      {"one_row/replace/os", "put over an existing row, handed to the system", Kind::kReplace, "Os",
       "NORMAL", 500},
      {"one_row/insert/os", "put of a new row, handed to the system", Kind::kInsert, "Os", "NORMAL",
       500},
      {"one_row/replace/disk", "put over an existing row, synced to the disk", Kind::kReplace,
       "Disk", "FULL", 50},
  };
  for (const PutCase& test : kCases) {
    benchmark::RegisterBenchmark(
        test.name,
        [&context, &test](benchmark::State& state) { put_benchmark(state, context, test); })
        ->UseManualTime()
        ->Iterations(context.settings.repetitions(21))
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark(
      "one_row/get", [&context](benchmark::State& state) { get_benchmark(state, context); })
      ->UseManualTime()
      ->Iterations(context.settings.repetitions(21))
      ->Unit(benchmark::kMillisecond);
}

}  // namespace cairn::bench
