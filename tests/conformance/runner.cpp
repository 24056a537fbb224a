// Runs the conformance corpus over the C API: every scenario of the given files, over one kind of
// database, each in a folder of its own. README.md documents the files.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "scenario.h"

namespace cairn::testing {
namespace {

Kind kind_of(const std::string& name) {
  if (name == "file") return Kind::File;
  if (name == "memory") return Kind::Memory;
  if (name == "executor") return Kind::Executor;
  throw std::runtime_error("the kind of database is file, memory or executor, not " + name);
}

bool run_scenario(const Json& scenario, Kind kind) {
  bool passed = false;
  const auto name = scenario.at("name").get<std::string>();
  std::string folder = std::filesystem::temp_directory_path() / "cairn-conformance-XXXXXX";
  if (!mkdtemp(folder.data())) throw std::runtime_error("cannot make a folder at " + folder);
  try {
    run_steps(scenario.at("steps"), kind, folder);
    if (cairn_live_objects() != 0) throw std::runtime_error("objects are left");
    passed = true;
  } catch (const std::exception& e) {
    std::cout << "FAILED " << name << "\n  " << e.what() << "\n";
  }
  std::filesystem::remove_all(folder);
  return passed;
}

int run_files(int count, char** arguments) {
  if (count < 3) throw std::runtime_error("usage: runner file|memory|executor FILE.json...");
  int passed = 0, failed = 0;
  for (int i = 2; i < count; i++) {
    std::ifstream file(arguments[i]);
    const Json corpus = Json::parse(file);
    for (const Json& scenario : corpus.at("scenarios")) {
      (run_scenario(scenario, kind_of(arguments[1])) ? passed : failed)++;
    }
  }
  std::cout << passed << " passed, " << failed << " failed\n";
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace cairn::testing

int main(int count, char** arguments) {
  try {
    return cairn::testing::run_files(count, arguments);
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 1;
  }
}
