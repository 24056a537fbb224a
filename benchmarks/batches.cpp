// cairn_bench_batches: row batches between files and databases, through the C API, for benchmarks
// and tests in Node. A file of batches is, one after another: the size (4 bytes,
// little-endian), 12 zero bytes, the batch, zero bytes up to a multiple of 16.
//
//   cairn_bench_batches make todo ROWS ENCODING BATCHES JSON
//   cairn_bench_batches make city NDJSON ENCODING BATCHES JSON
//       reads a data set from a database of its own, as batches, and writes its compact JSON
//   cairn_bench_batches apply DATABASE BATCHES ENCODING OUT
//       applies each batch in a transaction of its own to a new database, opens it again and reads
//       all rows with versions and metadata
#include <array>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>

#include "benchmarks/data/data_set.h"
#include "benchmarks/support/handles.h"
#include "benchmarks/support/prepared.h"

namespace cairn::bench {
namespace {

constexpr size_t kAlign = 16;

void write_batch(std::ofstream& file, const uint8_t* batch, size_t bytes) {
  std::array<char, kAlign> head{};
  for (size_t i = 0; i < 4; ++i) head[i] = static_cast<char>(bytes >> (8 * i));
  file.write(head.data(), kAlign);
  file.write(reinterpret_cast<const char*>(batch), static_cast<std::streamsize>(bytes));
  const std::array<char, kAlign> padding{};
  file.write(padding.data(), static_cast<std::streamsize>((kAlign - bytes % kAlign) % kAlign));
}

// The next batch of a file; empty at its end.
Bytes read_batch(std::ifstream& file) {
  std::array<unsigned char, kAlign> head{};
  if (!file.read(reinterpret_cast<char*>(head.data()), kAlign)) return {};
  size_t bytes = 0;
  for (size_t i = 0; i < 4; ++i) bytes |= static_cast<size_t>(head[i]) << (8 * i);
  Bytes batch(bytes);
  file.read(reinterpret_cast<char*>(batch.data()), static_cast<std::streamsize>(bytes));
  if (!file) throw std::runtime_error("a file of batches ends in the middle of a batch");
  file.ignore(static_cast<std::streamsize>((kAlign - bytes % kAlign) % kAlign));
  return batch;
}

void read_all(const Collection& collection, const std::string& request, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  const Cursor cursor = load(collection, request);
  while (const Buffer batch = next_batch(cursor)) write_batch(file, data(batch), size(batch));
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

void write_json(const DataSet& set, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  std::string text = "[";
  for (size_t row = 0; row < set.size(); ++row) {
    if (row > 0) text += ',';
    set.append_compact(row, text);
  }
  text += ']';
  if (!file.write(text.data(), static_cast<std::streamsize>(text.size())).flush()) {
    throw std::runtime_error("cannot write " + path);
  }
}

void make(const std::string& name, const std::string& source, const std::string& encoding,
          const std::string& batches_path, const std::string& json_path) {
  const auto set = name == "todo" ? make_todo_set(std::stoul(source))
                                  : load_city_set(source, std::numeric_limits<size_t>::max());
  if (set == nullptr) throw std::runtime_error("no rows in " + source);
  const Database database = open_database("", R"({"in_memory": true})");
  const Collection collection = open_collection(database, kCollection);
  apply_batches(collection, insert_batches(*set, row_range(0, set->size())));
  read_all(collection, R"({"encoding": ")" + encoding + "\"}", batches_path);
  write_json(*set, json_path);
}

void apply_file(const std::string& path, const std::string& batches_path,
                const std::string& encoding, const std::string& out_path) {
  remove_database(path);
  {
    const Database database = open_database(path, "{}");
    const Collection collection = open_collection(database, kCollection);
    std::ifstream file(batches_path, std::ios::binary);
    for (Bytes batch = read_batch(file); !batch.empty(); batch = read_batch(file)) {
      const Transaction transaction = begin(collection, "{}");
      add(transaction, batch.data(), batch.size());
      commit(transaction);
    }
  }
  const Database database = open_database(path, "{}");
  const Collection collection = open_collection(database, kCollection);
  read_all(collection, R"({"versions": true, "metadata": true, "encoding": ")" + encoding + "\"}",
           out_path);
}

int run(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "make" && argc == 7) {
    make(argv[2], argv[3], argv[4], argv[5], argv[6]);
    return 0;
  }
  if (command == "apply" && argc == 6) {
    apply_file(argv[2], argv[3], argv[4], argv[5]);
    return 0;
  }
  std::fprintf(stderr,
               "usage: cairn_bench_batches make todo|city SOURCE ENCODING BATCHES JSON\n"
               "       cairn_bench_batches apply DATABASE BATCHES ENCODING OUT\n");
  return 2;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) {
  try {
    return cairn::bench::run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "cairn_bench_batches: %s\n", failure.what());
    return 1;
  }
}
