// Evaluates an expression on stored rows, exactly as the evaluator of @tanstack/db 0.15 does on the
// same rows as objects (its dist/esm/query/compiler/evaluators.js). Reads only the fields it needs.
// One thread at a time.
#pragma once

#include <vector>

#include "core/query/conversion.h"
#include "core/query/expression.h"
#include "core/query/row_fields.h"

namespace cairn {

class Evaluator {
 public:
  // Registers what it needs with `fields`, which has to outlive it, as `host` has to.
  Evaluator(ExpressionPtr expression, RowFields& fields, HostAnswers& host);
  Evaluator(const Evaluator&) = delete;  // nodes know each other by their place
  Evaluator(Evaluator&&) = default;

  // The value for the row at which the fields are; valid until the next one. Throws ValueError
  // where JavaScript throws. With `pending()` it means nothing: ask the host, and evaluate again.
  Operand evaluate();
  bool pending() const { return conversion_.pending(); }

  const Expression& expression() const { return *expression_; }

 private:
  // A part of the expression, with what can be known of it before the first row: a constant's
  // value, and where a reference's field is. That is the first segment, or the second if the first
  // is an alias.
  struct Node {
    fb::ExprKind kind;
    Function function;
    bool is_alias = false;
    uint32_t top = 0;
    uint32_t below_alias = 0;
    Operand constant;
    std::vector<const Node*> arguments;
    const ExpressionNode* source;
  };

  Operand value_of(const Node& node) {
    if (node.kind == fb::ExprKind::Value) return node.constant;
    return node.kind == fb::ExprKind::Reference ? reference(node) : call(node);
  }
  Operand call(const Node& node);
  Operand argument(const Node& node, size_t i) { return value_of(*node.arguments[i]); }

  Operand reference(const Node& node);
  Operand member(const Operand& value, const std::string& name);
  Operand object_member(Bytes body, const std::string& name);

  Operand all(const Node& node);
  Operand any(const Node& node);
  Operand compare(const Node& node);
  Operand equals(const Node& node);
  Operand is_in(const Node& node);
  Operand is_in_array(const Operand& value, const Operand& list);
  Operand like(const Node& node);
  Operand change_case(const Node& node);
  Operand length(const Node& node);
  Operand concat(const Node& node);
  Operand coalesce(const Node& node);
  Operand case_when(const Node& node);
  Operand calculate(const Node& node);
  Operand date(const Node& node);
  Operand time_text(const Operand& source, size_t most);

  ExpressionPtr expression_;
  RowFields& fields_;
  Conversion conversion_;
  std::vector<Node> nodes_;  // in the expression's order; they stay where they are
  std::vector<std::string_view> names_;
};

// Whether JavaScript takes a value for true.
bool is_truthy(const Operand& value);

}  // namespace cairn
