#include "core/collection/row_sources.h"

namespace cairn {

bool ScanSource::fill(Connection& connection, BatchBuilder& builder,
                      const Interruptible& interruptible) {
  while (limit_ > 0 && fill_chunk(connection, builder, interruptible))
    if (builder.full()) return true;
  return false;
}

// Reads what one statement gives; false after the last row.
bool ScanSource::fill_chunk(Connection& connection, BatchBuilder& builder,
                            const Interruptible& interruptible) {
  auto chunk = static_cast<int64_t>(
      std::min<uint64_t>(limit_, static_cast<uint64_t>(connection.chunk_rows())));
  // Where rows stream, reading simply stops at the limit: SQLite need not count them as well.
  bool values_only = values_only_ && offset_ == 0 && connection.streams();
  Sql sql = values_only ? Sql::kRowValuesFrom : Sql::kRowsFrom;
  Query query(connection.statement(sql, collection_));
  values_only ? query.with(after_) : query.with(after_, chunk, offset_);
  for (int64_t rows = 1; query.step(); ++rows) {
    if (rows % Interruptible::kRows == 0) interruptible.check();
    if (values_only) {
      builder.add_row(query.bytes(1), query.bytes(2), 0, {});
    } else {
      builder.add_row(query.bytes(1), query.bytes(3), static_cast<uint64_t>(query.integer(2)),
                      query.bytes(4));
    }
    if (!builder.full() && rows != chunk) continue;
    after_ = query.integer(0);
    limit_ -= static_cast<uint64_t>(rows);
    offset_ = 0;
    return true;
  }
  return false;
}

bool KeysSource::fill(Connection& connection, BatchBuilder& builder,
                      const Interruptible& interruptible) {
  for (; at_ < keys_.size() && limit_ > 0; ++at_) {
    if (builder.full()) return true;
    interruptible.check();
    Query query(connection.statement(Sql::kRowByKey, collection_));
    if (!query.with(keys_[at_]).step()) continue;
    if (offset_ > 0) {
      --offset_;
      continue;
    }
    --limit_;
    builder.add_row(as_bytes(keys_[at_]), query.bytes(2), static_cast<uint64_t>(query.integer(1)),
                    query.bytes(3));
  }
  return false;
}

bool DeltaSource::fill(Connection& connection, BatchBuilder& builder,
                       const Interruptible& interruptible) {
  for (; at_ < rows_.size() + deleted_.size(); ++at_) {
    if (builder.full()) return true;
    interruptible.check();
    if (at_ >= rows_.size()) {
      builder.add_deleted(as_bytes(deleted_[at_ - rows_.size()]), 0);
      continue;
    }
    Query query(connection.statement(Sql::kRowById, collection_));
    if (!query.with(rows_[at_]).step())
      throw Error(Status::kCorrupt, "the log names a row that is not there; run a check");
    builder.add_row(query.bytes(0), query.bytes(2), static_cast<uint64_t>(query.integer(1)),
                    query.bytes(3));
  }
  return false;
}

}  // namespace cairn
