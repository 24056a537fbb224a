// Building such a table, and filling it. Keys are those of the todo set.
#include "benchmarks/support/json_rows.h"

#include <map>

namespace cairn::bench {
namespace {

constexpr size_t kRowsAtOnce = 10000;

void bind_text(sqlite3_stmt* statement, int at, const std::string& text) {
  check_sqlite(
      sqlite3_bind_text64(statement, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8),
      "bind");
}

void build(const std::string& path, const DataSet& set, const std::vector<std::string>& indexes) {
  remove_database(path);
  SqliteConnection connection(path, Role::kWriter);
  connection.execute("CREATE TABLE rows(key TEXT PRIMARY KEY, value TEXT NOT NULL)");
  const std::vector<size_t> all = row_range(0, set.size());
  for (size_t at = 0; at < all.size(); at += kRowsAtOnce) {
    const auto part = std::span(all).subspan(at, std::min(kRowsAtOnce, all.size() - at));
    insert_json_rows(connection, json_rows(set, part));
    connection.checkpoint();
  }
  for (const std::string& sql : indexes) connection.execute(sql);
  connection.checkpoint();
}

}  // namespace

std::string json_file(const Settings& settings, const DataSet& set, const std::string& name,
                      const std::vector<std::string>& indexes) {
  static std::map<std::string, bool> built;
  const std::string path = settings.directory + "/" + set.name() + "-" +
                           std::to_string(set.size()) + "-json-" + name + ".sqlite";
  if (!built[path]) {
    build(path, set, indexes);
    built[path] = true;
  }
  return path;
}

std::vector<JsonRow> json_rows(const DataSet& set, std::span<const size_t> rows) {
  std::vector<JsonRow> out;
  out.reserve(rows.size());
  for (const size_t row : rows) {
    JsonRow& made = out.emplace_back(JsonRow{todo_id(row), ""});
    set.append_compact(row, made.value);
  }
  return out;
}

void insert_json_rows(SqliteConnection& connection, std::span<const JsonRow> rows) {
  sqlite3_stmt* insert = connection.prepare("INSERT INTO rows(key, value) VALUES(?1, ?2)");
  connection.execute("BEGIN IMMEDIATE");
  for (const JsonRow& row : rows) {
    bind_text(insert, 1, row.key);
    bind_text(insert, 2, row.value);
    check_sqlite(sqlite3_step(insert), "step");
    check_sqlite(sqlite3_reset(insert), "reset");
  }
  connection.execute("COMMIT");
}

}  // namespace cairn::bench
