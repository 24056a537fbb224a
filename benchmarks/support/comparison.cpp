// The counters and labels of comparisons. The label carries the words of the report, parted by
// bars, so that each benchmark says in one place what it measures.
#include "benchmarks/support/comparison.h"

#include <algorithm>

namespace cairn::bench {
namespace {

double scale_of(const std::string& unit) {
  if (unit == "ns") return 1e9;
  if (unit == "us") return 1e6;
  return unit == "ms" ? 1e3 : 1;
}

std::string label_of(const Subject& subject) {
  return subject.what + "|" + subject.unit + "|" + subject.per + "|" + subject.baseline;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void Comparison::add(double cairn, double bare, double count) {
  const double scale = scale_of(subject_.unit) / count;
  cairn_.push_back(cairn * scale);
  bare_.push_back(bare * scale);
}

void Comparison::report(benchmark::State& state) const {
  const double cairn = median(cairn_);
  const double bare = median(bare_);
  state.counters["cairn"] = cairn;
  state.counters["bare"] = bare;
  state.counters["ratio"] = bare > 0 ? cairn / bare : 0;
  state.counters["limit"] = subject_.limit;
  state.SetLabel(label_of(subject_));
}

void Figure::report(benchmark::State& state) const {
  state.counters["cairn"] = median(values_);
  state.counters["limit"] = subject_.limit;
  state.SetLabel(label_of(subject_));
}

}  // namespace cairn::bench
