// The other process of the concurrency tests. Usage: helper MODE DATABASE COLLECTION [ARGUMENT...].
// Every mode says on its standard output when it is ready, and goes on when its standard input
// ends.
#include <unistd.h>

#include <iostream>
#include <map>

#include "api.h"
#include "reference.h"

namespace cairn::testing {
namespace {

using Arguments = std::vector<std::string>;

void wait_for_go() {
  std::cout << "r" << std::flush;
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
}

void put(cairn_collection* collection, const Json& key, const Json& value) {
  const std::string k = encode_portable(key), v = encode_portable(value);
  call(cairn_collection_put, collection, bytes_of(k), k.size(), bytes_of(v), v.size(), nullptr);
}

// Opens a database that perhaps is not there yet, and writes a row under a key.
void open_and_put(const Arguments& arguments) {
  wait_for_go();
  const DatabasePtr database = open_database(arguments.at(1));
  const CollectionPtr collection = open_collection(database.get(), arguments.at(2));
  put(collection.get(), arguments.at(3), {{"from", arguments.at(3)}});
}

// Writes rows PREFIX0, PREFIX1, ... in transactions of their own.
void write_rows(const Arguments& arguments) {
  const DatabasePtr database = open_database(arguments.at(1), R"({"busy_timeout_ms": 600000})");
  const CollectionPtr collection = open_collection(database.get(), arguments.at(2));
  const int count = std::stoi(arguments.at(4));
  wait_for_go();
  for (int i = 0; i < count; i++) {
    put(collection.get(), arguments.at(3) + std::to_string(i), {{"n", i}});
  }
}

// Holds the write lock until it is told to go.
void hold(const Arguments& arguments) {
  const DatabasePtr database = open_database(arguments.at(1));
  const CollectionPtr collection = open_collection(database.get(), arguments.at(2));
  cairn_transaction* transaction = nullptr;
  call(cairn_transaction_begin, collection.get(), nullptr, size_t{0}, &transaction);
  const TransactionPtr owner(transaction);
  wait_for_go();
}

void drop(const Arguments& arguments) {
  wait_for_go();
  const DatabasePtr database = open_database(arguments.at(1));
  const std::string& name = arguments.at(2);
  call(cairn_collection_drop, database.get(), name.data(), name.size());
}

void reset(const Arguments& arguments) {
  wait_for_go();
  const DatabasePtr database = open_database(arguments.at(1));
  call(cairn_collection_reset, open_collection(database.get(), arguments.at(2)).get());
}

// Opens the collection with another schema version, which resets it.
void upgrade(const Arguments& arguments) {
  wait_for_go();
  const DatabasePtr database = open_database(arguments.at(1));
  open_collection(database.get(), arguments.at(2),
                  R"({"schema_version": )" + arguments.at(3) + "}");
}

int run(const Arguments& arguments) {
  static const std::map<std::string, void (*)(const Arguments&)> kModes = {
      {"open", open_and_put}, {"write", write_rows}, {"hold", hold},
      {"drop", drop},         {"reset", reset},      {"upgrade", upgrade}};
  kModes.at(arguments.at(0))(arguments);
  return cairn_live_objects() == 0 ? 0 : 3;
}

}  // namespace
}  // namespace cairn::testing

int main(int count, char** arguments) {
  try {
    return cairn::testing::run({arguments + 1, arguments + count});
  } catch (const std::exception& e) {
    std::cerr << "helper: " << e.what() << "\n";
    return 2;
  }
}
