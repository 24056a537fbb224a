#include "core/collection/index_reader.h"

#include <algorithm>

namespace cairn {
namespace {

// Where entries do not stream, so many are read by one statement.
constexpr int64_t kFirstChunk = 64;
// Of entries with the same values so many rows are turned round, if they are no larger than this;
// of more, the first is looked for.
constexpr size_t kMostTurned = 64;
constexpr size_t kMostTurnedBytes = 256u << 10;

// Above all entries.
constexpr std::string_view kAboveAll = "\xff";

std::string_view end_of(const KeyRange& range) { return range.to.empty() ? kAboveAll : range.to; }

// The row that a statement for indexed rows has come to.
CandidateRow row_at(Query& query) {
  static constexpr CandidateRow::Columns kColumns = {2, 3, 5};
  CandidateRow row(query.integer(1), query.bytes(4), query, kColumns);
  if (row.key().empty()) throw_missing_row();
  return row;
}

// Rows with the same values, which come from their end.
class Turned {
 public:
  void add(const CandidateRow& row) {
    rows_.emplace_back(row);
    bytes_ += rows_.back().bytes();
  }
  bool full() const { return rows_.size() == kMostTurned || bytes_ > kMostTurnedBytes; }
  // Visits them from their start.
  bool visit(const IndexReader::Visitor& visitor) const {
    return std::all_of(rows_.rbegin(), rows_.rend(),
                       [&](const KeptRow& row) { return visitor(CandidateRow(row)); });
  }
  void clear() {
    rows_.clear();
    bytes_ = 0;
  }

 private:
  std::vector<KeptRow> rows_;
  size_t bytes_ = 0;
};

}  // namespace

// How many entries a statement is to give, when the one before was to give `last`.
int64_t IndexReader::chunk_after(int64_t last) const {
  if (connection_.streams()) return connection_.chunk_rows();
  return last == 0 ? kFirstChunk : std::min(last * 4, connection_.chunk_rows());
}

uint64_t IndexReader::count(const std::vector<KeyRange>& ranges, uint64_t most) {
  uint64_t count = 0;
  for (const KeyRange& range : ranges) {
    Query counting = query(Sql::kEntriesCount);
    counting.with(range.from, end_of(range), most - count);
    if (counting.step()) count += static_cast<uint64_t>(counting.integer(0));
    if (count >= most) return most;
  }
  return count;
}

template <typename Take>
bool IndexReader::read_range(Sql sql, const KeyRange& range, Take take) {
  std::string from = range.from;
  for (int64_t chunk = chunk_after(0);; chunk = chunk_after(chunk)) {
    Query entries = query(sql);
    entries.with(from, end_of(range), chunk);
    int64_t read = 0;
    std::string last;
    for (; entries.step(); ++read) {
      ++entries_read_;
      if (read + 1 == chunk) last = as_text(entries.bytes(0));
      if (!take(entries)) return false;
    }
    if (read < chunk) return true;
    from = last + '\0';
  }
}

std::vector<int64_t> IndexReader::numbers(const std::vector<KeyRange>& ranges) {
  std::vector<int64_t> numbers;
  for (const KeyRange& range : ranges)
    read_range(Sql::kEntriesFrom, range, [&](Query& entries) {
      numbers.push_back(entries.integer(1));
      return true;
    });
  return numbers;
}

bool IndexReader::visit_range(const KeyRange& range, const Visitor& visitor) {
  return read_range(Sql::kIndexedRowsFrom, range,
                    [&](Query& entries) { return visitor(row_at(entries)); });
}

void IndexReader::visit(const std::vector<KeyRange>& ranges, const Visitor& visitor) {
  for (const KeyRange& range : ranges)
    if (!visit_range(range, visitor)) return;
}

void IndexReader::visit_descending(const std::vector<KeyRange>& ranges, const Visitor& visitor) {
  for (const KeyRange& range : ranges)
    if (!visit_descending(range, visitor)) return;
}

// Entries are read backwards; those of each value are turned again. The value at which a statement
// ends may have more entries before it, so that it is read forwards from its start.
bool IndexReader::visit_descending(const KeyRange& range, const Visitor& visitor) {
  std::string to(end_of(range));
  for (int64_t chunk = chunk_after(0);; chunk = chunk_after(chunk)) {
    std::string values;
    Turned same;  // the rows with these values
    int64_t read = 0;
    {
      Query entries = query(Sql::kIndexedRowsBefore);
      entries.with(range.from, to, chunk);
      for (; !same.full() && entries.step(); ++read) {
        ++entries_read_;
        std::string_view entry = as_text(entries.bytes(0));
        entry = entry.substr(0, encoded_values_size(entry, values_));
        if (entry != values) {
          if (!same.visit(visitor)) return false;
          same.clear();
          values = entry;
        }
        same.add(row_at(entries));
      }
    }
    if (read < chunk && !same.full()) return same.visit(visitor);
    to = std::move(values);
    if (!visit_range({std::max(range.from, to), after_prefix(to)}, visitor)) return false;
  }
}

}  // namespace cairn
