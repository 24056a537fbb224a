#include "core/storage/format.h"

namespace cairn {

int64_t read_format(Connection& connection) {
  int64_t version = 0;
  try {
    Query query(connection.statement(Sql::kFormatRead));
    if (query.with(int64_t{kFormatVersionId}).step()) version = query.integer(0);
  } catch (const Error& error) {
    if (!Connection::is_missing_table(error) && error.status() != Status::kHost) throw;
  }
  if (version > kFormatVersion)
    throw Error(Status::kNewerFormat, "the database has format " + std::to_string(version) +
                                          ", this library reads up to " +
                                          std::to_string(kFormatVersion) +
                                          ": use a newer version of Cairn");
  return version;
}

void ensure_format(Connection& connection) {
  if (read_format(connection) != 0) return;
  connection.transaction([&] {
    // Whoever came first has created everything, or nothing.
    connection.execute(kCreateDatabase[0]);
    if (read_format(connection) != 0) return;
    for (size_t i = 1; kCreateDatabase[i] != nullptr; ++i) connection.execute(kCreateDatabase[i]);
    auto write = [&](int64_t id, int64_t value) {
      Query(connection.statement(Sql::kFormatWrite)).with(id, value).run();
    };
    write(kFormatVersionId, kFormatVersion);
    write(kNextCollectionId, 1);
  });
}

}  // namespace cairn
