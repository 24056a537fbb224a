// A whole database file: the input is the file. It is opened read-only and writable, read, written
// and kept up, in the system's folder for temporary files (TMPDIR; one in memory is fastest).
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "exercise.h"

namespace cairn::fuzz {

bool may_answer(cairn_status status) { return may_damage_answer(status); }

namespace {

using namespace testing;
namespace fs = std::filesystem;

// A folder of this process that goes away with it.
class Folder {
 public:
  Folder() : path_((fs::temp_directory_path() / "cairn-fuzz-XXXXXX").string()) {
    expect(mkdtemp(path_.data()) != nullptr, "the folder for temporary files cannot be written");
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file() const { return path_ + "/db"; }
  void clear() const {
    for (const auto& entry : fs::directory_iterator(path_)) fs::remove(entry);
  }

 private:
  std::string path_;
};

DatabasePtr open(const std::string& path, const char* json) {
  std::string options = make_table("DatabaseOptions", json);
  return give<DatabasePtr>(cairn_database_open, path.data(), path.size(), bytes_of(options),
                           options.size());
}

void run(const uint8_t* data, size_t size) {
  static const Folder folder;
  folder.clear();
  std::string path = folder.file();
  std::ofstream(path, std::ios::binary) << as_text({data, size});
  if (DatabasePtr database = open(path, R"({"read_only":true,"busy_timeout_ms":20})"))
    read_all(database.get());
  DatabasePtr database = open(path, R"({"background":false,"busy_timeout_ms":20})");
  if (database == nullptr) return;
  read_all(database.get());
  write_all(database.get());
  database.reset();
  if (database = open(path, R"({"background":false,"busy_timeout_ms":20})"); database != nullptr)
    read_all(database.get());
}

}  // namespace
}  // namespace cairn::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cairn::fuzz::NoLeaks objects;
  cairn::fuzz::run(data, size);
  return 0;
}
