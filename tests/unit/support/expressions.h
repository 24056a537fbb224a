// Expressions for tests in a line: references, constants and calls. Plain functions; any thread.
#pragma once

#include <string>

#include "core/query/expression_text.h"
#include "core/value/json.h"
#include "support/values.h"

namespace cairn::unit {

// A serialized expression, as TanStack DB writes it.
struct Tree {
  std::string json;
  ExpressionPtr read() const { return parse_expression_text(json); }
};

template <typename... Names>
Tree ref(const Names&... names) {
  std::string path;
  ((path += (path.empty() ? "" : ",") + to_json(Value(names))), ...);
  return {R"({"type":"ref","path":[)" + path + "]}"};
}

inline Tree val(const Value& value) { return {R"({"type":"val","value":)" + to_json(value) + "}"}; }

template <typename... Trees>
Tree call(const std::string& name, const Trees&... arguments) {
  std::string list;
  ((list += (list.empty() ? "" : ",") + arguments.json), ...);
  return {R"({"type":"func","name":")" + name + R"(","args":[)" + list + "]}"};
}

}  // namespace cairn::unit
