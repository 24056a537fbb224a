// Measures two sides in turns (A, B, A, B, ...) and reports their medians and the ratio as counters
// of a Google Benchmark: the machine's speed wanders by a third within minutes, so only figures
// taken next to each other may be compared. For one thread.
#pragma once

#include <benchmark/benchmark.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace cairn::bench {

using Clock = std::chrono::steady_clock;

// Seconds that `work` takes.
template <class Work>
double seconds(Work&& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values);

// What a comparison is called in the report. `limit` is on the ratio, 0 where there is none.
struct Subject {
  std::string what;      // such as "10,000 inserts into 100,000 rows"
  std::string unit;      // ns, us or ms, of what is reported
  std::string per;       // such as "row"
  std::string baseline;  // such as "bare prepared upsert"
  double limit = 0;
};

class Comparison {
 public:
  explicit Comparison(Subject subject) : subject_(std::move(subject)) {}

  // One turn: seconds of the engine and of the baseline, for `count` units of `per`.
  void add(double cairn, double bare, double count);

  // Sets the counters `cairn`, `bare`, `ratio`, `limit` and the label that benchmarks/run reads.
  void report(benchmark::State& state) const;

 private:
  Subject subject_;
  std::vector<double> cairn_;
  std::vector<double> bare_;
};

// Figures of one side alone, against a limit in their own unit (0: none).
class Figure {
 public:
  explicit Figure(Subject subject) : subject_(std::move(subject)) {}
  void add(double value) { values_.push_back(value); }
  void report(benchmark::State& state) const;

 private:
  Subject subject_;
  std::vector<double> values_;
};

}  // namespace cairn::bench
