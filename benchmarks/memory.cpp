// cairn_bench_memory: reads a prepared database to its end in a process of its own and prints, as
// JSON, the peak of resident memory before and after. benchmarks/run compares a small collection
// with a large one: the difference is what depends on the number of rows.
//
//   cairn_bench_memory make DATABASE ROWS     make a database of todo rows
//   cairn_bench_memory scan DATABASE          read it
#include <cstdio>
#include <fstream>
#include <string>

#include "benchmarks/data/data_set.h"
#include "benchmarks/support/handles.h"
#include "benchmarks/support/prepared.h"

namespace cairn::bench {
namespace {

// Kilobytes of VmHWM, the highest resident set so far.
long peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  }
  throw std::runtime_error("the system does not tell a process its peak memory");
}

void make(const std::string& path, size_t rows) {
  Settings settings;
  settings.directory = path.substr(0, path.find_last_of('/'));
  const std::string made = prepared_file(settings, *make_todo_set(rows));
  remove_database(path);
  std::rename(made.c_str(), path.c_str());
}

void print_scan(const std::string& path) {
  const Database database = open_database(path, kQuietDatabase);
  const Collection collection = open_collection(database, kCollection);
  const long before = peak_memory();
  const Cursor cursor = load(collection, R"({"encoding": "Utf16"})");
  unsigned long rows = 0;
  unsigned long largest = 0;
  while (const Buffer batch = next_batch(cursor)) {
    rows += flatbuffers::GetRoot<fb::RowBatch>(data(batch))->count();
    largest = std::max<unsigned long>(largest, size(batch));
  }
  std::printf("{\"rows\": %lu, \"before_kb\": %ld, \"after_kb\": %ld, \"largest_batch\": %lu}\n",
              rows, before, peak_memory(), largest);
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  try {
    if (command == "make" && argc == 4) {
      cairn::bench::make(argv[2], std::stoul(argv[3]));
    } else if (command == "scan" && argc == 3) {
      cairn::bench::print_scan(argv[2]);
    } else {
      std::fprintf(stderr, "usage: cairn_bench_memory make DATABASE ROWS | scan DATABASE\n");
      return 2;
    }
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "cairn_bench_memory: %s\n", failure.what());
    return 1;
  }
  return 0;
}
