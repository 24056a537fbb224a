#include "core/collection/candidates.h"

#include <algorithm>

namespace cairn {

CandidateRow::CandidateRow(const KeptRow& row)
    : number_(row.number), value_(as_bytes(row.value)), kept_(&row) {}

CandidateRow CandidateRow::of(Query& rows) {
  static constexpr Columns kColumns = {1, 2, 4};
  return {rows.integer(0), rows.bytes(3), rows, kColumns};
}

Bytes CandidateRow::key() const {
  return kept_ != nullptr ? as_bytes(kept_->key) : query_->bytes(columns_->key);
}

uint64_t CandidateRow::version() const {
  if (kept_ != nullptr) return kept_->version;
  return columns_->version < 0 ? 0 : static_cast<uint64_t>(query_->integer(columns_->version));
}

Bytes CandidateRow::metadata() const {
  if (kept_ != nullptr) return as_bytes(kept_->metadata);
  return columns_->metadata < 0 ? Bytes{} : query_->bytes(columns_->metadata);
}

KeptRow::KeptRow(const CandidateRow& row)
    : number(row.number()),
      version(row.version()),
      key(as_text(row.key())),
      value(as_text(row.value())),
      metadata(as_text(row.metadata())) {}

void throw_missing_row() {
  throw Error(Status::kCorrupt, "an index or the log names a row that is not there; run a check");
}

Candidates Candidates::all(int64_t collection, bool values_only, uint64_t most) {
  Candidates result(Kind::kAll, collection);
  result.values_only_ = values_only;
  // A host's integers have 53 bits.
  if (most < 1ull << 52) result.most_ = std::max<int64_t>(static_cast<int64_t>(most), 1);
  return result;
}

Candidates Candidates::numbered(int64_t collection, std::vector<int64_t> numbers,
                                std::vector<KeptRow> kept) {
  Candidates result(Kind::kNumbered, collection);
  result.numbers_ = std::move(numbers);
  result.kept_ = std::move(kept);
  return result;
}

Candidates Candidates::keyed(int64_t collection, const std::vector<std::string>& keys) {
  Candidates result(Kind::kKeyed, collection);
  result.keys_ = &keys;
  return result;
}

bool Candidates::visit(Connection& connection, const Interruptible& interruptible,
                       const Visitor& visitor) {
  if (kind_ == Kind::kAll) return visit_all(connection, interruptible, visitor);
  size_t count = kind_ == Kind::kNumbered ? numbers_.size() : keys_->size();
  for (; at_ < count; ++at_) {
    interruptible.check();
    Visit next = visit_one(connection, visitor);
    if (next == Visit::kStopHere) return true;
    if (next == Visit::kGoOn) continue;
    ++at_;
    return true;
  }
  return false;
}

// The row of a number or a key; a key may have none.
Candidates::Visit Candidates::visit_one(Connection& connection, const Visitor& visitor) {
  bool numbered = kind_ == Kind::kNumbered;
  if (numbered)
    if (const KeptRow* kept = find_kept(numbers_[at_])) return visitor(CandidateRow(*kept));
  Query query(connection.statement(numbered ? Sql::kRowById : Sql::kRowByKey, collection_));
  bool found = numbered ? query.with(numbers_[at_]).step() : query.with((*keys_)[at_]).step();
  if (!found && numbered) throw_missing_row();
  if (!found) return Visit::kGoOn;
  ++rows_read_;
  static constexpr CandidateRow::Columns kById = {0, 1, 3}, kByKey = {4, 1, 3};
  return visitor(CandidateRow(numbered ? numbers_[at_] : query.integer(0), query.bytes(2), query,
                              numbered ? kById : kByKey));
}

// Null where the row was not kept, nor any behind it.
const KeptRow* Candidates::find_kept(int64_t number) {
  while (kept_at_ < kept_.size() && kept_[kept_at_].number != number) ++kept_at_;
  return kept_at_ < kept_.size() ? &kept_[kept_at_] : nullptr;
}

bool Candidates::visit_all(Connection& connection, const Interruptible& interruptible,
                           const Visitor& visitor) {
  while (true) {
    int end = visit_chunk(connection, interruptible, visitor);
    if (end != 0) return end > 0;
  }
}

int Candidates::visit_chunk(Connection& connection, const Interruptible& interruptible,
                            const Visitor& visitor) {
  // Where rows stream, reading simply stops: SQLite need not count them as well.
  bool short_form = values_only_ && connection.streams();
  int64_t chunk = std::min(connection.chunk_rows(), most_);
  Query query(connection.statement(short_form ? Sql::kRowValuesFrom : Sql::kRowsFrom, collection_));
  short_form ? query.with(after_) : query.with(after_, chunk, 0);
  for (int64_t rows = 1; query.step(); ++rows) {
    if (rows % Interruptible::kRows == 0) interruptible.check();
    ++rows_read_;
    static constexpr CandidateRow::Columns kValues = {1, -1, -1};
    CandidateRow row = short_form ? CandidateRow(query.integer(0), query.bytes(2), query, kValues)
                                  : CandidateRow::of(query);
    Visit next = visitor(row);
    if (next == Visit::kStopHere) return 1;
    after_ = row.number();
    if (next == Visit::kStop) return 1;
    if (rows == chunk) return 0;
  }
  return -1;
}

}  // namespace cairn
