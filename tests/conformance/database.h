// One database of a scenario, over a file, in memory or over the test host, and the collections
// that the scenario has opened in it. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "api.h"
#include "executor_host.h"
#include "reference.h"

namespace cairn::testing {

enum class Kind { File, Memory, Executor };

class Database {
 public:
  Database(Kind kind, std::string path) : kind_(kind), path_(std::move(path)) {}
  const std::string& path() const { return path_; }

  // Opens the database unless it is open, by a step whose options count where it is `open`.
  void open(const Json& step);
  // Closes everything and opens it again. In memory, where contents end with the handle, the
  // collections alone are opened again.
  void reopen();
  // Opens the collection "name" with "options" under the handle name "as".
  cairn_collection* open_collection(const Json& step);
  // An open collection by its handle name.
  cairn_collection* at(const std::string& handle) const { return collections_.at(handle).get(); }
  cairn_database* handle() const { return handle_.get(); }
  void close();
  // Closes everything, after a check of all that must hold at the end of a scenario.
  void finish();

 private:
  Kind kind_;
  std::string path_;
  Json opening_;  // the step that has opened it
  std::unique_ptr<ExecutorHost> host_;
  DatabasePtr handle_;
  // By handle name: the steps that opened the collections, and the handles.
  std::map<std::string, Json> opened_;
  std::map<std::string, CollectionPtr> collections_;
};

// The step `file`: writes bytes into the file of a database that is closed, and cuts it.
void write_file(const std::string& path, const Json& step);

}  // namespace cairn::testing
