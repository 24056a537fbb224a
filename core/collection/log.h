// A collection's log: one row per transaction with the collection's state after it and what it
// touched. The newest row is the collection's state. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/collection/types.h"
#include "core/storage/connection.h"

namespace cairn {

struct CollectionState {
  uint64_t row_version = 0;  // the log row's key
  uint64_t rows = 0;
  uint64_t next_row = 1;  // the catalog's number for the next new row; never used again
  uint64_t term = 0;      // of the newest position
  uint64_t seq = 0;
  uint64_t schema_version = 1;
  bool local = false;
  uint64_t reset_epoch = 0;
  uint64_t horizon = 0;   // deltas since an older version reload
  uint64_t log_rows = 1;  // in the log, this one included
  int64_t oldest_ms = 0;  // the time of the log's oldest transaction
  uint64_t own_term = 0;  // the position of the transaction itself
  uint64_t own_seq = 0;
  int64_t time_ms = 0;
  uint64_t indexes = 0;  // how many there are

  Position position() const { return {term, seq, row_version, reset_epoch}; }
};

// What a transaction touched. Rows go by their numbers, which are much shorter than keys; deleted
// ones by key as well.
struct LogEntry {
  bool reload = false;     // a truncate, or too much to list
  bool allocated = false;  // the engine chose the position
  bool moved = false;      // ... because another writer had taken the transaction's own
  std::string id;
  std::string writer;
  std::vector<int64_t> changed;  // sorted, each once
  struct Deleted {
    std::string key;  // encoded
    int64_t row;      // 0 where there was none
  };
  std::vector<Deleted> deleted;
  std::vector<std::string> metadata;  // keys
};

// A transaction's touched keys beyond this make readers reload.
inline uint64_t reload_limit(uint64_t rows) { return rows / 4 > 1000 ? rows / 4 : 1000; }

void encode_state(const CollectionState& state, ByteBuffer& out);
CollectionState decode_state(uint64_t row_version, Bytes bytes);
void encode_entry(const LogEntry& entry, ByteBuffer& out);
LogEntry decode_entry(Bytes bytes);

class Log {
 public:
  Log(Connection& connection, int64_t collection)
      : connection_(connection), collection_(collection) {}

  CollectionState read();
  void append(const CollectionState& state, const LogEntry& entry);
  // Replaces the newest state without a transaction.
  void replace(const CollectionState& state);
  // Empties the log and begins it anew.
  void restart(const CollectionState& state);

  // Removes what the options do not keep, and moves the state's horizon; before append().
  void prune(CollectionState& state, const CollectionOptions& options, int64_t now_ms);

  // Whether the position counts as applied: pruned, or taken by the same transaction or writer.
  // Where another writer took it, `taken` is set.
  bool is_applied(const TransactionOptions& options, const CollectionState& state, bool& taken);

 private:
  void remove_oldest(CollectionState& state, uint64_t count, int64_t before_ms);

  Connection& connection_;
  int64_t collection_;
};

}  // namespace cairn
