// cairn_benchmarks: the suites, after two flags of its own and those of Google Benchmark.
//
//   --quick          tiny sizes: a smoke test, whose figures mean nothing
//   --data=DIR       where scratch databases go (they are up to 1.5 gigabytes)
//   --cities=FILE    NDJSON of the city set; without it those benchmarks are left out
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <cstdio>
#include <filesystem>
#include <string_view>

#include "benchmarks/suites.h"

namespace {

bool take_flag(std::string_view argument, cairn::bench::Settings& settings) {
  const auto value_of = [&](std::string_view flag, std::string& out) {
    if (!argument.starts_with(flag)) return false;
    out = argument.substr(flag.size());
    return true;
  };
  if (argument == "--quick") return settings.quick = true;
  return value_of("--data=", settings.directory) || value_of("--cities=", settings.cities);
}

void load_sets(cairn::bench::Context& context) {
  const auto& settings = context.settings;
  context.sets.push_back(cairn::bench::make_todo_set(settings.rows()));
  const size_t limit = settings.quick ? settings.rows() : static_cast<size_t>(-1);
  if (auto cities = cairn::bench::load_city_set(settings.cities, limit)) {
    context.sets.push_back(std::move(cities));
  } else {
    std::fprintf(stderr, "skipped: benchmarks of the city set (no file given by --cities)\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--peer") return cairn::bench::run_peer(argc, argv);
  static cairn::bench::Context context;
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    if (!take_flag(argv[i], context.settings)) argv[kept++] = argv[i];
  }
  std::filesystem::create_directories(context.settings.directory);
  load_sets(context);
  cairn::bench::register_scan(context);
  cairn::bench::register_size(context);
  cairn::bench::register_apply(context);
  cairn::bench::register_one_row(context);
  cairn::bench::register_reconcile(context);
  cairn::bench::register_delta(context);
  cairn::bench::register_query(context);
  cairn::bench::register_coordination(context);
  benchmark::AddCustomContext("sqlite", sqlite3_libversion());
  benchmark::AddCustomContext("cairn", cairn_version());
  benchmark::Initialize(&kept, argv);
  if (benchmark::ReportUnrecognizedArguments(kept, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
