// The benchmark suites, one source file each. A suite registers its benchmarks with Google
// Benchmark; nothing is built or opened before a benchmark runs.
#pragma once

#include <memory>
#include <vector>

#include "benchmarks/support/prepared.h"

namespace cairn::bench {

// Lives as long as the program; suites keep references into it.
struct Context {
  Settings settings;
  std::vector<std::unique_ptr<DataSet>> sets;  // todo, and city where its file is there

  const DataSet& todo() const { return *sets.front(); }
};

void register_scan(const Context& context);
void register_apply(const Context& context);
void register_size(const Context& context);
void register_delta(const Context& context);
void register_reconcile(const Context& context);
void register_one_row(const Context& context);
void register_query(const Context& context);
void register_coordination(const Context& context);

// What another process of the coordination benchmarks does; gives its exit code.
int run_peer(int count, char** arguments);

}  // namespace cairn::bench
