// Making and removing indexes. A large collection is taken in by chunks, each in a transaction of
// its own, so that others can write in between and an interrupt loses nothing.

#include "core/collection/collection.h"
#include "core/storage/format.h"
#include "core/storage/shape_store.h"
#include "core/value/text.h"

namespace cairn {
namespace {

constexpr uint64_t kBuildChunk = 4096;
constexpr size_t kMaxIndexes = 64;
constexpr size_t kMaxExpressions = 16;

void check_request(const IndexRequest& request) {
  if (request.signature.empty() || !is_wtf8(as_bytes(request.signature), false))
    throw Error(Status::kInvalidArgument, "an index needs a signature in UTF-8");
  size_t count = request.definition.expressions.size();
  if (count == 0 || count > kMaxExpressions)
    throw Error(Status::kInvalidArgument, "an index is over 1 to 16 expressions");
}

const StoredIndex* find_index(const std::vector<StoredIndex>& indexes,
                              const std::string& signature) {
  for (const StoredIndex& index : indexes)
    if (index.signature == signature) return &index;
  return nullptr;
}

int64_t next_index_id(Connection& connection) {
  int64_t id = 0;
  {
    Query next(connection.statement(Sql::kFormatRead));
    if (!next.with(int64_t{kNextIndexId}).step())
      throw Error(Status::kCorrupt, "the catalog has lost its counter of indexes");
    id = next.integer(0);
  }
  Query(connection.statement(Sql::kFormatWrite)).with(int64_t{kNextIndexId}, id + 1).run();
  return id;
}

}  // namespace

IndexInfo Collection::ensure_index(const IndexRequest& request) {
  check_request(request);
  Interruptible interruptible(store());
  uint64_t left = request.max_rows == 0 ? UINT64_MAX : request.max_rows;
  IndexInfo info;
  do {
    guarded([&] {
      database_->write([&](Connection& connection) {
        create_index(connection, request);
        info = build_index(connection, request.signature, std::min(left, kBuildChunk));
      });
    });
    left -= std::min(left, kBuildChunk);
    interruptible.check();
  } while (!info.state.ready && left > 0);
  return info;
}

// Does nothing where the index is there.
void Collection::create_index(Connection& connection, const IndexRequest& request) {
  CollectionState state = read_state(connection);
  std::vector<StoredIndex> indexes = read_indexes(connection, id_);
  std::string written = request.definition.written();
  const StoredIndex* found = find_index(indexes, request.signature);
  if (found != nullptr && found->definition->written() == written) return;
  if (found != nullptr) {
    drop_index(connection, found->id);
    --state.indexes;
  } else if (indexes.size() == kMaxIndexes) {
    throw Error(Status::kTooLarge, "a collection has at most 64 indexes; remove one first");
  }
  IndexState empty;
  empty.classes.resize(request.definition.expressions.size());
  ByteBuffer bytes;
  empty.encode(bytes);
  int64_t index = next_index_id(connection);
  Query(connection.statement(Sql::kIndexInsert))
      .with(index, id_, request.signature, written, bytes)
      .run();
  for (size_t i = 0; kCreateIndex[i] != nullptr; ++i)
    connection.execute(with_collection(kCreateIndex[i], index));
  ++state.indexes;
  Log(connection, id_).replace(state);
}

IndexInfo Collection::build_index(Connection& connection, const std::string& signature,
                                  uint64_t most) {
  uint64_t rows = read_state(connection).rows;
  Interruptible interruptible(store());
  StoredShapes shapes(store().shapes(), connection);
  IndexWriter writer(connection, id_, shapes);
  const StoredIndex* found = find_index(writer.indexes(), signature);
  if (found == nullptr)
    throw Error(Status::kCorrupt, "the catalog does not list an index that was put there");
  auto at = static_cast<size_t>(found - writer.indexes().data());
  StoredIndex& index = writer.indexes()[at];
  if (!index.state.ready) {
    uint64_t read = 0;
    {
      Query query(connection.statement(Sql::kRowsToCompare, id_));
      query.with(index.state.built_to, most);
      for (; query.step(); ++read) {
        if (read % static_cast<uint64_t>(Interruptible::kRows) == 0) interruptible.check();
        reading(name_,
                [&] { writer.take_in(at, query.integer(0), query.bytes(1), query.bytes(2)); });
        index.state.built_to = static_cast<uint64_t>(query.integer(0));
      }
    }
    writer.expect_change(at);
    index.state.ready = read < most;
    writer.finish();
  }
  return {signature, index.definition, index.state, rows};
}

void Collection::remove_index(const std::string& signature) {
  guarded([&] {
    database_->write([&](Connection& connection) {
      CollectionState state = read_state(connection);
      std::vector<StoredIndex> indexes = read_indexes(connection, id_);
      const StoredIndex* found = find_index(indexes, signature);
      if (found == nullptr)
        throw Error(Status::kNotFound, "the collection \"" + name_ +
                                           "\" has no index of that "
                                           "signature; its info lists them");
      drop_index(connection, found->id);
      --state.indexes;
      Log(connection, id_).replace(state);
    });
  });
}

}  // namespace cairn
