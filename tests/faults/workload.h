// Random steps of everything that writes, the same for one seed: for a database under test and for
// one in memory that tells what it should hold. One thread at a time.
#pragma once

#include <random>
#include <set>
#include <string>

#include "state.h"

namespace cairn::testing {

struct Step {
  enum class Kind { kWrite, kReset, kOpenCollection, kDrop, kFlush, kMaintain, kReopen };

  Kind kind = Kind::kWrite;
  std::string collection;
  std::string options = "{}";  // TransactionOptions
  std::string batch;
  bool to_disk = false;

  bool changes() const { return kind <= Kind::kDrop; }
};

class Workload {
 public:
  explicit Workload(uint64_t seed);
  Step next();

 private:
  bool happens(int percent) { return static_cast<int>(random_() % 100) < percent; }
  Step write(const std::string& collection);
  std::string batch(bool is_snapshot);
  std::string any_collection();

  std::mt19937_64 random_;
  std::set<std::string> collections_;
  size_t text_size_;
  int number_ = 0;
};

// Takes one step, but for kReopen.
void take(const Step& step, cairn_database* database);

}  // namespace cairn::testing
