// What the helper program writes and its tests expect: one transaction after another, each with its
// number. Pure functions, for any thread.
#pragma once

#include <string>

#include "concurrency/fixture.h"

namespace cairn::testing {

// Rows of which some are there already.
inline std::string import_batch(int number) {
  BatchWriter batch;
  for (int i = 0; i <= number % 9; i++) {
    const Json value = {{"number", number}, {"text", std::string(50 + 37 * number % 400, 'i')}};
    batch.add(BatchOp::Insert, encode_portable(7 * number % 100 + i), encode_portable(value));
  }
  return batch.finish();
}

}  // namespace cairn::testing
