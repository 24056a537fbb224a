// The rows that a query looks at, one after another: all of a collection, those of given numbers,
// or those of given keys. Remembers how far it has come; it holds no statement between calls. One
// thread at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/storage/connection.h"
#include "core/storage/store.h"

namespace cairn {

struct KeptRow;

// A row that is looked at: of most rows the value alone is read. Borrowed for the call.
class CandidateRow {
 public:
  // `columns`: where the key, the version and the metadata are; -1 where they are not asked for.
  struct Columns {
    int key, version, metadata;
  };
  CandidateRow(int64_t number, Bytes value, Query& query, const Columns& columns)
      : number_(number), value_(value), query_(&query), columns_(&columns) {}
  explicit CandidateRow(const KeptRow& row);
  // The row that Sql::kRowsFrom has come to.
  static CandidateRow of(Query& rows);

  int64_t number() const { return number_; }
  Bytes value() const { return value_; }
  Bytes key() const;
  uint64_t version() const;
  // A stored value, or empty.
  Bytes metadata() const;

 private:
  int64_t number_;
  Bytes value_;
  Query* query_ = nullptr;
  const Columns* columns_ = nullptr;
  const KeptRow* kept_ = nullptr;
};

// A row that was looked at and will be again.
struct KeptRow {
  explicit KeptRow(const CandidateRow& row);
  size_t bytes() const { return key.size() + value.size() + metadata.size(); }

  int64_t number;
  uint64_t version;
  std::string key, value, metadata;
};

// Throws kCorrupt: there is no row with a number that an index or the log has.
[[noreturn]] void throw_missing_row();

class Candidates {
 public:
  enum class Visit : uint8_t {
    kGoOn,
    kStop,     // after this row
    kStopHere  // this row comes again the next time
  };
  using Visitor = std::function<Visit(const CandidateRow& row)>;

  // `values_only`: neither versions nor metadata are asked for. `most`: how many rows will be
  // enough.
  static Candidates all(int64_t collection, bool values_only, uint64_t most);
  // Numbers without a row are damage: kCorrupt. `kept`: the first of these rows, which need not be
  // read again, in their order; others may be among them.
  static Candidates numbered(int64_t collection, std::vector<int64_t> numbers,
                             std::vector<KeptRow> kept = {});
  static Candidates keyed(int64_t collection, const std::vector<std::string>& keys);

  // Visits rows until one says stop; false after the last. Throws kCancelled.
  bool visit(Connection& connection, const Interruptible& interruptible, const Visitor& visitor);

  uint64_t rows_read() const { return rows_read_; }

 private:
  enum class Kind : uint8_t { kAll, kNumbered, kKeyed };

  Candidates(Kind kind, int64_t collection) : kind_(kind), collection_(collection) {}
  Visit visit_one(Connection& connection, const Visitor& visitor);
  const KeptRow* find_kept(int64_t number);
  bool visit_all(Connection& connection, const Interruptible& interruptible,
                 const Visitor& visitor);
  // Visits what one statement gives: -1 after the last row, 0 to go on, 1 to stop.
  int visit_chunk(Connection& connection, const Interruptible& interruptible,
                  const Visitor& visitor);

  Kind kind_;
  int64_t collection_;
  bool values_only_ = false;
  int64_t most_ = INT64_MAX;  // for one statement to give
  int64_t after_ = 0;
  std::vector<int64_t> numbers_;
  const std::vector<std::string>* keys_ = nullptr;
  size_t at_ = 0;
  std::vector<KeptRow> kept_;
  size_t kept_at_ = 0;
  uint64_t rows_read_ = 0;
};

}  // namespace cairn
