// An expression that cannot be evaluated for a row: where JavaScript throws. Any thread.
#pragma once

#include <string>

#include "core/value/status.h"

namespace cairn {

class EvaluationError : public Error {
 public:
  using Error::Error;
};

}  // namespace cairn
