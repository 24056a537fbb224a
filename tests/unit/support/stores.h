// The three kinds of store for tests that run over all of them: a file, memory, and a host's SQL
// (the test host, which denies what Durable Objects deny). One thread at a time, except that a
// file's store may be used by several.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/storage/store.h"
#include "executor_host.h"
#include "support/values.h"

namespace cairn::unit {

enum class Kind { kFile, kMemory, kHost };
std::string kind_name(const ::testing::TestParamInfo<Kind>& test);

// A folder that goes away with its contents.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string read_bytes(const std::string& path);
void write_bytes(const std::string& path, std::string_view bytes);

// The callbacks of a test host as the engine takes them.
SqlHost sql_host(cairn::testing::ExecutorHost& host);

// A connection of SQLite's own, for looks and damage behind the engine's back.
class RawDatabase {
 public:
  explicit RawDatabase(const std::string& path);
  // One that belongs to somebody else.
  explicit RawDatabase(sqlite3* database) : database_(database), owned_(false) {}
  ~RawDatabase();
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  void run(const std::string& sql, std::string_view blob = {});
  int64_t integer(const std::string& sql);
  std::string blob(const std::string& sql);

 private:
  sqlite3* database_ = nullptr;
  bool owned_ = true;
};

// Options without a thread in the background and without long waits.
StoreOptions quick_options(const std::string& path);

// A test over each kind of store. It fails where the engine did what a host denies.
class StoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  StoreTest() = default;
  ~StoreTest() override;

  bool in_memory() const { return GetParam() == Kind::kMemory; }
  bool is_file() const { return GetParam() == Kind::kFile; }
  std::string path() const { return folder_ / "db"; }

  // Opens the database; a second time: another store over the same one, which memory cannot have.
  std::shared_ptr<Store> open_store();
  std::shared_ptr<Store> open_store(StoreOptions options);

  // Works on the database behind the engine's back. Of memory: of the store that is given.
  void behind(Store& store, const std::function<void(RawDatabase&)>& work);

  // What the database's file (and journal) holds; of memory: how much was ever written.
  std::string state_of_storage(Store& store);

 private:
  TempFolder folder_;
  std::vector<std::unique_ptr<cairn::testing::ExecutorHost>> hosts_;
};

#define CAIRN_OVER_ALL_STORES(Test)      \
  INSTANTIATE_TEST_SUITE_P(Stores, Test, \
                           ::testing::Values(Kind::kFile, Kind::kMemory, Kind::kHost), kind_name)

}  // namespace cairn::unit
