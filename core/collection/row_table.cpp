#include "core/collection/row_table.h"

#include <algorithm>

namespace cairn {
namespace {

// Beyond this a transaction's touched rows are not listed any more: readers reload.
constexpr size_t kMaxListed = 1u << 22;
constexpr size_t kMaxDeletedBytes = 16u << 20;

// A row's metadata after a mutation.
Bytes metadata_of(const Mutation& mutation, Bytes old) {
  if (mutation.metadata_op == fb::MetadataOp::Set) return mutation.metadata;
  return mutation.metadata_op == fb::MetadataOp::Remove ? Bytes{} : old;
}

}  // namespace

int64_t RowTable::apply(const Mutation& mutation) {
  flush();
  Query query(connection_.statement(Sql::kRowByKey, collection_));
  if (query.with(mutation.key).step()) {
    int64_t row = query.integer(0);
    new_in_a_row_ = 0;
    apply_to(row, query.bytes(2), query.bytes(3), mutation);
    return row;
  }
  if (mutation.op == fb::Op::Delete) {
    note_deleted(mutation.key, 0);
    return 0;
  }
  if (mutation.op == fb::Op::Touch) return 0;
  encoder_.insert(*mutation.patch);
  ++new_in_a_row_;
  return insert(mutation.key, metadata_of(mutation, {}));
}

bool RowTable::can_wait(const Mutation& mutation) const {
  // A host does not say whether a block of rows was new.
  return new_in_a_row_ >= NewRows::kBlock && mutation.op == fb::Op::Insert &&
         mutation.metadata_op != fb::MetadataOp::Remove && connection_.changes().has_value();
}

void RowTable::add(const Mutation& mutation) {
  if (can_wait(mutation)) {
    encoder_.insert(*mutation.patch);
    waiting_.add(mutation.key, encoder_.row(), metadata_of(mutation, {}));
    if (waiting_.full()) flush();
    return;
  }
  flush();
  if (const KeptRow* row = ahead_.find(mutation.key))
    return apply_to(row->number, as_bytes(row->value), as_bytes(row->metadata), mutation);
  int64_t row = apply(mutation);
  ahead_.went_to(new_in_a_row_ == 0 ? row : 0);
}

void RowTable::flush() {
  auto rows = waiting_.rows();
  if (rows.empty()) return;
  bool is_block = rows.size() == NewRows::kBlock;
  auto first = static_cast<int64_t>(state_.next_row);
  if (is_block) state_.next_row += NewRows::kBlock;
  bool all = is_block && waiting_.insert_block(connection_, collection_, first, version_);
  for (const NewRows::Row& row : rows) {
    int64_t number = is_block ? first++ : 0;
    if (all) {
      note_inserted(number, as_bytes(row.key), as_bytes(row.value));
    } else {
      settle(row, number);
    }
  }
  waiting_.clear();
}

// Puts a row that waited where it belongs, unless it was inserted with this number.
void RowTable::settle(const NewRows::Row& row, int64_t number) {
  Bytes key = as_bytes(row.key);
  encoder_.take(as_bytes(row.value));
  Query query(connection_.statement(Sql::kRowByKey, collection_));
  if (!query.with(key).step()) {
    insert(key, as_bytes(row.metadata));
  } else if (query.integer(0) == number) {
    note_inserted(number, key, as_bytes(row.value));
  } else {
    new_in_a_row_ = 0;
    ahead_.went_to(0);
    Bytes metadata = row.metadata.empty() ? query.bytes(3) : as_bytes(row.metadata);
    write(query.integer(0), key, query.bytes(2), query.bytes(3), metadata);
  }
}

// Inserts the row that was made.
int64_t RowTable::insert(Bytes key, Bytes metadata) {
  auto row = static_cast<int64_t>(state_.next_row++);
  Query(connection_.statement(Sql::kRowInsert, collection_))
      .with(row, key, version_, encoder_.row(), Nullable{metadata})
      .run();
  note_inserted(row, key, encoder_.row());
  return row;
}

void RowTable::note_inserted(int64_t row, Bytes key, Bytes value) {
  if (indexes_ != nullptr) indexes_->change(row, key, {}, value);
  ++state_.rows;
  ++result_.inserted;
  report(result_.inserted_keys, key);
  note_changed(row);
}

void RowTable::apply_at(int64_t row, const Mutation& mutation) {
  Query query(connection_.statement(Sql::kRowById, collection_));
  if (!query.with(row).step()) throw Error(Status::kCorrupt, "a row is not there any more");
  apply_to(row, query.bytes(2), query.bytes(3), mutation);
}

bool RowTable::keep(Bytes value, const Mutation& mutation) {
  bool replaces =
      mutation.op == fb::Op::Insert || (mutation.op == fb::Op::Update && options_.replace);
  if (!replaces || mutation.metadata_op != fb::MetadataOp::Keep ||
      !is_patch(value, *mutation.patch))
    return false;
  ++result_.unchanged;
  return true;
}

void RowTable::apply_to(int64_t row, Bytes value, Bytes metadata, const Mutation& mutation) {
  if (mutation.op == fb::Op::Delete) return remove(row, mutation.key);
  if (mutation.op == fb::Op::Touch) return update_metadata(row, metadata, mutation);
  if (keep(value, mutation)) return;
  if (mutation.op == fb::Op::Update && !options_.replace) {
    encoder_.merge(value, *mutation.patch);
  } else {
    encoder_.insert(*mutation.patch);
  }
  write(row, mutation.key, value, metadata, metadata_of(mutation, metadata));
}

// Puts the row that was made in the place of an old one, if it differs.
void RowTable::write(int64_t row, Bytes key, Bytes old, Bytes old_metadata, Bytes metadata) {
  if (encoder_.same_as(old) && same_bytes(old_metadata, metadata)) {
    ++result_.unchanged;
    return;
  }
  // The old row's bytes are SQLite's, which may move them when it writes.
  kept_metadata_.clear();
  kept_metadata_.put(metadata);
  if (indexes_ != nullptr) indexes_->change(row, key, old, encoder_.row());
  Query(connection_.statement(Sql::kRowUpdate, collection_))
      .with(row, version_, encoder_.row(), Nullable{kept_metadata_.bytes()})
      .run();
  ++result_.updated;
  report(result_.updated_keys, key);
  note_changed(row);
}

void RowTable::update_metadata(int64_t row, Bytes old, const Mutation& mutation) {
  if (mutation.metadata_op == fb::MetadataOp::Keep) return;
  Bytes metadata = metadata_of(mutation, old);
  if (same_bytes(old, metadata)) {
    ++result_.unchanged;
    return;
  }
  Query(connection_.statement(Sql::kRowUpdateMetadata, collection_))
      .with(row, version_, Nullable{metadata})
      .run();
  ++result_.updated;
  report(result_.updated_keys, mutation.key);
  note_changed(row);
}

void RowTable::remove(int64_t row, Bytes key) {
  note_deleted(key, row);
  if (indexes_ != nullptr) {
    Query query(connection_.statement(Sql::kRowById, collection_));
    if (query.with(row).step()) indexes_->change(row, key, query.bytes(2), {});
  }
  Query(connection_.statement(Sql::kRowDelete, collection_)).with(row).run();
  --state_.rows;
  ++result_.deleted;
  report(result_.deleted_keys, key);
}

void RowTable::truncate() {
  Query(connection_.statement(Sql::kRowsClear, collection_)).run();
  if (indexes_ != nullptr) indexes_->clear();
  result_.deleted += state_.rows;
  state_.rows = 0;
  give_up_listing();
  touched_ = true;
}

void RowTable::report(std::vector<std::string>& keys, Bytes key) const {
  if (options_.report_keys) keys.emplace_back(as_text(key));
}

void RowTable::note_changed(int64_t row) {
  touched_ = true;
  if (entry_.reload) return;
  entry_.changed.push_back(row);
  if (entry_.changed.size() > kMaxListed) give_up_listing();
}

void RowTable::note_deleted(Bytes key, int64_t row) {
  touched_ = true;
  if (entry_.reload) return;
  entry_.deleted.push_back({std::string(as_text(key)), row});
  deleted_bytes_ += key.size() + sizeof(LogEntry::Deleted);
  if (deleted_bytes_ > kMaxDeletedBytes) give_up_listing();
}

void RowTable::give_up_listing() {
  entry_.reload = true;
  entry_.changed = {};
  entry_.deleted = {};
}

LogEntry RowTable::take_entry() {
  auto& changed = entry_.changed;
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  if (changed.size() + entry_.deleted.size() > reload_limit(state_.rows)) give_up_listing();
  return std::move(entry_);
}

}  // namespace cairn
