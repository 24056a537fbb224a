#include "core/storage/format.h"

#include <iterator>

namespace cairn {
namespace {

// What makes a database of version n one of version n + 1: its tables, and its counter's row.
struct Step {
  const char* const* statements;
  FormatId counter;
};
constexpr Step kSteps[] = {{kCreateDatabase, kNextCollectionId}, {kAddIndexes, kNextIndexId}};
static_assert(std::size(kSteps) == kFormatVersion);

void write_format(Connection& connection, FormatId id, int64_t value) {
  Query(connection.statement(Sql::kFormatWrite)).with(int64_t{id}, value).run();
}

}  // namespace

int64_t read_format(Connection& connection) {
  int64_t version = 0;
  try {
    Query query(connection.statement(Sql::kFormatRead));
    if (query.with(int64_t{kFormatVersionId}).step()) version = query.integer(0);
  } catch (const Error& error) {
    if (!Connection::is_missing_table(error) && error.status() != Status::kHost) throw;
  }
  if (version < 0)
    throw Error(Status::kCorrupt, "the database's format has no version; restore a backup");
  if (version > kFormatVersion)
    throw Error(Status::kNewerFormat, "the database has format " + std::to_string(version) +
                                          ", this library reads up to " +
                                          std::to_string(kFormatVersion) +
                                          ": use a newer version of Cairn");
  return version;
}

bool has_indexes(Connection& connection) { return read_format(connection) >= 2; }

void ensure_format(Connection& connection) {
  if (read_format(connection) == kFormatVersion) return;
  connection.transaction([&] {
    connection.execute(kCreateDatabase[0]);
    // Whoever came first has done everything, or nothing.
    for (int64_t version = read_format(connection); version < kFormatVersion; ++version) {
      const Step& step = kSteps[version];
      for (auto text = step.statements; *text != nullptr; ++text) connection.execute(*text);
      write_format(connection, step.counter, 1);
      write_format(connection, kFormatVersionId, version + 1);
    }
  });
}

}  // namespace cairn
