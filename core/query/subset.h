// What a consumer asks for: a predicate, an order, a page. Plain values, immutable once made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/query/expression.h"

namespace cairn {

struct OrderClause {
  ExpressionPtr expression;
  bool descending = false;
  bool nulls_last = false;
  bool by_locale = false;  // texts, where a host knows the locale; else by UTF-16 units
  std::string locale;
};

// Where a page ends: see fb::Cursor.
struct PageBoundary {
  std::vector<std::string> values;  // portable, for the first clauses
  std::optional<std::string> key;   // encoded
};

struct Subset {
  ExpressionPtr where;  // null: all rows
  std::vector<OrderClause> order;
  std::optional<PageBoundary> after;
  uint64_t limit = UINT64_MAX;
  uint64_t offset = 0;
  bool by_keys = false;
  std::vector<std::string> keys;  // encoded

  bool is_plain() const { return where == nullptr && order.empty(); }
};

// Throws kMalformed, kInvalidArgument, kInvalidValue, kTooLarge.
Subset read_subset(const fb::Subset& table);

}  // namespace cairn
