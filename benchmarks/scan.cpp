// Reading all rows of a collection into row batches, against stepping over the same table with
// SQLite alone and touching each key and value.
#include "benchmarks/suites.h"
#include "benchmarks/support/bare.h"
#include "benchmarks/support/comparison.h"

namespace cairn::bench {
namespace {

constexpr double kLimit = 2.0;

void scan_benchmark(benchmark::State& state, const Context& context, const DataSet& set,
                    const std::string& encoding) {
  const std::string path = prepared_file(context.settings, set);
  const Database database = open_database(path, kQuietDatabase);
  const Collection collection = open_collection(database, kCollection);
  BareConnection bare(path, Role::kReader);
  sqlite3_stmt* select = bare.prepare("SELECT key, value FROM " + bare.rows_table());
  const std::string request = R"({"encoding": ")" + encoding + "\"}";
  Comparison comparison({"read all rows into row batches, " + set.name() + ", " + encoding, "ns",
                         "row", "sqlite3_step over the same table", kLimit});
  for (auto _ : state) {
    uint64_t rows = 0;
    const double cairn = seconds([&] { rows = scan(collection, request); });
    const double floor = seconds([&] { step_all(select); });
    if (rows != set.size()) state.SkipWithError("rows are missing");
    comparison.add(cairn, floor, static_cast<double>(set.size()));
    state.SetIterationTime(cairn);
  }
  comparison.report(state);
}

}  // namespace

void register_scan(const Context& context) {
  for (const auto& set : context.sets) {
    for (const std::string encoding : {"Utf8", "Utf16"}) {
      benchmark::RegisterBenchmark(("scan/" + set->name() + "/" + encoding).c_str(),
                                   [&context, &set, encoding](benchmark::State& state) {
                                     scan_benchmark(state, context, *set, encoding);
                                   })
          ->UseManualTime()
          ->Iterations(context.settings.repetitions(15))
          ->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace cairn::bench
