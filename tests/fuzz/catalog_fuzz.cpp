// The catalog. A valid small database is copied for each input, which says what stands in the
// columns of its tables instead; then the database is used as an app uses it. So the input meets
// the readers of each encoding directly, and not the checks of SQLite before them.
#include <sqlite3.h>

#include "capi/src/handle.h"
#include "catalog_edits.h"
#include "core/storage/native_connection.h"
#include "exercise.h"

namespace cairn::fuzz {

bool may_answer(cairn_status status) { return may_damage_answer(status); }

namespace {

using namespace testing;

DatabasePtr open_memory() { return open_database("", "{\"in_memory\":true}"); }

// SQLite's own handle of a database in memory.
sqlite3* connection_of(const DatabasePtr& database) {
  Lease lease = database->object->store().reader();
  return static_cast<NativeConnection&>(*lease).handle();
}

// A valid database as SQLite stores it.
const std::string& valid_image() {
  static const std::string kImage = [] {
    DatabasePtr database = open_memory();
    fill(database.get());
    sqlite3_int64 size = 0;
    unsigned char* bytes = sqlite3_serialize(connection_of(database), "main", &size, 0);
    expect(bytes != nullptr, "SQLite cannot give its image");
    std::string image(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
    sqlite3_free(bytes);
    return image;
  }();
  return kImage;
}

void restore(sqlite3* connection, const std::string& image) {
  auto* bytes = static_cast<unsigned char*>(sqlite3_malloc64(image.size()));
  expect(bytes != nullptr, "no memory");
  std::memcpy(bytes, image.data(), image.size());
  auto size = static_cast<sqlite3_int64>(image.size());
  expect(sqlite3_deserialize(connection, "main", bytes, size, size,
                             SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) ==
             SQLITE_OK,
         "SQLite does not take its own image");
}

void bind_value(sqlite3_stmt* statement, As as, const std::vector<uint8_t>& bytes) {
  auto size = static_cast<int>(bytes.size());
  switch (as) {
    case As::kBlob:
      // A null pointer would bind NULL.
      sqlite3_bind_blob(statement, 1, size == 0 ? "" : static_cast<const void*>(bytes.data()), size,
                        SQLITE_STATIC);
      break;
    case As::kText:
      sqlite3_bind_text(statement, 1, reinterpret_cast<const char*>(bytes.data()), size,
                        SQLITE_STATIC);
      break;
    case As::kInteger:
      sqlite3_bind_int64(
          statement, 1,
          static_cast<sqlite3_int64>(load_le(bytes.data(), std::min<size_t>(size, 8))));
      break;
    default:
      break;
  }
}

// Puts bytes into a column of one row; nothing happens where a constraint is against it.
void edit(sqlite3* connection, Input& input) {
  const Column& column = kColumns[input.byte() % std::size(kColumns)];
  uint8_t how = input.byte();
  auto as = static_cast<As>(how % static_cast<uint8_t>(As::kCount));
  std::string row = std::to_string(how / static_cast<uint8_t>(As::kCount) % 8);
  std::vector<uint8_t> bytes = input.sized();
  std::string sql = std::string("UPDATE OR IGNORE ") + column.table + " SET " + column.column +
                    " = ?1 WHERE " + column.key + " = (" + row_of(column, column.key, row.c_str()) +
                    ")";
  sqlite3_stmt* statement = nullptr;
  expect(sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK,
         sqlite3_errmsg(connection));
  bind_value(statement, as, bytes);
  sqlite3_step(statement);
  sqlite3_finalize(statement);
}

void run(Input input) {
  DatabasePtr database = open_memory();
  sqlite3* connection = connection_of(database);
  restore(connection, valid_image());
  while (!input.done()) edit(connection, input);
  read_all(database.get());
  write_all(database.get());
}

}  // namespace
}  // namespace cairn::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cairn::fuzz::NoLeaks objects;
  cairn::fuzz::run({data, size});
  return 0;
}
