#include "core/collection/index_table.h"

#include <algorithm>

#include "core/storage/format.h"

namespace cairn {
namespace {

constexpr uint8_t kIndexVersion = 1;
constexpr size_t kMostWaiting = 4u << 20;  // bytes of entries

template <typename Read>
auto read_part(const char* what, Read read) try {
  return read();
} catch (const Error& error) {
  if (!error.is_about_bytes() && error.status() != Status::kInvalidArgument) throw;
  throw Error(Status::kCorrupt, std::string("an index's ") + what + " is damaged: " + error.what());
}

}  // namespace

std::string IndexDefinition::written() const {
  ByteBuffer out;
  out.put(kIndexVersion);
  out.put_varint(expressions.size());
  for (const ExpressionPtr& expression : expressions)
    out.put_sized(as_bytes(expression->written()));
  out.put_sized(where == nullptr ? Bytes{} : as_bytes(where->written()));
  return std::string(as_text(out.bytes()));
}

IndexDefinitionPtr IndexDefinition::read(Bytes bytes) {
  return read_part("definition", [&] {
    auto definition = std::make_shared<IndexDefinition>();
    ByteReader reader(bytes);
    if (reader.byte() != kIndexVersion) malformed("unknown version");
    for (uint64_t left = reader.varint(); left > 0; --left)
      definition->expressions.push_back(Expression::read(reader.sized()));
    Bytes predicate = reader.sized();
    if (!predicate.empty()) definition->where = Expression::read(predicate);
    return definition;
  });
}

void IndexState::encode(ByteBuffer& out) const {
  out.put(kIndexVersion);
  for (uint64_t part : {uint64_t{ready}, built_to, rows, entries, loose, undetermined})
    out.put_varint(part);
  for (const ClassCounts& counts : classes)
    for (uint64_t count : counts) out.put_varint(count);
}

IndexState IndexState::decode(Bytes bytes, size_t expressions) {
  return read_part("state", [&] {
    IndexState state;
    ByteReader reader(bytes);
    if (reader.byte() != kIndexVersion) malformed("unknown version");
    state.ready = reader.varint() != 0;
    for (uint64_t* part :
         {&state.built_to, &state.rows, &state.entries, &state.loose, &state.undetermined})
      *part = reader.varint();
    state.classes.resize(expressions);
    for (ClassCounts& counts : state.classes)
      for (uint64_t& count : counts) count = reader.varint();
    return state;
  });
}

std::vector<StoredIndex> read_indexes(Connection& connection, int64_t collection) {
  std::vector<StoredIndex> indexes;
  if (!has_indexes(connection)) return indexes;
  Query query(connection.statement(Sql::kIndexList));
  query.with(collection);
  while (query.step()) {
    StoredIndex& index = indexes.emplace_back();
    index.id = query.integer(0);
    index.signature = as_text(query.bytes(1));
    index.definition = IndexDefinition::read(query.bytes(2));
    index.state = IndexState::decode(query.bytes(3), index.definition->expressions.size());
  }
  return indexes;
}

void drop_index(Connection& connection, int64_t index) {
  // Statements on the table would keep it from being dropped.
  connection.forget(index);
  Query(connection.statement(Sql::kIndexDelete)).with(index).run();
  for (size_t i = 0; kDropIndex[i] != nullptr; ++i)
    connection.execute(with_collection(kDropIndex[i], index));
}

IndexEntry::IndexEntry(const IndexDefinition& definition) {
  for (const ExpressionPtr& expression : definition.expressions)
    values_.emplace_back(expression, fields_, host_);
  if (definition.where != nullptr) where_.emplace(definition.where, fields_, host_);
  classes_.resize(values_.size());
}

void IndexEntry::set(Bytes key, Bytes row, ShapeReader& shapes) {
  try {
    fields_.set(row, shapes);
    undetermined_ = !evaluate(key);
  } catch (const ValueError&) {
    undetermined_ = true;
  } catch (const Error& error) {
    if (!error.is_about_bytes()) throw;
    throw Error(Status::kCorrupt, std::string("a stored row that is indexed is damaged (") +
                                      error.what() + "); remove the index, or run a check");
  }
  if (undetermined_) entry_.clear();
}

bool IndexEntry::evaluate(Bytes key) {
  entry_.clear();
  if (where_) {
    bool is_in = where_->evaluate().is_true();
    if (where_->pending()) return false;
    if (!is_in) return true;
  }
  for (size_t i = 0; i < values_.size(); ++i) {
    Operand value = values_[i].evaluate();
    if (values_[i].pending()) return false;
    classes_[i] = order_class(value);
    encode_order(value, entry_);
  }
  entry_.put(key);
  return true;
}

void IndexEntry::count(IndexState& state, bool adds) const {
  uint64_t one = adds ? 1 : UINT64_MAX;
  state.rows += one;
  if (is_loose()) state.loose += one;
  if (undetermined_) state.undetermined += one;
  if (entry_.empty()) return;
  state.entries += one;
  for (size_t i = 0; i < classes_.size(); ++i) state.classes[i][class_index(classes_[i])] += one;
}

IndexWriter::IndexWriter(Connection& connection, int64_t collection, ShapeReader& shapes)
    : connection_(connection), shapes_(shapes), indexes_(read_indexes(connection, collection)) {
  for (const StoredIndex& index : indexes_)
    pairs_.push_back({std::make_unique<IndexEntry>(*index.definition),
                      std::make_unique<IndexEntry>(*index.definition)});
}

// All entries are made before any is written, since `before` may be SQLite's memory.
void IndexWriter::change(int64_t row, Bytes key, Bytes before, Bytes after) {
  for (size_t i = 0; i < indexes_.size(); ++i) {
    if (!indexes_[i].takes(row)) continue;
    if (!before.empty()) pairs_[i].before->set(key, before, shapes_);
    if (!after.empty()) pairs_[i].after->set(key, after, shapes_);
  }
  for (size_t i = 0; i < indexes_.size(); ++i) {
    StoredIndex& index = indexes_[i];
    if (!index.takes(row)) continue;
    Pair& pair = pairs_[i];
    pair.changed = true;
    if (!before.empty()) pair.before->count(index.state, false);
    if (!after.empty()) pair.after->count(index.state, true);
    Bytes old_entry = before.empty() ? Bytes{} : pair.before->bytes();
    Bytes new_entry = after.empty() ? Bytes{} : pair.after->bytes();
    if (same_bytes(old_entry, new_entry)) continue;
    if (!old_entry.empty()) wait(i, old_entry, 0);
    if (!new_entry.empty()) wait(i, new_entry, row);
  }
}

void IndexWriter::wait(size_t index, Bytes entry, int64_t row) {
  Pair& pair = pairs_[index];
  pair.waiting.push_back({pair.bytes.size(), entry.size(), row});
  pair.bytes.put(entry);
  if (pair.bytes.size() > kMostWaiting) write_waiting(index);
}

void IndexWriter::write_waiting(size_t index) {
  Pair& pair = pairs_[index];
  int64_t id = indexes_[index].id;
  auto entry_of = [&](const Waiting& one) {
    return std::string_view(reinterpret_cast<const char*>(pair.bytes.data()) + one.start, one.size);
  };
  std::stable_sort(pair.waiting.begin(), pair.waiting.end(),
                   [&](const Waiting& a, const Waiting& b) { return entry_of(a) < entry_of(b); });
  for (size_t i = 0; i < pair.waiting.size(); ++i) {
    const Waiting& one = pair.waiting[i];
    std::string_view entry = entry_of(one);
    if (i + 1 < pair.waiting.size() && entry_of(pair.waiting[i + 1]) == entry) continue;
    if (one.row == 0) {
      Query(connection_.statement(Sql::kEntryDelete, id)).with(entry).run();
    } else {
      Query(connection_.statement(Sql::kEntryInsert, id)).with(entry, one.row).run();
    }
  }
  pair.waiting.clear();
  pair.bytes.clear();
}

void IndexWriter::take_in(size_t index, int64_t row, Bytes key, Bytes value) {
  IndexEntry& entry = *pairs_[index].after;
  entry.set(key, value, shapes_);
  entry.count(indexes_[index].state, true);
  pairs_[index].changed = true;
  if (!entry.bytes().empty()) wait(index, entry.bytes(), row);
}

void IndexWriter::clear() {
  for (size_t i = 0; i < indexes_.size(); ++i) {
    StoredIndex& index = indexes_[i];
    Query(connection_.statement(Sql::kEntriesClear, index.id)).run();
    pairs_[i].waiting.clear();
    pairs_[i].bytes.clear();
    IndexState empty;
    empty.ready = index.state.ready;
    empty.built_to = index.state.built_to;
    empty.classes.resize(index.state.classes.size());
    index.state = std::move(empty);
    pairs_[i].changed = true;
  }
}

void IndexWriter::finish() {
  for (size_t i = 0; i < indexes_.size(); ++i) {
    if (!pairs_[i].changed) continue;
    write_waiting(i);
    ByteBuffer state;
    indexes_[i].state.encode(state);
    Query(connection_.statement(Sql::kIndexState)).with(indexes_[i].id, state).run();
    pairs_[i].changed = false;
  }
}

}  // namespace cairn
