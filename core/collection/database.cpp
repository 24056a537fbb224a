#include "core/collection/database.h"

#include "core/collection/index_table.h"
#include "core/collection/log.h"
#include "core/storage/database_files.h"
#include "core/storage/format.h"
#include "core/storage/native_connection.h"
#include "core/value/text.h"

namespace cairn {
namespace {

constexpr const char* kDamaged = "damaged";

}  // namespace

std::shared_ptr<Database> Database::open(const DatabaseOptions& options) {
  const std::string& path = options.store.path;
  FileIdentity file = identity_of(path);
  Damage damage;
  try {
    return open_sound(options);
  } catch (const Error& error) {
    bool ours = error.status() != Status::kNotADatabase || was_ours(path);
    if (!options.sets_aside || options.store.read_only || !is_damage(error.status()) || !ours)
      throw;
    damage = {set_aside(path, file, kDamaged), error.what()};
  }
  auto database = open_sound(options);
  // Somebody else may have been faster.
  if (!damage.file.empty()) database->damage_ = damage;
  return database;
}

// Opens a file whose catalog can be read, or that passes a whole check if one is asked for.
std::shared_ptr<Database> Database::open_sound(const DatabaseOptions& options) {
  auto store =
      options.in_memory ? Store::open_memory(options.store) : Store::open_file(options.store);
  auto database = std::make_shared<Database>(std::move(store), options.durability);
  if (options.in_memory) return database;
  database->probe();
  if (options.check) database->expect_sound();
  database->store_->set_sound();
  // A crash may have come between setting a file aside and telling so.
  if (database->store_->is_new())
    database->damage_.file = newest_set_aside(options.store.path, kDamaged);
  return database;
}

void Database::probe() {
  read([&](Connection& connection) {
    for (const auto& entry : list(connection)) Log(connection, entry.first).read();
  });
}

uint64_t Database::expect_sound() {
  CheckReport report = check({});
  if (report.problem_count == 0) return report.rows;
  throw Error(Status::kCorrupt,
              "the file does not pass its check: " + std::to_string(report.problem_count) +
                  " problems, the first: " + report.problems[0].message);
}

std::shared_ptr<Database> Database::open_host(const SqlHost& host, const DatabaseOptions& options) {
  return std::make_shared<Database>(Store::open_host(host, options.store), options.durability);
}

void Database::read(const std::function<void(Connection&)>& body) {
  Lease lease = store_->reader();
  lease->begin_read();
  try {
    body(*lease);
  } catch (...) {
    lease->end_read();
    throw;
  }
  lease->end_read();
}

void Database::write(const std::function<void(Connection&)>& body) {
  Lease lease = store_->writer();
  lease->transaction([&] { body(*lease); });
}

std::vector<std::pair<int64_t, std::string>> Database::list(Connection& connection) {
  std::vector<std::pair<int64_t, std::string>> collections;
  Query query(connection.statement(Sql::kCollectionList));
  while (query.step())
    collections.emplace_back(query.integer(0), std::string(as_text(query.bytes(1))));
  return collections;
}

int64_t Database::find(Connection& connection, const std::string& name) {
  Query query(connection.statement(Sql::kCollectionFind));
  return query.with(name).step() ? query.integer(0) : 0;
}

DatabaseInfo Database::info() {
  DatabaseInfo info;
  info.path = store_->path();
  info.sqlite_version = sqlite3_libversion();
  info.store = store_->info();
  info.read_only = store_->read_only();
  info.damage = damage_;
  read([&](Connection& connection) {
    info.format_version = static_cast<uint32_t>(read_format(connection));
    for (auto& [id, name] : list(connection)) {
      CollectionState state = Log(connection, id).read();
      info.collections.push_back(
          {name, state.schema_version, state.local, state.rows, state.row_version});
    }
    Query shapes(connection.statement(Sql::kShapesSince));
    shapes.with(0);
    while (shapes.step()) ++info.shapes;
  });
  return info;
}

void Database::check_name(const std::string& name) {
  if (name.empty()) throw Error(Status::kInvalidArgument, "a collection needs a name");
  if (!is_wtf8(as_bytes(name), false))
    throw Error(Status::kInvalidArgument, "a collection's name is not UTF-8");
}

void Database::drop(const std::string& name) {
  check_name(name);
  Lease lease = store_->writer();
  int64_t id = 0;
  lease->transaction([&] {
    id = find(*lease, name);
    if (id == 0) throw Error(Status::kNotFound, "there is no collection \"" + name + "\"");
    // Statements on the tables would keep them from being dropped.
    lease->forget(id);
    for (Sql clear : {Sql::kMetadataClear, Sql::kFloorClear, Sql::kRequestClear})
      Query(lease->statement(clear)).with(id).run();
    Query(lease->statement(Sql::kCollectionDelete)).with(id).run();
    for (const StoredIndex& index : read_indexes(*lease, id)) drop_index(*lease, index.id);
    for (size_t i = 0; kDropCollection[i] != nullptr; ++i)
      lease->execute(with_collection(kDropCollection[i], id));
  });
}

}  // namespace cairn
