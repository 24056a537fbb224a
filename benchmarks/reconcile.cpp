// Reconciling 100,000 rows with a snapshot that equals them, against reading the same rows into row
// batches: it must write nothing, and cost little more than the reading that it needs. The snapshot
// comes in the order of the stored rows, and once shuffled.
#include "benchmarks/suites.h"
#include "benchmarks/support/comparison.h"
#include "cairn/schemas/requests_generated.h"

namespace cairn::bench {
namespace {

constexpr double kLimit = 1.5;

bool wrote_nothing(const Buffer& result, size_t rows) {
  const auto* commit_result = flatbuffers::GetRoot<fb::CommitResult>(data(result));
  return commit_result->outcome() == fb::Outcome::Unchanged && commit_result->unchanged() == rows &&
         commit_result->inserted() == 0 && commit_result->updated() == 0 &&
         commit_result->deleted() == 0;
}

void reconcile_benchmark(benchmark::State& state, const Context& context, const DataSet& set,
                         bool shuffled) {
  const std::string path = fresh_copy(prepared_file(context.settings, set), "reconcile");
  const size_t rows = set.size();
  const std::vector<Buffer> snapshot =
      insert_batches(set, shuffled ? random_rows(rows, rows) : row_range(0, rows));
  const Database database = open_database(path, kQuietDatabase);
  const Collection collection = open_collection(database, kCollection);
  const std::string order = shuffled ? ", shuffled" : ", same order";
  Comparison comparison({"reconcile an unchanged snapshot, " + set.name() + order, "ns", "row",
                         "read all rows into row batches", shuffled ? 0 : kLimit});
  const uint64_t journal = file_bytes(path + "-wal");
  for (auto _ : state) {
    Buffer result;
    const double cairn =
        seconds([&] { result = apply_batches(collection, snapshot, R"({"mode": "Reconcile"})"); });
    const double reading = seconds([&] { scan(collection, "{}"); });
    if (!wrote_nothing(result, rows)) state.SkipWithError("the reconcile found differences");
    comparison.add(cairn, reading, static_cast<double>(rows));
    state.SetIterationTime(cairn);
  }
  if (file_bytes(path + "-wal") != journal) state.SkipWithError("the journal grew");
  comparison.report(state);
  remove_database(path);
}

}  // namespace

void register_reconcile(const Context& context) {
  for (const auto& set : context.sets) {
    for (const bool shuffled : {false, true}) {
      const std::string name =
          "reconcile/" + set->name() + (shuffled ? "/shuffled" : "/same_order");
      benchmark::RegisterBenchmark(name.c_str(),
                                   [&context, &set, shuffled](benchmark::State& state) {
                                     reconcile_benchmark(state, context, *set, shuffled);
                                   })
          ->UseManualTime()
          ->Iterations(context.settings.repetitions(11))
          ->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace cairn::bench
