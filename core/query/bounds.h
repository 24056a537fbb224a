// What a predicate says about the value of one expression, as ranges of encoded values: outside of
// them it is never true. JavaScript compares across classes of values ("10" < 9), so that values of
// other classes stay candidates wherever there are any. Pure functions, any thread.
#pragma once

#include <optional>

#include "core/query/planner.h"

namespace cairn {

struct ValueRange {
  KeyRange range;
  bool point = false;  // one value alone
};

using Bounds = std::vector<ValueRange>;  // in order, without overlaps

// Nothing where the predicate says nothing of it. `indexed`: the expression as written(); `counts`:
// how many of its values are of each class.
std::optional<Bounds> bounds_of(const Expression& expression, const ExpressionNode& predicate,
                                const std::string& indexed, const ClassCounts& counts);

// All values of the classes from `first` to `last`.
KeyRange class_range(OrderClass first, OrderClass last);

// The parts of `range` that lie in the bounds.
std::vector<KeyRange> clip(const KeyRange& range, const Bounds& bounds);

}  // namespace cairn
