// A collection: rows under a unique key, with a schema version, metadata and a position. Any
// thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/collection/database.h"
#include "core/collection/index_table.h"
#include "core/collection/log.h"
#include "core/query/evaluation_error.h"

namespace cairn {

struct IndexInfo {
  std::string signature;
  IndexDefinitionPtr definition;
  IndexState state;
  uint64_t rows = 0;  // of the collection
};

struct CollectionInfo {
  CollectionState state;
  std::string name;
  bool was_reset = false;
  std::vector<IndexInfo> indexes;
};

struct IndexRequest {
  std::string signature;
  IndexDefinition definition;
  uint64_t max_rows = 0;  // to take in by this call; 0: all
};

struct MetadataReport {
  std::vector<MetadataEntry> entries;
  Position position;
};

class Collection {
 public:
  // Creates it where it is not there; resets it where the options' policy says so. Throws
  // kSchemaMismatch, and kNotFound in a database that is read-only.
  static std::shared_ptr<Collection> open(std::shared_ptr<Database> database,
                                          const std::string& name,
                                          const CollectionOptions& options);

  Collection(std::shared_ptr<Database> database, std::string name, const CollectionOptions& options)
      : database_(std::move(database)), name_(std::move(name)), options_(options) {}

  Database& database() { return *database_; }
  Store& store() { return database_->store(); }
  int64_t id() const { return id_; }
  const std::string& name() const { return name_; }
  const CollectionOptions& options() const { return options_; }
  // What a commit is to reach, where the transaction does not say.
  Durability durability() const;

  // The state, for reading and writing. Throws kSchemaMismatch where the collection was reset to
  // another version since it was opened.
  CollectionState read_state(Connection& connection) const;

  CollectionInfo info();
  // The row as a portable object; false where there is none.
  bool get(Bytes key, ByteBuffer& out);
  MetadataReport metadata();
  void reset();

  Position position();
  // Begins a leader's term: the newest one, and nothing that an older leader sends is applied any
  // more (see Fence). Throws as a transaction does.
  Position begin_term();
  // The keys of rows by their numbers, encoded; of those that are there.
  std::vector<std::string> keys_of(const std::vector<int64_t>& numbers);

  // Makes an index, or goes on making it. Throws kInvalidArgument, kCancelled.
  IndexInfo ensure_index(const IndexRequest& request);
  // Throws kNotFound.
  void remove_index(const std::string& signature);

  // Runs `body`, which only reads: what is malformed there is the file. Throws kCorrupt.
  template <typename Body>
  static auto reading(const std::string& name, Body body) try {
    return body();
  } catch (const EvaluationError&) {
    throw;
  } catch (const Error& error) {
    if (error.status() != Status::kMalformed && error.status() != Status::kInvalidValue) throw;
    throw Error(Status::kCorrupt, "collection \"" + name + "\": a stored row is damaged (" +
                                      error.what() + "); run a check to find it");
  }

  // Runs `body`; where it fails because the collection's tables are gone, throws kDropped. The body
  // must have given back its connections by then.
  template <typename Body>
  auto guarded(Body body) try {
    return body();
  } catch (const Error& error) {
    expect_there(error);
    throw;
  }

 private:
  bool open_existing();
  void open_or_create();
  void create(Connection& connection);
  // Throws kDropped where that explains the error.
  void expect_there(const Error& error);
  bool matches(const CollectionState& state) const;
  void expect_version(const CollectionState& state, const char* advice) const;
  bool resets() const;
  void reset_in(Connection& connection, CollectionState state);
  void create_index(Connection& connection, const IndexRequest& request);
  // Takes so many further rows into an index.
  IndexInfo build_index(Connection& connection, const std::string& signature, uint64_t most);

  std::shared_ptr<Database> database_;
  std::string name_;
  CollectionOptions options_;
  int64_t id_ = 0;
  bool was_reset_ = false;
};

// Encodes a key from a portable value; throws kInvalidValue.
void portable_key(Bytes value, ByteBuffer& out);

}  // namespace cairn
