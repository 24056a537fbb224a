// A database: a store and the collections in it. Any thread; objects keep each other alive.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/collection/types.h"
#include "core/storage/store.h"

namespace cairn {

struct DatabaseOptions {
  StoreOptions store;
  bool in_memory = false;
  Durability durability = Durability::kDefault;
  bool sets_aside = false;  // a damaged file, instead of failing
  bool check = false;       // pages, rows and hashes, when opening
};

// A damaged file that was set aside, and what was wrong with it; empty where there was none.
struct Damage {
  std::string file;
  std::string message;
};

struct CollectionSummary {
  std::string name;
  uint64_t schema_version = 1;
  bool local = false;
  uint64_t rows = 0;
  uint64_t row_version = 0;
};

struct DatabaseInfo {
  std::string path;
  uint32_t format_version = 0;
  std::string sqlite_version;
  StoreInfo store;
  uint32_t shapes = 0;
  bool read_only = false;
  std::vector<CollectionSummary> collections;
  Damage damage;
};

struct CheckOptions {
  std::string collection;  // empty: all
  bool pages = true;
  uint32_t max_problems = 100;
};

struct Problem {
  std::string collection;
  std::string key;  // encoded, or empty
  std::string message;
};

struct CheckReport {
  bool pages_checked = false;
  uint64_t rows = 0;
  uint64_t problem_count = 0;
  std::vector<Problem> problems;
};

struct CollectionDigest {
  std::string name;
  uint64_t rows = 0;
  std::string digest;
};

struct DigestReport {
  std::string digest;
  std::vector<CollectionDigest> collections;
};

struct BackupReport {
  uint64_t rows = 0;
  uint64_t file_bytes = 0;
  std::string replaced;  // where a restore has put the file that was there
};

class Database {
 public:
  static std::shared_ptr<Database> open(const DatabaseOptions& options);
  static std::shared_ptr<Database> open_host(const SqlHost& host, const DatabaseOptions& options);

  Database(std::shared_ptr<Store> store, Durability durability)
      : store_(std::move(store)), durability_(durability) {}

  Store& store() { return *store_; }
  Durability durability() const { return durability_; }

  DatabaseInfo info();
  CheckReport check(const CheckOptions& options);
  DigestReport digest();
  // Checks everything and gives the number of rows; throws kCorrupt where there is a problem.
  uint64_t expect_sound();
  // Copies the database into a file, and puts it at `path` only when it has passed its check.
  BackupReport backup(const std::string& path);
  // Throws kNotFound.
  void drop(const std::string& name);

  // Reads with several statements over one snapshot.
  void read(const std::function<void(Connection&)>& body);
  // Writes in one transaction of its own.
  void write(const std::function<void(Connection&)>& body);

  // All collections by name: catalog integer and name.
  static std::vector<std::pair<int64_t, std::string>> list(Connection& connection);
  // Throws kInvalidArgument for a name that is empty or not UTF-8.
  static void check_name(const std::string& name);
  // The catalog integer of a collection, 0 where there is none.
  static int64_t find(Connection& connection, const std::string& name);

 private:
  static std::shared_ptr<Database> open_sound(const DatabaseOptions& options);
  // Reads the catalog and every collection's state.
  void probe();

  std::shared_ptr<Store> store_;
  Durability durability_;
  Damage damage_;
};

// Puts a copy of a backup, or of any database that nobody has open, at `to`, once it has passed its
// check; the file that is there is set aside. Throws kCorrupt where it does not pass.
BackupReport restore(const std::string& from, const std::string& to);

}  // namespace cairn
