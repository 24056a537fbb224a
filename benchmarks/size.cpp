// Bytes: a row's stored value against the same row as compact JSON with dates as ISO text, and the
// file as a whole, per row.
#include "benchmarks/suites.h"
#include "benchmarks/support/bare.h"
#include "benchmarks/support/comparison.h"

namespace cairn::bench {
namespace {

constexpr double kLimit = 0.75;

void size_benchmark(benchmark::State& state, const Context& context, const DataSet& set) {
  const std::string path = prepared_file(context.settings, set);
  const double rows = static_cast<double>(set.size());
  Comparison comparison(
      {"size of a stored value, " + set.name(), "bytes", "row", "compact JSON", kLimit});
  for (auto _ : state) {
    BareConnection bare(path, Role::kReader);
    const std::string total = "SELECT sum(length(value)) FROM " + bare.rows_table();
    const auto bytes = static_cast<double>(bare.integer(total));
    comparison.add(bytes, compact_bytes_per_row(set) * rows, rows);
    state.SetIterationTime(1);
  }
  comparison.report(state);
  state.counters["file_bytes"] = static_cast<double>(file_bytes(path));
  state.counters["file_bytes_per_row"] = static_cast<double>(file_bytes(path)) / rows;
}

}  // namespace

void register_size(const Context& context) {
  for (const auto& set : context.sets) {
    benchmark::RegisterBenchmark(
        ("size/" + set->name()).c_str(),
        [&context, &set](benchmark::State& state) { size_benchmark(state, context, *set); })
        ->UseManualTime()
        ->Iterations(1);
  }
}

}  // namespace cairn::bench
