// The indexes of a collection: what they are over, how far they are built, and their entries. An
// entry is the encoded values of the index's expressions and then the row's key
// (core/query/ORDER.md). One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/collection/types.h"
#include "core/query/evaluator.h"
#include "core/query/planner.h"
#include "core/storage/connection.h"

namespace cairn {

struct IndexDefinition {
  std::vector<ExpressionPtr> expressions;
  ExpressionPtr where;  // null: all rows

  // One form for one definition.
  std::string written() const;
  static std::shared_ptr<const IndexDefinition> read(Bytes bytes);
};

using IndexDefinitionPtr = std::shared_ptr<const IndexDefinition>;

struct IndexState {
  bool ready = false;
  uint64_t built_to = 0;  // rows with a number up to this are taken in, where it is not ready
  uint64_t rows = 0;      // that are taken in
  uint64_t entries = 0;
  uint64_t loose = 0;         // rows whose field names stand in the row: any alias may be one
  uint64_t undetermined = 0;  // rows that need a host, or for which JavaScript throws
  std::vector<ClassCounts> classes;

  void encode(ByteBuffer& out) const;
  static IndexState decode(Bytes bytes, size_t expressions);
};

struct StoredIndex {
  int64_t id = 0;
  std::string signature;
  IndexDefinitionPtr definition;
  IndexState state;

  bool takes(int64_t row) const {
    return state.ready || static_cast<uint64_t>(row) <= state.built_to;
  }
};

// All indexes of a collection, by signature; none in a file of a format without them.
std::vector<StoredIndex> read_indexes(Connection& connection, int64_t collection);

// Drops an index with its entries.
void drop_index(Connection& connection, int64_t index);

// What a row is in an index.
class IndexEntry {
 public:
  explicit IndexEntry(const IndexDefinition& definition);

  // Throws kCorrupt.
  void set(Bytes key, Bytes row, ShapeReader& shapes);

  // Empty where the index does not have the row.
  Bytes bytes() const { return entry_.bytes(); }
  bool is_loose() const { return fields_.is_loose(); }
  bool is_undetermined() const { return undetermined_; }
  // Adds the row to the counts, or takes it away.
  void count(IndexState& state, bool adds) const;

 private:
  bool evaluate(Bytes key);

  RowFields fields_;
  HostAnswers host_{true};  // who would be asked: then the row's place is not known here
  std::vector<Evaluator> values_;
  std::optional<Evaluator> where_;
  std::vector<OrderClass> classes_;
  ByteBuffer entry_;
  bool undetermined_ = false;
};

// Keeps indexes in step with the rows that one transaction writes.
class IndexWriter {
 public:
  IndexWriter(Connection& connection, int64_t collection, ShapeReader& shapes);

  bool empty() const { return indexes_.empty(); }
  std::vector<StoredIndex>& indexes() { return indexes_; }

  // Before the row is written: empty bytes where there was none before, or is none after.
  void change(int64_t row, Bytes key, Bytes before, Bytes after);
  // Takes a row in that is there already.
  void take_in(size_t index, int64_t row, Bytes key, Bytes value);
  // Has an index's state written, whose flags were changed.
  void expect_change(size_t index) { pairs_[index].changed = true; }
  void clear();
  // Writes what was counted, and the entries that wait.
  void finish();

 private:
  // Entries wait for each other, since a tree takes them faster in their order. A later change of
  // the same entry counts.
  struct Waiting {
    size_t start;  // in `bytes`
    size_t size;
    int64_t row;  // 0: the entry goes
  };
  struct Pair {
    std::unique_ptr<IndexEntry> before, after;
    bool changed = false;  // the index's state
    ByteBuffer bytes = {};
    std::vector<Waiting> waiting = {};
  };

  void wait(size_t index, Bytes entry, int64_t row);
  void write_waiting(size_t index);

  Connection& connection_;
  ShapeReader& shapes_;
  std::vector<StoredIndex> indexes_;
  std::vector<Pair> pairs_;
};

}  // namespace cairn
