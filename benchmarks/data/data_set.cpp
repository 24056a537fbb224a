// What all data sets share, and the `city` set: lines of an NDJSON file, kept in memory. Nothing
// here is timed.
#include "benchmarks/data/data_set.h"

#include <fstream>
#include <numeric>

#include "benchmarks/data/random.h"

namespace cairn::bench {
namespace {

class CitySet : public DataSet {
 public:
  explicit CitySet(std::vector<std::string> lines) : lines_(std::move(lines)) {}
  std::string name() const override { return "city"; }
  std::string key_field() const override { return "cityId"; }
  size_t size() const override { return lines_.size(); }
  void append_compact(size_t row, std::string& out) const override { out += lines_.at(row); }
  void append_typed(size_t row, std::string& out) const override { out += lines_.at(row); }

 private:
  std::vector<std::string> lines_;
};

}  // namespace

std::unique_ptr<DataSet> load_city_set(const std::string& path, size_t limit) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; lines.size() < limit && std::getline(file, line);) {
    if (!line.empty()) lines.push_back(std::move(line));
  }
  if (lines.empty()) return nullptr;
  return std::make_unique<CitySet>(std::move(lines));
}

double compact_bytes_per_row(const DataSet& set) {
  uint64_t bytes = 0;
  std::string text;
  for (size_t row = 0; row < set.size(); ++row) {
    text.clear();
    set.append_compact(row, text);
    bytes += text.size();
  }
  return static_cast<double>(bytes) / static_cast<double>(set.size());
}

std::vector<size_t> random_rows(size_t count, size_t bound) {
  std::vector<size_t> rows(bound);
  std::iota(rows.begin(), rows.end(), size_t{0});
  Random random(bound);
  for (size_t i = 0; i < count && i < bound; ++i) {
    std::swap(rows[i], rows[i + random.below(bound - i)]);
  }
  rows.resize(std::min(count, bound));
  return rows;
}

}  // namespace cairn::bench
