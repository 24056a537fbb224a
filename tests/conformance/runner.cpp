// Runs the conformance corpus over the C API: every scenario over one kind of database, each in a
// folder of its own. README.md documents the modes.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "scenario.h"

namespace cairn::testing {
namespace {

const std::filesystem::path kCorpus = CORPUS;

struct Counts {
  int passed = 0;
  int failed = 0;
};

Json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return Json::parse(file);
}

// Says why where it fails.
bool run_in_folder(const Json& steps, Kind kind, const std::string& main = "") {
  bool passed = false;
  std::string folder = std::filesystem::temp_directory_path() / "cairn-conformance-XXXXXX";
  if (!mkdtemp(folder.data())) throw std::runtime_error("cannot make a folder at " + folder);
  try {
    run_steps(steps, kind, folder, main);
    if (cairn_live_objects() != 0) throw std::runtime_error("objects are left");
    passed = true;
  } catch (const std::exception& e) {
    std::cout << "  " << e.what() << "\n";
  }
  std::filesystem::remove_all(folder);
  return passed;
}

Counts run_area(const std::filesystem::path& path, Kind kind) {
  Counts counts;
  const std::string area = path.stem();
  const Json corpus = read_json(path);
  for (const Json& scenario : corpus.at("scenarios")) {
    if (scenario.contains("needs") && kind != Kind::File) continue;
    const bool passed = run_in_folder(scenario.at("steps"), kind);
    if (!passed) std::cout << "FAILED " << area << ": " << scenario.at("name") << "\n";
    (passed ? counts.passed : counts.failed)++;
  }
  std::cout << area << " passed " << counts.passed << " failed " << counts.failed << "\n";
  return counts;
}

Counts run_areas(std::vector<std::string> paths, Kind kind) {
  Counts all;
  if (paths.empty())
    for (const auto& entry : std::filesystem::directory_iterator(kCorpus / "scenarios"))
      paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    const Counts counts = run_area(path, kind);
    all.passed += counts.passed;
    all.failed += counts.failed;
  }
  return all;
}

Counts run_over_files(const std::string& mode, const std::vector<std::string>& paths) {
  Counts counts;
  const Json steps = read_json(kCorpus / "files.json").at(mode);
  for (const std::string& path : paths) {
    const bool passed = run_in_folder(steps, Kind::File, path);
    std::cout << path << (passed ? " passed\n" : " failed\n");
    (passed ? counts.passed : counts.failed)++;
  }
  return counts;
}

Counts run(const std::string& mode, const std::vector<std::string>& paths) {
  if (mode == "scenarios") return run_areas(paths, Kind::File);
  if (mode == "memory") return run_areas(paths, Kind::Memory);
  if (mode == "executor") return run_areas(paths, Kind::Executor);
  if (mode == "write" || mode == "read") return run_over_files(mode, paths);
  throw std::runtime_error("usage: runner scenarios|memory|executor|write|read FILE...");
}

}  // namespace
}  // namespace cairn::testing

int main(int count, char** arguments) {
  try {
    const auto counts = cairn::testing::run(count > 1 ? arguments[1] : "",
                                            {arguments + std::min(count, 2), arguments + count});
    std::cout << counts.passed << " passed, " << counts.failed << " failed\n";
    return counts.failed == 0 && counts.passed > 0 ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 1;
  }
}
