// Expressions: trees of constants, references to fields and calls, checked and bounded before
// anything is evaluated. Immutable once made; any thread may read one.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "cairn/schemas/query_generated.h"
#include "core/query/operand.h"

namespace cairn {

inline constexpr size_t kMaxExpressionNodes = 65536;
inline constexpr size_t kMaxExpressionDepth = 256;
inline constexpr size_t kMaxExpressionBytes = 16u << 20;  // of all constants

enum class Function : uint8_t {
  kAnd,
  kOr,
  kNot,
  kEq,
  kGt,
  kGte,
  kLt,
  kLte,
  kIn,
  kLike,
  kIlike,
  kIsNull,
  kIsUndefined,
  kUpper,
  kLower,
  kLength,
  kConcat,
  kCoalesce,
  kCaseWhen,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kDate,
  kDatetime,
  kStrftime,
};

std::string_view function_name(Function function);

// The constant list of an `in`, to look values up in: each as list_key() gives it.
using ListKeys = std::unordered_set<std::string>;

// What a value has in common with those that `in` finds equal to it: a date is its milliseconds, -0
// is 0. Empty for null, and for arrays and objects, which equal nothing.
std::string list_key(const Operand& value);

struct ExpressionNode {
  fb::ExprKind kind = fb::ExprKind::Value;
  Function function = Function::kAnd;
  std::vector<uint32_t> arguments;       // a call's: positions of earlier nodes
  std::vector<std::string> path;         // a reference's: from the row's top field down
  Item constant{kNull, nullptr, 0};      // a value's
  std::shared_ptr<const ListKeys> list;  // of an `in` over a constant list
};

class Expression {
 public:
  // Throws kMalformed for what is no tree, kInvalidArgument for functions that are not known or
  // have the wrong number of arguments, kTooLarge beyond the bounds.
  static std::shared_ptr<const Expression> read(const fb::Expression& table);
  // The same of what written() gives; throws kMalformed. `aliases`: first segments of paths to
  // leave out, where one other follows.
  static std::shared_ptr<const Expression> read(Bytes written,
                                                const std::vector<std::string>& aliases = {});

  // One form for one tree, for keeping and for comparing.
  const std::string& written() const { return written_; }

  const std::vector<ExpressionNode>& nodes() const { return nodes_; }
  const ExpressionNode& root() const { return nodes_.back(); }
  const ExpressionNode& argument(const ExpressionNode& call, size_t i) const {
    return nodes_[call.arguments[i]];
  }
  // The expression that one of its nodes stands for, as written() gives it.
  std::string written(const ExpressionNode& node) const;

  // First segments of paths with more than one: a table's alias stands there, where a row has no
  // such field.
  const std::vector<std::string>& aliases() const { return aliases_; }
  bool is_alias(std::string_view name) const;

  // For people, in the syntax of `cairn query --where`.
  std::string describe() const;

 private:
  friend class ExpressionReader;
  Expression() = default;
  void describe(const ExpressionNode& node, std::string& out) const;
  void describe_call(const ExpressionNode& node, std::string& out) const;

  void write(const ExpressionNode& node, ByteBuffer& out) const;

  std::vector<ExpressionNode> nodes_;
  std::vector<std::string> aliases_;
  std::vector<ByteBuffer> constants_;  // each stays where it is
  std::string written_;
};

using ExpressionPtr = std::shared_ptr<const Expression>;

}  // namespace cairn
