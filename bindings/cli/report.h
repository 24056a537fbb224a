// What several commands print: JSON lines, the result of a commit, and rows as a table.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine.h"
#include "json_scan.h"
#include "table.h"

namespace cairn::cli {

using Json = nlohmann::ordered_json;

// One line of JSON. What is not UTF-8, as a path may be, is replaced.
void print_json(const Json& json);

// The value as a JSON object that can be part of another.
Json parsed(std::string_view json);

Json to_json(const fb::Position* position);
Json to_json(const fb::CommitResult& result);

// "3 inserted, 1 updated, 0 deleted, 5 unchanged"
std::string describe_counts(const fb::CommitResult& result);

// Indexes as a table, in the order in which they are given; nothing where there are none.
using Indexes = flatbuffers::Vector<flatbuffers::Offset<fb::IndexInfo>>;
void print_indexes(const Indexes* indexes);
Json to_json(const fb::IndexInfo& index);

// Hands the lines of all batches on, as cairn_batch_to_json writes them; gives the number of rows.
uint64_t for_each_row(Cursor& cursor, const std::function<void(std::string_view)>& row);

// Prints a line of a cursor's as it is.
void print_line(std::string_view line);

// Rows of cairn_batch_to_json as a table: the key, then the fields of the values. The field that
// holds the key, where there is one, has no second column, unless a row has another value in it.
class RowTable {
 public:
  // With `changes`, a first column tells changed rows from deleted ones.
  RowTable(size_t width, bool changes);
  void add(std::string_view line);
  void finish();

 private:
  void put(std::vector<Cell>& row, size_t column, std::string_view json, bool& complete);
  void find_key_field(const RowLine& row);

  Table table_;
  bool changes_;
  size_t key_column_;
  std::optional<size_t> version_column_;
  std::optional<size_t> metadata_column_;
  std::optional<std::string> key_field_;  // the field that holds the key, by the first value
};

}  // namespace cairn::cli
