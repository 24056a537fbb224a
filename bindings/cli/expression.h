// Expressions on the command line: a small syntax for predicates, orders and what an index is over
// (README.md has its grammar), parsed into the nodes of fb::Expression. The engine decides on types
// and values; here are only texts, positions and what was expected there. Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine.h"

namespace cairn::cli {

struct ExpressionNode {
  fb::ExprKind kind = fb::ExprKind::Value;
  std::string value;              // Value: JSON, as cairn_value_from_json reads it
  std::vector<std::string> path;  // Reference: from the row's top field down
  std::string function;           // Call
  std::vector<uint32_t> arguments;
};

// Children before their parents; the last node is the root.
using Expression = std::vector<ExpressionNode>;

// A text of the command line, and the option that it was given with, for messages.
struct Source {
  std::string option;
  std::string text;
};

struct OrderClause {
  Expression expression;
  fb::Direction direction = fb::Direction::Ascending;
  fb::Nulls nulls = fb::Nulls::First;
  fb::StringSort string_sort = fb::StringSort::Lexical;
};

// Each throws an Error that says what was expected, and shows where.
Expression parse_expression(const Source& source);
std::vector<Expression> parse_expressions(const Source& source);  // parted by commas
std::vector<OrderClause> parse_order(const Source& source);       // parted by commas
std::vector<std::string> parse_names(const Source& source);       // parted by commas

// ["a","b"]; the texts are UTF-8.
std::string json_array(const std::vector<std::string>& texts);

flatbuffers::Offset<fb::Expression> build(flatbuffers::FlatBufferBuilder& builder,
                                          const Expression& expression);

}  // namespace cairn::cli
