#include "core/collection/collection.h"

#include "core/storage/format.h"
#include "core/storage/shape_store.h"
#include "core/value/key.h"
#include "core/value/row.h"

namespace cairn {

void portable_key(Bytes value, ByteBuffer& out) try {
  encode_key(read_item(value), out);
} catch (const ValueError& error) {
  throw Error(Status::kInvalidValue, error.describe());
}

std::shared_ptr<Collection> Collection::open(std::shared_ptr<Database> database,
                                             const std::string& name,
                                             const CollectionOptions& options) {
  Database::check_name(name);
  auto collection = std::make_shared<Collection>(std::move(database), name, options);
  if (!collection->open_existing()) collection->open_or_create();
  return collection;
}

bool Collection::matches(const CollectionState& state) const {
  return state.schema_version == options_.schema_version && state.local == options_.local;
}

void Collection::expect_version(const CollectionState& state, const char* advice) const {
  if (state.schema_version == options_.schema_version) return;
  throw Error(Status::kSchemaMismatch, "Schema version mismatch for collection \"" + name_ +
                                           "\": found " + std::to_string(state.schema_version) +
                                           ", expected " + std::to_string(options_.schema_version) +
                                           advice);
}

CollectionState Collection::read_state(Connection& connection) const {
  CollectionState state = Log(connection, id_).read();
  expect_version(state, "; it changed while the collection was open: open it again");
  return state;
}

bool Collection::resets() const {
  if (options_.mismatch_policy == MismatchPolicy::kDefault) return !options_.local;
  return options_.mismatch_policy == MismatchPolicy::kReset;
}

// Opens without the write lock what is there and needs no change.
bool Collection::open_existing() {
  bool ready = false;
  database_->read([&](Connection& connection) {
    id_ = Database::find(connection, name_);
    if (id_ != 0) ready = matches(Log(connection, id_).read());
  });
  if (!ready && id_ == 0 && store().read_only())
    throw Error(Status::kNotFound,
                "there is no collection \"" + name_ + "\", and the database is read-only");
  return ready;
}

void Collection::open_or_create() {
  database_->write([&](Connection& connection) {
    id_ = Database::find(connection, name_);
    if (id_ == 0) return create(connection);
    Log log(connection, id_);
    CollectionState state = log.read();
    if (state.schema_version == options_.schema_version) {
      state.local = options_.local;
      return log.replace(state);
    }
    if (!resets()) expect_version(state, "");
    reset_in(connection, state);
    was_reset_ = true;
  });
}

void Collection::create(Connection& connection) {
  {
    Query next(connection.statement(Sql::kFormatRead));
    next.with(int64_t{kNextCollectionId});
    if (!next.step()) throw Error(Status::kCorrupt, "the catalog has lost its counter");
    id_ = next.integer(0);
  }
  Query(connection.statement(Sql::kFormatWrite)).with(int64_t{kNextCollectionId}, id_ + 1).run();
  Query(connection.statement(Sql::kCollectionInsert)).with(id_, name_).run();
  for (size_t i = 0; kCreateCollection[i] != nullptr; ++i)
    connection.execute(with_collection(kCreateCollection[i], id_));
  CollectionState state;
  state.schema_version = options_.schema_version;
  state.local = options_.local;
  state.oldest_ms = state.time_ms = Store::now_ms();
  Log(connection, id_).restart(state);
}

// Rows, log, row version and metadata go together: a resume cursor must not outlive what it
// resumes. The term is kept.
void Collection::reset_in(Connection& connection, CollectionState old) {
  Query(connection.statement(Sql::kRowsClear, id_)).run();
  StoredShapes shapes(store().shapes(), connection);
  IndexWriter indexes(connection, id_, shapes);
  indexes.clear();
  indexes.finish();
  for (Sql clear : {Sql::kMetadataClear, Sql::kFloorClear, Sql::kRequestClear})
    Query(connection.statement(clear)).with(id_).run();
  CollectionState state;
  state.term = old.term;
  state.indexes = old.indexes;
  state.reset_epoch = old.reset_epoch + 1;
  state.schema_version = options_.schema_version;
  state.local = options_.local;
  state.oldest_ms = state.time_ms = Store::now_ms();
  Log(connection, id_).restart(state);
}

void Collection::reset() {
  guarded([&] {
    database_->write(
        [&](Connection& connection) { reset_in(connection, Log(connection, id_).read()); });
  });
}

Position Collection::position() {
  return guarded([&] {
    Lease lease = store().reader();
    return read_state(*lease).position();
  });
}

Position Collection::begin_term() {
  Position position;
  guarded([&] {
    database_->write([&](Connection& connection) {
      CollectionState state = read_state(connection);
      ++state.term;
      state.seq = 0;
      Log(connection, id_).replace(state);
      position = state.position();
    });
  });
  return position;
}

std::vector<std::string> Collection::keys_of(const std::vector<int64_t>& numbers) {
  std::vector<std::string> keys;
  guarded([&] {
    Lease lease = store().reader();
    for (int64_t number : numbers) {
      Query query(lease->statement(Sql::kRowById, id_));
      if (query.with(number).step()) keys.emplace_back(as_text(query.bytes(0)));
    }
  });
  return keys;
}

void Collection::expect_there(const Error& error) {
  // A host's errors do not say more than that something failed.
  if (!Connection::is_missing_table(error) && error.status() != Status::kHost) return;
  bool there = true;
  try {
    database_->read(
        [&](Connection& connection) { there = Database::find(connection, name_) == id_; });
  } catch (const Error&) {
    return;  // the first error tells more
  }
  if (there) return;
  throw Error(Status::kDropped,
              "the collection \"" + name_ + "\" was dropped; open it again to create it anew");
}

Durability Collection::durability() const {
  if (options_.durability != Durability::kDefault) return options_.durability;
  if (database_->durability() != Durability::kDefault) return database_->durability();
  return options_.local ? Durability::kDisk : Durability::kOs;
}

CollectionInfo Collection::info() {
  CollectionInfo info;
  info.name = name_;
  info.was_reset = was_reset_;
  guarded([&] {
    database_->read([&](Connection& connection) {
      info.state = Log(connection, id_).read();
      info.indexes.clear();
      for (StoredIndex& index : read_indexes(connection, id_))
        info.indexes.push_back({std::move(index.signature), std::move(index.definition),
                                std::move(index.state), info.state.rows});
    });
  });
  return info;
}

bool Collection::get(Bytes key, ByteBuffer& out) {
  ByteBuffer encoded;
  portable_key(key, encoded);
  return guarded([&] {
    Lease lease = store().reader();
    Query query(lease->statement(Sql::kRowByKey, id_));
    if (!query.with(encoded).step()) return false;
    StoredShapes shapes(store().shapes(), *lease);
    std::vector<std::string_view> names;
    TupleWriter writer(out, 1);
    size_t start = writer.open(kObject);
    reading(name_, [&] {
      Transcoder(&shapes, nullptr).put_object_body(read_row(query.bytes(2), shapes, names), out, 1);
    });
    writer.close(start);
    return true;
  });
}

MetadataReport Collection::metadata() {
  MetadataReport report;
  auto read = [&](Connection& connection) {
    report.position = Log(connection, id_).read().position();
    Query query(connection.statement(Sql::kMetadataAll));
    query.with(id_);
    while (query.step())
      report.entries.push_back(
          {std::string(as_text(query.bytes(0))), std::string(as_text(query.bytes(1)))});
  };
  guarded([&] { database_->read(read); });
  return report;
}

}  // namespace cairn
