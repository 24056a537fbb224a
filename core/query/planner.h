// Decides how a subset's rows are found: by which ranges of which indexes, in what order. What it
// chooses always covers the rows that match; the predicate is evaluated on each of them all the
// same. Pure functions, any thread.
#pragma once

#include <array>
#include <functional>

#include "core/query/order_key.h"
#include "core/query/subset.h"

namespace cairn {

// How many entries of an index have a value of each class, for one of its expressions.
using ClassCounts = std::array<uint64_t, kOrderClasses>;

// What is known of an index. An entry is the encoded values of its expressions, then the row's key.
struct IndexFacts {
  std::string signature;
  std::vector<ExpressionPtr> expressions;
  ExpressionPtr where;               // null: all rows have an entry
  std::vector<ClassCounts> classes;  // by expression
  uint64_t entries = 0;
};

// Entries from `from` on and before `to`; without an end where that is empty.
struct KeyRange {
  std::string from;
  std::string to;
  bool operator==(const KeyRange&) const = default;
};

struct IndexRanges {
  size_t index = 0;  // in the list that the planner was given
  std::vector<KeyRange> ranges;
};

struct Plan {
  fb::Access access = fb::Access::Scan;
  std::vector<IndexRanges> indexes;  // a row may be in several of them
  // The one index gives rows in the order that is asked for, range by range.
  bool ordered = false;
  bool descending = false;  // each range from its end
};

// Counts the entries in ranges, up to `most`, which is at most the number of rows and a few.
using CountEntries = std::function<uint64_t(const IndexRanges& ranges, uint64_t most)>;

struct PlanRequest {
  const Subset& subset;
  bool host;      // whether a host ranks texts
  uint64_t rows;  // of the collection
  const std::vector<IndexFacts>& indexes;
  CountEntries count;
};

Plan make_plan(const PlanRequest& request);

}  // namespace cairn
