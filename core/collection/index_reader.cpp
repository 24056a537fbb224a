#include "core/collection/index_reader.h"

#include <algorithm>

namespace cairn {
namespace {

// Where entries do not stream, so many are read by one statement.
constexpr int64_t kFirstChunk = 64;
constexpr int64_t kMostChunk = 4096;
// So many entries with the same values are turned round; of more, the first is looked for.
constexpr size_t kMostTurned = 64;

// Above all entries.
constexpr std::string_view kAboveAll = "\xff";

std::string_view end_of(const KeyRange& range) { return range.to.empty() ? kAboveAll : range.to; }

bool visit_backwards(const std::vector<int64_t>& rows, const IndexReader::Visitor& visitor) {
  return std::all_of(rows.rbegin(), rows.rend(), visitor);
}

}  // namespace

// How many entries a statement is to give, when the one before was to give `last`.
int64_t IndexReader::chunk_after(int64_t last) const {
  if (connection_.streams()) return connection_.chunk_rows();
  return last == 0 ? kFirstChunk : std::min(last * 4, kMostChunk);
}

uint64_t IndexReader::count(const std::vector<KeyRange>& ranges, uint64_t most) {
  uint64_t count = 0;
  for (const KeyRange& range : ranges) {
    Query query(connection_.statement(Sql::kEntriesCount, index_));
    query.with(range.from, end_of(range), most - count);
    if (query.step()) count += static_cast<uint64_t>(query.integer(0));
    if (count >= most) return most;
  }
  return count;
}

void IndexReader::visit(const std::vector<KeyRange>& ranges, const Visitor& visitor) {
  for (const KeyRange& range : ranges)
    if (!visit_range(range, visitor)) return;
}

bool IndexReader::visit_range(const KeyRange& range, const Visitor& visitor) {
  std::string from = range.from;
  for (int64_t chunk = chunk_after(0);; chunk = chunk_after(chunk)) {
    Query query(connection_.statement(Sql::kEntriesFrom, index_));
    query.with(from, end_of(range), chunk);
    int64_t read = 0;
    std::string last;
    for (; query.step(); ++read) {
      ++entries_read_;
      if (read + 1 == chunk) last = as_text(query.bytes(0));
      if (!visitor(query.integer(1))) return false;
    }
    if (read < chunk) return true;
    from = last + '\0';
  }
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
    std::vector<int64_t> same;  // the rows with these values
    int64_t read = 0;
    {
      Query query(connection_.statement(Sql::kEntriesBefore, index_));
      query.with(range.from, to, chunk);
      for (; same.size() < kMostTurned && query.step(); ++read) {
        ++entries_read_;
        std::string_view entry = as_text(query.bytes(0));
        entry = entry.substr(0, encoded_values_size(entry, values_));
        if (entry != values) {
          if (!visit_backwards(same, visitor)) return false;
          same.clear();
          values = entry;
        }
        same.push_back(query.integer(1));
      }
    }
    if (read < chunk && same.size() < kMostTurned) return visit_backwards(same, visitor);
    to = std::move(values);
    if (!visit_range({std::max(range.from, to), after_prefix(to)}, visitor)) return false;
  }
}

}  // namespace cairn
