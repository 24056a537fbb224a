// Building the starting points of the benchmarks. Nothing here is timed, so clarity goes first.
#include "benchmarks/support/prepared.h"

#include <filesystem>
#include <map>
#include <numeric>

namespace cairn::bench {
namespace {

constexpr size_t kBatchRows = 4096;

std::string ndjson(const DataSet& set, std::span<const size_t> rows) {
  std::string json;
  for (const size_t row : rows) {
    set.append_typed(row, json);
    json += '\n';
  }
  return json;
}

void build(const std::string& path, const DataSet& set) {
  remove_database(path);
  const Database database = open_database(path, kQuietDatabase);
  const Collection collection = open_collection(database, kCollection);
  const Transaction transaction = begin(collection, "{}");
  const std::vector<size_t> rows = row_range(0, set.size());
  for (size_t at = 0; at < rows.size(); at += kBatchRows) {
    const size_t count = std::min(kBatchRows, rows.size() - at);
    const std::string json = ndjson(set, std::span(rows).subspan(at, count));
    const Buffer batch = batch_from_json(json, set.key_field());
    add(transaction, data(batch), size(batch));
  }
  commit(transaction);
  maintain_fully(database);
}

}  // namespace

std::vector<Buffer> column_batches(const std::string& ndjson, const std::string& key_field) {
  const Database database = open_database("", R"({"in_memory": true})");
  const Collection collection = open_collection(database, kCollection);
  const Buffer loose = batch_from_json(ndjson, key_field);
  apply_batches(collection, std::span(&loose, 1));
  std::vector<Buffer> batches;
  const Cursor cursor = load(collection, "{}");
  while (Buffer batch = next_batch(cursor)) batches.push_back(std::move(batch));
  return batches;
}

std::vector<Buffer> insert_batches(const DataSet& set, std::span<const size_t> rows) {
  std::vector<Buffer> batches;
  for (size_t at = 0; at < rows.size(); at += kBatchRows) {
    const auto part = rows.subspan(at, std::min(kBatchRows, rows.size() - at));
    for (Buffer& batch : column_batches(ndjson(set, part), set.key_field())) {
      batches.push_back(std::move(batch));
    }
  }
  return batches;
}

std::string prepared_file(const Settings& settings, const DataSet& set) {
  static std::map<std::string, bool> built;
  const std::string path =
      settings.directory + "/" + set.name() + "-" + std::to_string(set.size()) + ".sqlite";
  if (!built[path]) {
    std::filesystem::create_directories(settings.directory);
    build(path, set);
    built[path] = true;
  }
  return path;
}

std::string fresh_copy(const std::string& path, const std::string& suffix) {
  const std::string copy = path + "." + suffix + ".sqlite";
  remove_database(copy);
  std::filesystem::copy_file(path, copy);
  return copy;
}

void remove_database(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
}

Buffer apply_batches(const Collection& collection, std::span<const Buffer> batches,
                     std::string_view options_json) {
  const Transaction transaction = begin(collection, options_json);
  for (const Buffer& batch : batches) add(transaction, data(batch), size(batch));
  return commit(transaction);
}

void write_something(const Collection& collection) {
  static int number = 0;
  put(collection, value('"' + todo_id(0) + '"'),
      value(R"({"title": "put number )" + std::to_string(++number) + "\"}"));
}

uint64_t scan(const Collection& collection, std::string_view request_json) {
  return scan(collection, table("LoadRequest", request_json));
}

uint64_t scan(const Collection& collection, const Buffer& request) {
  const Cursor cursor = load(collection, request);
  uint64_t rows = 0;
  while (const Buffer batch = next_batch(cursor)) {
    rows += flatbuffers::GetRoot<fb::RowBatch>(data(batch))->count();
  }
  return rows;
}

std::vector<size_t> row_range(size_t first, size_t count) {
  std::vector<size_t> rows(count);
  std::iota(rows.begin(), rows.end(), first);
  return rows;
}

uint64_t file_bytes(const std::string& path) {
  std::error_code missing;
  const auto bytes = std::filesystem::file_size(path, missing);
  return missing ? 0 : bytes;
}

}  // namespace cairn::bench
