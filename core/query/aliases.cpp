#include "core/query/aliases.h"

#include <algorithm>

namespace cairn {
namespace {

ExpressionPtr without(const ExpressionPtr& expression,
                      const std::function<bool(std::string_view)>& is_field) {
  if (expression == nullptr) return nullptr;
  std::vector<std::string> dropped;
  for (const std::string& alias : expression->aliases())
    if (!is_field(alias)) dropped.push_back(alias);
  // The row itself has no other name, and what is left must not be an alias of its own. What nests
  // would be one in a row without its first field.
  auto is_odd = [&](const ExpressionNode& node) {
    bool is_row = node.path.size() == 1 &&
                  std::find(dropped.begin(), dropped.end(), node.path[0]) != dropped.end();
    return is_row || (node.path.size() == 2 && expression->is_alias(node.path[1]));
  };
  const auto& nodes = expression->nodes();
  if (dropped.empty() || std::any_of(nodes.begin(), nodes.end(), is_odd)) return expression;
  return Expression::read(as_bytes(expression->written()), dropped);
}

}  // namespace

Subset without_aliases(const Subset& subset,
                       const std::function<bool(std::string_view name)>& is_field) {
  Subset result = subset;
  result.where = without(subset.where, is_field);
  for (OrderClause& clause : result.order) clause.expression = without(clause.expression, is_field);
  return result;
}

}  // namespace cairn
