#include "core/collection/reconcile.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr int64_t kDeleteChunk = 1024;

}  // namespace

void Reconciler::add(const Mutation& mutation) {
  if (mutation.op != fb::Op::Insert)
    throw Error(Status::kInvalidArgument,
                "a snapshot consists of inserts: it lists the rows that there are to be");
  if (!reads_along() || !next_is(mutation.key)) return find(mutation);
  seen_.add(after_);
  if (!table_.keep(reading_->bytes(2), mutation)) table_.apply_at(after_, mutation);
  at_row_ = false;
  misses_ = 0;
}

// Whether the next stored row that was not compared yet has this key.
bool Reconciler::next_is(Bytes key) {
  while (!at_row_) {
    if (!advance()) {
      misses_ = kMaxMisses;
      return false;
    }
    at_row_ = !seen_.has(after_);
  }
  if (same_bytes(reading_->bytes(1), key)) return true;
  ++misses_;
  return false;
}

bool Reconciler::advance() {
  while (true) {
    if (reading_ == nullptr) {
      // Where rows stream, SQLite need not count them.
      bool streams = connection_.streams();
      Sql sql = streams ? Sql::kRowValuesFrom : Sql::kRowsToCompare;
      reading_ = &connection_.statement(sql, collection_);
      left_in_chunk_ = connection_.chunk_rows();
      reading_->bind(1, after_);
      if (!streams) reading_->bind(2, left_in_chunk_);
    }
    if (reading_->step()) {
      --left_in_chunk_;
      after_ = reading_->integer(0);
      return after_ < end_;
    }
    bool more = left_in_chunk_ == 0;
    stop_reading();
    if (!more) return false;
  }
}

void Reconciler::stop_reading() {
  if (reading_ != nullptr) reading_->reset();
  reading_ = nullptr;
  at_row_ = false;
}

// Finds a row by its key, and notices where the snapshot goes on in the stored order.
void Reconciler::find(const Mutation& mutation) {
  int64_t row = table_.apply(mutation);
  if (row >= end_) return;
  seen_.add(row);
  bool follows = row == last_found_ + 1;
  last_found_ = row;
  bool behind = reads_along() && at_row_ && row > after_;
  if (!behind && (reads_along() || !follows)) return;
  stop_reading();
  after_ = row;
  misses_ = follows ? 0 : misses_;
}

void Reconciler::finish(const Interruptible& interruptible) {
  stop_reading();
  if (seen_.size() == rows_) return;
  int64_t after = 0;
  while (delete_unseen(after)) interruptible.check();
}

// Deletes those of the next rows that the snapshot lacks; false after the last.
bool Reconciler::delete_unseen(int64_t& after) {
  std::vector<std::pair<int64_t, std::string>> unseen;
  int64_t read = 0;
  {
    Query query(connection_.statement(Sql::kRowIdsFrom, collection_));
    query.with(after, end_, kDeleteChunk);
    for (; query.step(); ++read) {
      after = query.integer(0);
      if (!seen_.has(after)) unseen.emplace_back(after, as_text(query.bytes(1)));
    }
  }
  for (const auto& [row, key] : unseen) table_.remove(row, as_bytes(key));
  return read == kDeleteChunk;
}

}  // namespace cairn
