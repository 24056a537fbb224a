// The operations that the tests let fail: each a few calls of the C API on a database that is
// copied anew each time. Its inputs are made beforehand, so that whatever fails in run() is the
// engine's. One thread at a time.
#pragma once

#include <string>
#include <vector>

#include "state.h"

namespace cairn::testing {

// A database with everything that an operation needs.
class Session {
 public:
  // Puts the file that make_base() made at `path`.
  Session(const std::string& base, const std::string& path);

  // Opens the database and its two collections.
  void open();
  // Closes all that is open. Makes no allocation of its own.
  void close();
  // A transaction on the second collection that is rolled back.
  cairn_status probe();

  // The path, and inputs.
  std::string path, backup, options, disk, open_options, name, key, value, batch, snapshot,
      reconcile, load_request, delta_request, index_request, query, ndjson, json, table_json;

  // What is open.
  DatabasePtr database;
  CollectionPtr collection, other;
  TransactionPtr transaction;
  CursorPtr cursor;
  BufferPtr buffer;
  ErrorPtr error;
};

// The database that operations begin with.
void make_base(const std::string& path);

struct Operation {
  const char* name;
  // Without faults.
  void (*prepare)(Session&);
  // Stops at the first call that gives neither CAIRN_OK nor CAIRN_DONE, and gives its status.
  cairn_status (*run)(Session&);
  // Null, or whether what a success gave is right.
  bool (*is_right)(Session&) = nullptr;
};

// The first of the file operations have to write.
constexpr int kWritingOperations = 24;

std::string operation_name(const ::testing::TestParamInfo<Operation>& test);
void PrintTo(const Operation& operation, std::ostream* out);

// Those that use the file, and those that work in memory alone.
const std::vector<Operation>& file_operations();
const std::vector<Operation>& memory_operations();

}  // namespace cairn::testing
