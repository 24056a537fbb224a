// What a user would pick who has SQLite and nothing else: a table of keys and JSON texts, queried
// with json_extract in SQL, with indexes over json_extract or without. For one thread.
#pragma once

#include <string>
#include <vector>

#include "benchmarks/support/bare.h"
#include "benchmarks/support/prepared.h"

namespace cairn::bench {

// A closed, checkpointed file with the rows of a todo set in a table rows(key TEXT PRIMARY KEY,
// value TEXT), after running `indexes` over it. Built at the first call for a set of this size and
// `name`.
std::string json_file(const Settings& settings, const DataSet& set, const std::string& name,
                      const std::vector<std::string>& indexes);

// A row of a todo set as such a table has it.
struct JsonRow {
  std::string key;
  std::string value;
};
std::vector<JsonRow> json_rows(const DataSet& set, std::span<const size_t> rows);

// Inserts them, in one transaction.
void insert_json_rows(SqliteConnection& connection, std::span<const JsonRow> rows);

}  // namespace cairn::bench
