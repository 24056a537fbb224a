#include "formats.h"

#include <sqlite3.h>

#include <memory>
#include <stdexcept>

namespace cairn::testing {
namespace {

// Runs SQL, and gives the last row's first column.
int run(const std::string& path, const char* sql) {
  sqlite3* opened = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> owner(opened, &sqlite3_close);
  int result = 0;
  const auto take = [](void* to, int, char** values, char**) {
    *static_cast<int*>(to) = std::atoi(values[0]);
    return 0;
  };
  if (code == SQLITE_OK) code = sqlite3_exec(opened, sql, take, &result, nullptr);
  if (code != SQLITE_OK) throw std::runtime_error(path + ": " + sqlite3_errmsg(opened));
  return result;
}

}  // namespace

void make_older(const std::string& path) {
  run(path,
      "BEGIN; DROP TABLE cairn_indexes; DELETE FROM cairn_format WHERE id = 3;"
      "UPDATE cairn_format SET value = 1 WHERE id = 1; COMMIT");
}

bool has_whole_format(const std::string& path) {
  return run(path,
             "SELECT (SELECT value FROM cairn_format WHERE id = 1) = 2"
             " AND (SELECT count(*) FROM cairn_format WHERE id = 3) = 1"
             " AND (SELECT count(*) FROM cairn_indexes) = (SELECT count(*) FROM sqlite_master"
             " WHERE type = 'table' AND name GLOB 'cairn_index_[0-9]*')") != 0;
}

}  // namespace cairn::testing
