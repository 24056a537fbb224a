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

  // The value for the row at which the fields are; valid until the next one. Throws ValueError where
  // JavaScript throws. With `pending()` it means nothing: ask the host, and evaluate again.
  Operand evaluate();
  bool pending() const { return conversion_.pending(); }

  const Expression& expression() const { return *expression_; }

 private:
  // Where a reference's field is: the first segment, or the second if the first is an alias.
  struct Slots {
    uint32_t top = 0;
    uint32_t below_alias = 0;
    bool is_alias = false;
  };

  Operand value_of(const ExpressionNode& node);
  Operand call(const ExpressionNode& node);
  Operand argument(const ExpressionNode& node, size_t i) {
    return value_of(expression_->argument(node, i));
  }

  Operand reference(const ExpressionNode& node);
  Operand member(const Operand& value, const std::string& name);
  Operand object_member(Bytes body, const std::string& name);

  Operand all(const ExpressionNode& node);
  Operand any(const ExpressionNode& node);
  Operand compare(const ExpressionNode& node);
  Operand equals(const ExpressionNode& node);
  Operand is_in(const ExpressionNode& node);
  Operand is_in_array(const Operand& value, const Operand& list);
  Operand like(const ExpressionNode& node);
  Operand change_case(const ExpressionNode& node);
  Operand length(const ExpressionNode& node);
  Operand concat(const ExpressionNode& node);
  Operand coalesce(const ExpressionNode& node);
  Operand case_when(const ExpressionNode& node);
  Operand calculate(const ExpressionNode& node);
  Operand date(const ExpressionNode& node);
  Operand time_text(const Operand& source, size_t most);

  ExpressionPtr expression_;
  RowFields& fields_;
  Conversion conversion_;
  std::vector<Slots> slots_;  // by node
  std::vector<std::string_view> names_;
};

// Whether JavaScript takes a value for true.
bool is_truthy(const Operand& value);

}  // namespace cairn
