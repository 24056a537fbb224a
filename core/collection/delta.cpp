#include "core/collection/delta.h"

#include <algorithm>
#include <map>
#include <set>

namespace cairn {
namespace {

// Why the log cannot say what changed, empty where it can.
std::string reason_to_reload(const CollectionState& state, const DeltaRequest& request) {
  if (request.reset_epoch != state.reset_epoch) return "the collection was reset";
  if (request.since > state.row_version) return "the row version is newer than the collection's";
  if (request.since < state.horizon)
    return "the log does not reach back to row version " + std::to_string(request.since) +
           " (it was pruned, or a truncate or a very large transaction lies between)";
  return {};
}

// The union of what the log's entries touched.
struct Touched {
  std::vector<int64_t> changed;
  std::map<int64_t, std::string> gone;  // the keys they had
  std::set<std::string> deleted;
  std::set<std::string> metadata;

  void add(const LogEntry& entry) {
    changed.insert(changed.end(), entry.changed.begin(), entry.changed.end());
    for (const LogEntry::Deleted& row : entry.deleted) {
      if (row.row != 0) gone.emplace(row.row, row.key);
      deleted.insert(row.key);
    }
    metadata.insert(entry.metadata.begin(), entry.metadata.end());
  }

  // The rows that changed and are still there, each once.
  std::vector<int64_t>& rows() {
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    std::erase_if(changed, [&](int64_t row) { return gone.count(row) != 0; });
    return changed;
  }
};

std::vector<MetadataEntry> current_metadata(Connection& connection, int64_t collection,
                                            const std::set<std::string>& keys) {
  std::vector<MetadataEntry> entries;
  for (const std::string& key : keys) {
    Query query(connection.statement(Sql::kMetadataRead));
    entries.push_back({key, std::nullopt});
    if (query.with(collection, key).step())
      entries.back().value = std::string(as_text(query.bytes(0)));
  }
  return entries;
}

bool has_row(Connection& connection, int64_t collection, const std::string& key) {
  Query query(connection.statement(Sql::kRowExists, collection));
  return query.with(key).step();
}

}  // namespace

Delta collect_delta(Connection& connection, int64_t collection, const CollectionState& state,
                    const DeltaRequest& request, CursorHead& head) {
  Delta delta;
  head.reload_reason = reason_to_reload(state, request);
  Touched touched;
  uint64_t limit = reload_limit(state.rows);
  if (head.reload_reason.empty()) {
    Query query(connection.statement(Sql::kLogSince, collection));
    query.with(request.since);
    while (query.step()) {
      LogEntry entry = decode_entry(query.bytes(1));
      touched.add(entry);
      if (!entry.id.empty()) head.transaction_ids.push_back(std::move(entry.id));
      // Rows are listed again and again; their number counts once.
      if (touched.changed.size() > 4 * limit && touched.rows().size() > limit) break;
    }
    delta.rows = std::move(touched.rows());
    if (delta.rows.size() + touched.deleted.size() > limit)
      head.reload_reason = "more than " + std::to_string(limit) + " keys changed";
  }
  head.reload = !head.reload_reason.empty();
  if (head.reload) {
    head.transaction_ids.clear();
    return {};
  }
  for (const std::string& key : touched.deleted)
    if (!has_row(connection, collection, key)) delta.deleted.push_back(key);
  for (auto& [row, key] : touched.gone) delta.gone.push_back({std::move(key), row});
  head.changed = delta.rows.size();
  head.deleted = delta.deleted.size();
  head.metadata = current_metadata(connection, collection, touched.metadata);
  return delta;
}

}  // namespace cairn
