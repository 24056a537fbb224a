// The delta of 100 changed keys out of 10,000, 100,000 and 1,000,000 rows: its cost must not depend
// on how many rows there are. Once warm, and once as the first thing after opening the file.
#include "benchmarks/suites.h"
#include "benchmarks/support/comparison.h"
#include "cairn/schemas/requests_generated.h"

namespace cairn::bench {
namespace {

constexpr size_t kChanged = 100;
constexpr double kLimitMs = 2.0;

uint64_t read_delta(const Collection& collection, const Buffer& request) {
  cairn_cursor* out = nullptr;
  cairn_error* error = nullptr;
  check(cairn_collection_delta(collection.get(), data(request), size(request), &out, &error),
        &error);
  const Cursor cursor(out);
  cairn_buffer* head = nullptr;
  check(cairn_cursor_head(cursor.get(), &head, &error), &error);
  const Buffer head_buffer(head);
  if (flatbuffers::GetRoot<fb::CursorHead>(data(head_buffer))->reload()) {
    throw std::runtime_error("the delta asks for a reload");
  }
  uint64_t rows = 0;
  while (const Buffer batch = next_batch(cursor)) {
    rows += flatbuffers::GetRoot<fb::RowBatch>(data(batch))->count();
  }
  return rows;
}

Buffer request_since(const fb::Position& position) {
  return table("DeltaRequest", R"({"since": )" + std::to_string(position.row_version()) +
                                   R"(, "reset_epoch": )" + std::to_string(position.reset_epoch()) +
                                   "}");
}

// Changes 100 random rows and gives the request for what changed.
Buffer change_rows(const std::string& path, size_t rows) {
  const Database database = open_database(path, kQuietDatabase);
  const Collection collection = open_collection(database, kCollection);
  cairn_buffer* info = nullptr;
  cairn_error* error = nullptr;
  check(cairn_collection_info(collection.get(), &info, &error), &error);
  const Buffer info_buffer(info);
  const auto* position = flatbuffers::GetRoot<fb::CollectionInfo>(data(info_buffer))->position();
  std::string json;
  for (const size_t row : random_rows(kChanged, rows)) {
    append_todo_change(row, json);
    json += '\n';
  }
  const Bytes updates = with_op(batch_from_json(json, "id"), fb::Op::Update);
  const Transaction transaction = begin(collection, "{}");
  add(transaction, updates.data(), updates.size());
  commit(transaction);
  maintain_fully(database);
  return request_since(*position);
}

void delta_benchmark(benchmark::State& state, const Context& context, size_t rows, bool fresh,
                     const Subject& subject) {
  const auto set = make_todo_set(rows);
  const std::string path = fresh_copy(prepared_file(context.settings, *set), "delta");
  const Buffer request = change_rows(path, rows);
  Figure figure(subject);
  Database database = open_database(path, kQuietDatabase);
  Collection collection = open_collection(database, kCollection);
  for (auto _ : state) {
    if (fresh) {
      collection.reset();
      database = open_database(path, kQuietDatabase);
      collection = open_collection(database, kCollection);
    }
    uint64_t changed = 0;
    const double time = seconds([&] { changed = read_delta(collection, request); });
    if (changed != kChanged) state.SkipWithError("the delta has not 100 rows");
    figure.add(time * 1e3);
    state.SetIterationTime(time);
  }
  figure.report(state);
  collection.reset();
  database.reset();
  remove_database(path);
}

void register_size(const Context& context, size_t rows, const std::string& words) {
  for (const bool fresh : {false, true}) {
    const std::string name = std::string("delta/") + (fresh ? "opened/" : "warm/") + words;
    const std::string state_words = fresh ? ", first read after opening" : "";
    const Subject subject{"delta of 100 changed keys out of " + words + " rows" + state_words, "ms",
                          "delta", "", kLimitMs};
    benchmark::RegisterBenchmark(name.c_str(),
                                 [&context, rows, fresh, subject](benchmark::State& state) {
                                   delta_benchmark(state, context, rows, fresh, subject);
                                 })
        ->UseManualTime()
        ->Iterations(context.settings.repetitions(fresh ? 15 : 101))
        ->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace

void register_delta(const Context& context) {
  register_size(context, context.settings.rows() / 10, "10,000");
  register_size(context, context.settings.rows(), "100,000");
  register_size(context, context.settings.many_rows(), "1,000,000");
}

}  // namespace cairn::bench
