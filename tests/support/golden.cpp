#include "golden.h"

#include <sqlite3.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace cairn::testing {

void make_format1(const std::string& path) {
  std::ostringstream sql;
  sql << std::ifstream(CAIRN_GOLDEN "/format1.sql").rdbuf();
  sqlite3* database = nullptr;
  int code = sqlite3_open(path.c_str(), &database);
  if (code == SQLITE_OK)
    code = sqlite3_exec(database, sql.str().c_str(), nullptr, nullptr, nullptr);
  sqlite3_close(database);
  if (code != SQLITE_OK || sql.str().empty()) throw std::runtime_error("cannot make " + path);
}

}  // namespace cairn::testing
