// A data set of the benchmarks: numbered rows as JSON, in the plain form that a user would keep
// (dates as ISO text) and in the typed form that Cairn imports (dates as {"$date": milliseconds}).
// A set is immutable once made; any thread may read it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace cairn::bench {

class DataSet {
 public:
  virtual ~DataSet() = default;
  virtual std::string name() const = 0;
  virtual std::string key_field() const = 0;
  virtual size_t size() const = 0;

  // Rows beyond size() may exist: `todo` makes any, for inserts of rows that are not there yet.
  virtual void append_compact(size_t row, std::string& out) const = 0;
  virtual void append_typed(size_t row, std::string& out) const = 0;
};

// 9 fields: two dates, tags and a nested object; the key is a random text.
std::unique_ptr<DataSet> make_todo_set(size_t rows);

// A typed partial row for an update: the key and two changed fields.
void append_todo_change(size_t row, std::string& out);

// The id (and key) of a row of the todo set.
std::string todo_id(size_t row);

// GeoNames cities from an NDJSON file; null where the file is not there. At most `limit` rows.
std::unique_ptr<DataSet> load_city_set(const std::string& path, size_t limit);

// The average size of a row as compact JSON, with dates as ISO text.
double compact_bytes_per_row(const DataSet& set);

// `count` different row numbers below `bound`, in random order.
std::vector<size_t> random_rows(size_t count, size_t bound);

}  // namespace cairn::bench
