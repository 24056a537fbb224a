#include "core/collection/new_rows.h"

namespace cairn {

void NewRows::add(Bytes key, Bytes value, Bytes metadata) {
  if (size_ == rows_.size()) rows_.emplace_back();
  Row& row = rows_[size_++];
  row.key = as_text(key);
  row.value = as_text(value);
  row.metadata = as_text(metadata);
  bytes_ += key.size() + value.size() + metadata.size();
}

void NewRows::clear() {
  // A few large rows should not stay for all of a transaction.
  if (bytes_ > kMostBytes) rows_ = {};
  size_ = 0;
  bytes_ = 0;
}

bool NewRows::insert_block(Connection& connection, int64_t collection, int64_t first,
                           uint64_t version) {
  Query query(connection.statement(Sql::kRowsInsert, collection));
  query.with(version);
  for (const Row& row : rows())
    query.with(first++, row.key, row.value, Nullable{as_bytes(row.metadata)});
  query.run();
  return connection.changes() == static_cast<int64_t>(kBlock);
}

}  // namespace cairn
