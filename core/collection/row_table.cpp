#include "core/collection/row_table.h"

#include <algorithm>

namespace cairn {
namespace {

// Beyond this a transaction's touched rows are not listed any more: readers reload.
constexpr size_t kMaxListed = 1u << 22;
constexpr size_t kMaxDeletedBytes = 16u << 20;

}  // namespace

int64_t RowTable::apply(const Mutation& mutation) {
  if (expects_new_ && mutation.op == fb::Op::Insert && insert(mutation, Sql::kRowInsertIfNew))
    return state_.next_row - 1;
  Query query(connection_.statement(Sql::kRowByKey, collection_));
  if (query.with(mutation.key).step()) {
    int64_t row = query.integer(0);
    expects_new_ = false;
    apply_to(row, query.bytes(2), query.bytes(3), mutation);
    return row;
  }
  if (mutation.op == fb::Op::Delete) {
    note_deleted(mutation.key, 0);
    return 0;
  }
  if (mutation.op == fb::Op::Touch) return 0;
  insert(mutation, Sql::kRowInsert);
  expects_new_ = connection_.changes().has_value();
  return state_.next_row - 1;
}

// False where there is a row with that key already.
bool RowTable::insert(const Mutation& mutation, Sql statement) {
  encoder_.insert(*mutation.patch);
  auto row = static_cast<int64_t>(state_.next_row);
  bool has_metadata = mutation.metadata_op == fb::MetadataOp::Set;
  Query(connection_.statement(statement, collection_))
      .with(row, mutation.key, version_, encoder_.row(),
            Nullable{has_metadata ? mutation.metadata : Bytes{}})
      .run();
  if (connection_.changes() == 0) return false;
  if (indexes_ != nullptr) indexes_->change(row, mutation.key, {}, encoder_.row());
  ++state_.next_row;
  ++state_.rows;
  ++result_.inserted;
  report(result_.inserted_keys, mutation.key);
  note_changed(row);
  return true;
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
  Bytes new_metadata = mutation.metadata_op == fb::MetadataOp::Set      ? mutation.metadata
                       : mutation.metadata_op == fb::MetadataOp::Remove ? Bytes{}
                                                                        : metadata;
  if (encoder_.same_as(value) && same_bytes(metadata, new_metadata)) {
    ++result_.unchanged;
    return;
  }
  // The old row's bytes are SQLite's, which may move them when it writes.
  kept_metadata_.clear();
  kept_metadata_.put(new_metadata);
  if (indexes_ != nullptr) indexes_->change(row, mutation.key, value, encoder_.row());
  Query(connection_.statement(Sql::kRowUpdate, collection_))
      .with(row, version_, encoder_.row(), Nullable{kept_metadata_.bytes()})
      .run();
  ++result_.updated;
  report(result_.updated_keys, mutation.key);
  note_changed(row);
}

void RowTable::update_metadata(int64_t row, Bytes old, const Mutation& mutation) {
  if (mutation.metadata_op == fb::MetadataOp::Keep) return;
  Bytes metadata = mutation.metadata_op == fb::MetadataOp::Set ? mutation.metadata : Bytes{};
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
