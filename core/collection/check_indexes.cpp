#include "core/collection/check_indexes.h"

namespace cairn {

IndexChecker::IndexChecker(Connection& connection, int64_t collection, ShapeReader& shapes,
                           Found found)
    : connection_(connection), shapes_(shapes), found_(std::move(found)) {
  for (StoredIndex& index : read_indexes(connection, collection)) {
    auto entry = std::make_unique<IndexEntry>(*index.definition);
    IndexState counted;
    counted.classes.resize(index.state.classes.size());
    all_.push_back({std::move(index), std::move(entry), std::move(counted)});
  }
}

void IndexChecker::check_row(int64_t row, Bytes key, Bytes value) {
  for (One& one : all_) {
    if (!one.index.takes(row)) continue;
    one.entry->set(key, value, shapes_);
    one.entry->count(one.counted, true);
    if (!one.entry->bytes().empty() && !has_entry(one, row))
      found_(std::string(as_text(key)), "the row is not in the index \"" + one.index.signature +
                                            "\"; remove the index and make it again");
  }
}

bool IndexChecker::has_entry(const One& one, int64_t row) {
  Bytes entry = one.entry->bytes();
  std::string after = std::string(as_text(entry)) + '\0';
  Query query(connection_.statement(Sql::kEntriesFrom, one.index.id));
  return query.with(entry, after, 1).step() && query.integer(1) == row;
}

void IndexChecker::finish() {
  for (const One& one : all_) {
    // A host's integers have 53 bits.
    constexpr int64_t kAll = int64_t{1} << 52;
    uint64_t entries = 0;
    {
      Query query(connection_.statement(Sql::kEntriesCount, one.index.id));
      if (query.with(Bytes{}, std::string_view("\xff"), kAll).step())
        entries = static_cast<uint64_t>(query.integer(0));
    }
    const IndexState& state = one.index.state;
    bool counts = entries == one.counted.entries && state.entries == entries &&
                  state.rows == one.counted.rows && state.loose == one.counted.loose &&
                  state.undetermined == one.counted.undetermined &&
                  state.classes == one.counted.classes;
    if (!counts)
      found_({}, "the index \"" + one.index.signature + "\" has " + std::to_string(entries) +
                     " entries, or counts, that its rows do not have; remove the index and make "
                     "it again");
  }
}

}  // namespace cairn
