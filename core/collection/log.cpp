#include "core/collection/log.h"

#include <algorithm>
#include <map>

namespace cairn {
namespace {

constexpr uint8_t kEntryVersion = 1;
constexpr uint8_t kStateVersion = 2;  // 1 has no number of indexes

template <typename Read>
auto decoded(const char* what, Read read) try {
  return read();
} catch (const Error& error) {
  throw Error(Status::kCorrupt, std::string("the log's ") + what + " is damaged: " + error.what());
}

std::string read_text(ByteReader& reader) { return std::string(as_text(reader.sized())); }

}  // namespace

void encode_state(const CollectionState& state, ByteBuffer& out) {
  out.put(kStateVersion);
  for (uint64_t part : {state.rows, state.next_row, state.term, state.seq, state.schema_version,
                        uint64_t{state.local}, state.reset_epoch, state.horizon, state.log_rows,
                        static_cast<uint64_t>(state.oldest_ms), state.own_term, state.own_seq,
                        static_cast<uint64_t>(state.time_ms), state.indexes})
    out.put_varint(part);
}

CollectionState decode_state(uint64_t row_version, Bytes bytes) {
  return decoded("state", [&] {
    ByteReader reader(bytes);
    uint8_t version = reader.byte();
    if (version == 0 || version > kStateVersion) malformed("unknown version");
    CollectionState state;
    state.row_version = row_version;
    for (uint64_t* part :
         {&state.rows, &state.next_row, &state.term, &state.seq, &state.schema_version})
      *part = reader.varint();
    state.local = reader.varint() != 0;
    for (uint64_t* part : {&state.reset_epoch, &state.horizon, &state.log_rows})
      *part = reader.varint();
    state.oldest_ms = static_cast<int64_t>(reader.varint());
    state.own_term = reader.varint();
    state.own_seq = reader.varint();
    state.time_ms = static_cast<int64_t>(reader.varint());
    if (version > 1) state.indexes = reader.varint();
    return state;
  });
}

void encode_entry(const LogEntry& entry, ByteBuffer& out) {
  out.put(kEntryVersion);
  out.put(static_cast<uint8_t>(entry.reload | entry.allocated << 1 | entry.moved << 2));
  out.put_sized(as_bytes(entry.id));
  out.put_sized(as_bytes(entry.writer));
  out.put_varint(entry.changed.size());
  int64_t last = 0;
  for (int64_t row : entry.changed) {
    out.put_varint(static_cast<uint64_t>(row) - static_cast<uint64_t>(last));
    last = row;
  }
  out.put_varint(entry.deleted.size());
  for (const LogEntry::Deleted& deleted : entry.deleted) {
    out.put_sized(as_bytes(deleted.key));
    out.put_varint(static_cast<uint64_t>(deleted.row));
  }
  out.put_varint(entry.metadata.size());
  for (const std::string& key : entry.metadata) out.put_sized(as_bytes(key));
}

LogEntry decode_entry(Bytes bytes) {
  return decoded("entry", [&] {
    LogEntry entry;
    if (bytes.empty()) return entry;  // the log's first row belongs to no transaction
    ByteReader reader(bytes);
    if (reader.byte() != kEntryVersion) malformed("unknown version");
    uint8_t flags = reader.byte();
    entry.reload = (flags & 1) != 0;
    entry.allocated = (flags & 2) != 0;
    entry.moved = (flags & 4) != 0;
    entry.id = read_text(reader);
    entry.writer = read_text(reader);
    int64_t row = 0;
    for (uint64_t left = reader.varint(); left > 0; --left)
      entry.changed.push_back(
          row = static_cast<int64_t>(static_cast<uint64_t>(row) + reader.varint()));
    for (uint64_t left = reader.varint(); left > 0; --left) {
      std::string key = read_text(reader);
      entry.deleted.push_back({std::move(key), static_cast<int64_t>(reader.varint())});
    }
    for (uint64_t left = reader.varint(); left > 0; --left)
      entry.metadata.push_back(read_text(reader));
    return entry;
  });
}

CollectionState Log::read() {
  Query query(connection_.statement(Sql::kStateRead, collection_));
  if (!query.step()) throw Error(Status::kCorrupt, "a collection has no state");
  return decode_state(static_cast<uint64_t>(query.integer(0)), query.bytes(1));
}

void Log::append(const CollectionState& state, const LogEntry& entry) {
  ByteBuffer state_bytes, entry_bytes;
  encode_state(state, state_bytes);
  encode_entry(entry, entry_bytes);
  Query(connection_.statement(Sql::kStateInsert, collection_))
      .with(state.row_version, state_bytes, entry_bytes)
      .run();
}

void Log::replace(const CollectionState& state) {
  ByteBuffer bytes;
  encode_state(state, bytes);
  Query(connection_.statement(Sql::kStateUpdate, collection_)).with(state.row_version, bytes).run();
}

void Log::restart(const CollectionState& state) {
  Query(connection_.statement(Sql::kLogClear, collection_)).run();
  ByteBuffer bytes;
  encode_state(state, bytes);
  Query(connection_.statement(Sql::kStateInsert, collection_))
      .with(state.row_version, bytes, Bytes{})
      .run();
}

void Log::prune(CollectionState& state, const CollectionOptions& options, int64_t now_ms) {
  // Some more are removed than have to be, so that it does not happen with every transaction.
  uint64_t limit = options.log_transactions;
  if (limit != 0 && state.log_rows >= limit)
    remove_oldest(state, state.log_rows - limit + 1 + limit / 8, INT64_MAX);
  constexpr uint64_t kMaxSeconds = 1ull << 40;  // for ever
  auto kept_ms = static_cast<int64_t>(std::min(options.log_seconds, kMaxSeconds)) * 1000;
  if (options.log_seconds != 0 && state.oldest_ms < now_ms - kept_ms)
    remove_oldest(state, 256, now_ms - kept_ms);
}

void Log::remove_oldest(CollectionState& state, uint64_t count, int64_t before_ms) {
  uint64_t last = 0, removed = 0;
  std::map<uint64_t, uint64_t> floors;  // the highest number of each term that goes
  {
    Query query(connection_.statement(Sql::kLogOldest, collection_));
    query.with(count + 1);
    while (query.step()) {
      CollectionState old = decode_state(static_cast<uint64_t>(query.integer(0)), query.bytes(1));
      state.oldest_ms = old.time_ms;
      if (removed == count || old.time_ms >= before_ms) break;
      last = old.row_version;
      ++removed;
      if (old.own_seq != 0) floors[old.own_term] = std::max(floors[old.own_term], old.own_seq);
    }
  }
  if (removed == 0) return;
  for (auto [term, seq] : floors)
    Query(connection_.statement(Sql::kFloorWrite)).with(collection_, term, seq).run();
  Query(connection_.statement(Sql::kLogDelete, collection_)).with(last).run();
  state.log_rows -= removed;
  if (last > state.horizon) state.horizon = last;
}

bool Log::is_applied(const TransactionOptions& options, const CollectionState& state, bool& taken) {
  taken = false;
  bool newer = options.term > state.term || (options.term == state.term && options.seq > state.seq);
  if (newer) return false;
  {
    Query floor(connection_.statement(Sql::kFloorRead));
    if (floor.with(collection_, options.term).step() &&
        static_cast<uint64_t>(floor.integer(0)) >= options.seq)
      return true;
  }
  Query query(connection_.statement(Sql::kLogAll, collection_));
  while (query.step()) {
    CollectionState old = decode_state(static_cast<uint64_t>(query.integer(0)), query.bytes(1));
    LogEntry entry = decode_entry(query.bytes(2));
    bool same_id = !options.id.empty() && entry.id == options.id;
    bool same_writer = !entry.allocated && entry.writer == options.writer;
    if (entry.moved && same_id) return true;
    if (old.own_term != options.term || old.own_seq != options.seq) continue;
    taken = true;
    if (same_id || same_writer) return true;
  }
  return false;
}

}  // namespace cairn
