#include "core/collection/index_reader.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr int64_t kFirstChunk = 64;
constexpr int64_t kMostChunk = 4096;

// Above all entries.
constexpr std::string_view kAboveAll = "\xff";

std::string_view end_of(const KeyRange& range) { return range.to.empty() ? kAboveAll : range.to; }

struct FoundEntry {
  std::string values;
  int64_t row;
};

}  // namespace

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
  for (int64_t chunk = kFirstChunk;; chunk = std::min(chunk * 4, kMostChunk)) {
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

// Entries are read backwards; those of each value are turned again. The last value of a chunk may
// have more entries before it, so that it is read forwards from its start.
bool IndexReader::visit_descending(const KeyRange& range, const Visitor& visitor) {
  std::string to(end_of(range));
  for (int64_t chunk = kFirstChunk;; chunk = std::min(chunk * 4, kMostChunk)) {
    std::vector<FoundEntry> entries;
    {
      Query query(connection_.statement(Sql::kEntriesBefore, index_));
      query.with(range.from, to, chunk);
      while (query.step()) {
        std::string_view entry = as_text(query.bytes(0));
        entries.push_back(
            {std::string(entry.substr(0, encoded_values_size(entry, values_))), query.integer(1)});
      }
    }
    entries_read_ += entries.size();
    bool more = entries.size() == static_cast<size_t>(chunk);
    for (size_t start = 0; start < entries.size();) {
      size_t end = start;
      while (end < entries.size() && entries[end].values == entries[start].values) ++end;
      if (end == entries.size() && more) {
        to = entries[start].values;
        if (!visit_range({std::max(range.from, to), after_prefix(to)}, visitor)) return false;
        break;
      }
      for (size_t i = end; i-- > start;)
        if (!visitor(entries[i].row)) return false;
      start = end;
    }
    if (!more) return true;
  }
}

}  // namespace cairn
