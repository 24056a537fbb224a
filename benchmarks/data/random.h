// A small pseudo-random generator with a fixed seed (SplitMix64), so that every run and every
// machine measures the same rows. Each row starts one of its own from its number: row 7 is the same
// whether 10 or 1,000,000 rows are made. No thread rule: a generator belongs to its caller.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cairn::bench {

inline constexpr uint64_t kSeed = 0x5EEDCA1245ull;

class Random {
 public:
  explicit Random(uint64_t stream) : state_(kSeed ^ (stream * 0xD1342543DE82EF95ull)) { next(); }

  uint64_t next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }

  // A number below `bound`; the bias is below one in 2^40 for the bounds used here.
  size_t below(size_t bound) { return static_cast<size_t>(next() % bound); }

 private:
  uint64_t state_;
};

}  // namespace cairn::bench
