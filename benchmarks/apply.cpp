// Applying 10,000 mutations to 100,000 rows in one transaction, from ready row batches, against a
// bare prepared upsert of the very bytes that the engine stored, into the same table of a copy of
// the same file. Each repetition starts from fresh copies; checkpoints are timed apart.
#include "benchmarks/suites.h"
#include "benchmarks/support/bare.h"
#include "benchmarks/support/comparison.h"
#include "cairn/schemas/requests_generated.h"

namespace cairn::bench {
namespace {

// The mutations of a benchmark: their batches, and the rows that they leave behind.
struct Work {
  std::vector<Bytes> batches;
  std::vector<StoredRow> rows;
  size_t count = 0;
};

struct Times {
  double apply = 0;
  double checkpoint = 0;
  uint64_t journal = 0;  // bytes
};

enum class Kind { kInsert, kUpdateFields, kUpdateWhole };

std::vector<size_t> chosen_rows(const Context& context, Kind kind) {
  const size_t count = context.settings.mutations();
  if (kind == Kind::kInsert) return row_range(context.todo().size(), count);
  std::vector<size_t> rows = random_rows(count + 1, context.todo().size());
  std::erase(rows, size_t{0});  // write_something changes that one
  rows.resize(count);
  return rows;
}

// Whole rows for an update are those of other numbers, under the key of the row that they replace.
std::string whole_row(const DataSet& set, size_t row) {
  std::string json;
  set.append_typed(row + 2 * set.size(), json);
  const std::string other = todo_id(row + 2 * set.size());
  return json.replace(json.find(other), other.size(), todo_id(row));
}

std::vector<Bytes> make_batches(const Context& context, Kind kind, std::span<const size_t> rows) {
  constexpr size_t kBatchRows = 4096;
  std::vector<Bytes> batches;
  for (size_t at = 0; at < rows.size(); at += kBatchRows) {
    std::string json;
    for (const size_t row : rows.subspan(at, std::min(kBatchRows, rows.size() - at))) {
      if (kind == Kind::kInsert) context.todo().append_typed(row, json);
      if (kind == Kind::kUpdateFields) append_todo_change(row, json);
      if (kind == Kind::kUpdateWhole) json += whole_row(context.todo(), row);
      json += '\n';
    }
    const fb::Op op = kind == Kind::kInsert ? fb::Op::Insert : fb::Op::Update;
    for (const Buffer& inserts : column_batches(json, context.todo().key_field())) {
      batches.push_back(with_op(inserts, op));
    }
  }
  return batches;
}

Times run_cairn(const std::string& path, const Work& work) {
  Times times;
  Buffer result;
  const Database database = open_database(path, kQuietDatabase);
  const Collection collection = open_collection(database, kCollection);
  write_something(collection);
  times.apply = seconds([&] {
    const Transaction transaction = begin(collection, "{}");
    for (const Bytes& batch : work.batches) add(transaction, batch.data(), batch.size());
    result = commit(transaction);
  });
  const auto* done = flatbuffers::GetRoot<fb::CommitResult>(data(result));
  if (done->inserted() + done->updated() != work.count) {
    throw std::runtime_error("the transaction did not change each of its rows");
  }
  times.journal = file_bytes(path + "-wal");
  times.checkpoint = seconds([&] { maintain_fully(database); });
  return times;
}

Times run_bare(const std::string& path, const Work& work) {
  Times times;
  BareConnection connection(path, Role::kWriter);
  sqlite3_stmt* statement = connection.prepare(upsert_sql(connection.rows_table()));
  connection.write_something();
  times.apply = seconds([&] {
    connection.execute("BEGIN IMMEDIATE");
    for (const StoredRow& row : work.rows) upsert(statement, row);
    connection.execute("COMMIT");
  });
  times.journal = file_bytes(path + "-wal");
  times.checkpoint = seconds([&] { connection.checkpoint(); });
  return times;
}

// Makes the batches, and learns from a first run what the engine stores for them.
Work prepare(const Context& context, const std::string& path, Kind kind) {
  Work work;
  const std::vector<size_t> rows = chosen_rows(context, kind);
  work.count = rows.size();
  work.batches = make_batches(context, kind, rows);
  const std::string copy = fresh_copy(path, "first");
  run_cairn(copy, work);
  std::vector<std::string> keys;
  for (const size_t row : rows) keys.push_back(encoded_text_key(todo_id(row)));
  work.rows = stored_rows(copy, keys);
  remove_database(copy);
  return work;
}

void apply_benchmark(benchmark::State& state, const Context& context, Kind kind,
                     const Subject& subject) {
  const std::string path = prepared_file(context.settings, context.todo());
  const Work work = prepare(context, path, kind);
  Comparison comparison(subject);
  std::vector<double> cairn_checkpoint, bare_checkpoint;
  for (auto _ : state) {
    const std::string cairn_path = fresh_copy(path, "cairn");
    const std::string bare_path = fresh_copy(path, "bare");
    const Times cairn = run_cairn(cairn_path, work);
    const Times bare = run_bare(bare_path, work);
    comparison.add(cairn.apply, bare.apply, static_cast<double>(work.count));
    cairn_checkpoint.push_back(cairn.checkpoint * 1e3);
    bare_checkpoint.push_back(bare.checkpoint * 1e3);
    state.counters["journal_cairn"] = static_cast<double>(cairn.journal);
    state.counters["journal_bare"] = static_cast<double>(bare.journal);
    state.SetIterationTime(cairn.apply);
    remove_database(cairn_path);
    remove_database(bare_path);
  }
  comparison.report(state);
  state.counters["checkpoint_cairn"] = median(cairn_checkpoint);
  state.counters["checkpoint_bare"] = median(bare_checkpoint);
}

void register_kind(const Context& context, Kind kind, const char* name, const char* what,
                   double limit) {
  const Subject subject{what, "us", "mutation", "prepared upsert of ready blobs", limit};
  benchmark::RegisterBenchmark(name,
                               [&context, kind, subject](benchmark::State& state) {
                                 apply_benchmark(state, context, kind, subject);
                               })
      ->UseManualTime()
      ->Iterations(context.settings.repetitions(9))
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

void register_apply(const Context& context) {
  register_kind(context, Kind::kInsert, "apply/insert", "apply 10,000 inserts to 100,000 rows",
                1.6);
  register_kind(context, Kind::kUpdateFields, "apply/update_fields",
                "apply 10,000 updates of two fields to 100,000 rows", 1.8);
  register_kind(context, Kind::kUpdateWhole, "apply/update_whole",
                "apply 10,000 updates of whole rows to 100,000 rows", 1.8);
}

}  // namespace cairn::bench
