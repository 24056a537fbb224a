// Databases and row batches that the benchmarks start from, made through the C API before anything
// is timed: a file of a data set is built once per run and copied for each repetition that writes.
// For one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "benchmarks/data/data_set.h"
#include "benchmarks/support/handles.h"
#include "cairn/schemas/batch_generated.h"

namespace cairn::bench {

// What the command line says. `quick` shrinks every size so that a run is a smoke test.
struct Settings {
  std::string directory = "cairn-benchmarks";  // for scratch files
  std::string cities;                          // NDJSON of the `city` set; may be absent
  bool quick = false;

  size_t rows() const { return quick ? 3000 : 100000; }
  size_t mutations() const { return quick ? 300 : 10000; }
  size_t many_rows() const { return quick ? 6000 : 1000000; }
  int repetitions(int full) const { return quick ? 2 : full; }
};

using Bytes = std::vector<uint8_t>;

// No thread of the database's own: upkeep is timed apart, and never inside a measurement.
inline constexpr const char* kQuietDatabase = R"({"background": false})";
inline constexpr const char* kCollection = "rows";

// Inserts of rows given as NDJSON, in columns and in this order, as a binding would write them:
// cairn_batch_from_json leaves objects loose, so the rows take a turn through a database in memory.
std::vector<Buffer> column_batches(const std::string& ndjson, const std::string& key_field);

// The same for rows of a set.
std::vector<Buffer> insert_batches(const DataSet& set, std::span<const size_t> rows);

// The same rows as a batch with another op for all of them.
Bytes with_op(const Buffer& inserts, fb::Op op);

// A closed, checkpointed database in `directory` with all rows of the set, in one collection. Built
// at the first call for a set of this name and size.
std::string prepared_file(const Settings& settings, const DataSet& set);

// A copy beside it, without anything of an earlier copy's journal.
std::string fresh_copy(const std::string& path, const std::string& suffix);

// Deletes a database and its journal.
void remove_database(const std::string& path);

// Applies batches in one transaction; gives the CommitResult.
Buffer apply_batches(const Collection& collection, std::span<const Buffer> batches,
                     std::string_view options_json = "{}");

// A put of a row that differs from any before it: the engine's counterpart of
// BareConnection::write_something.
void write_something(const Collection& collection);

// Reads a collection, or what a LoadRequest selects of it, to its end and frees each batch; gives
// the number of rows.
uint64_t scan(const Collection& collection, const Buffer& request);
uint64_t scan(const Collection& collection, std::string_view request_json);

// Numbers 0 to count - 1, plus `first`.
std::vector<size_t> row_range(size_t first, size_t count);

// 0 where the file is not there.
uint64_t file_bytes(const std::string& path);

}  // namespace cairn::bench
