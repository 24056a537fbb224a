// Expressions for people, in the syntax of `cairn query --where`.

#include <algorithm>

#include "core/query/expression.h"
#include "core/value/civil_time.h"
#include "core/value/json.h"
#include "core/value/text.h"

namespace cairn {
namespace {

constexpr size_t kMostShown = 200;

std::string_view infix(Function function) {
  switch (function) {
    case Function::kAnd:
      return " and ";
    case Function::kOr:
      return " or ";
    case Function::kEq:
      return " = ";
    case Function::kGt:
      return " > ";
    case Function::kGte:
      return " >= ";
    case Function::kLt:
      return " < ";
    case Function::kLte:
      return " <= ";
    case Function::kIn:
      return " in ";
    case Function::kLike:
      return " like ";
    case Function::kIlike:
      return " ilike ";
    case Function::kAdd:
      return " + ";
    case Function::kSubtract:
      return " - ";
    case Function::kMultiply:
      return " * ";
    case Function::kDivide:
      return " / ";
    default:
      return {};
  }
}

std::string shown(const Item& item) {
  ByteBuffer portable;
  TupleWriter(portable, 1).put(item);
  if (item.tag == kUndefined) return "undefined";
  if (is_date(item.tag)) {
    std::string text = "date\"";
    append_iso_date(item.integer(), text);
    return text + "\"";
  }
  Value value = decode_value(portable.bytes());
  if (auto* big = value.get<BigInt>()) return big->to_decimal() + "n";
  std::string text = to_json(value);
  if (text.size() <= kMostShown) return text;
  // Only whole characters.
  size_t end = kMostShown;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

bool is_plain(const std::string& name) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits) &&
         !(name[0] >= '0' && name[0] <= '9');
}

}  // namespace

std::string Expression::describe() const {
  std::string out;
  describe(root(), out);
  return is_wtf8(as_bytes(out), false) ? out : "an expression with lone surrogates";
}

void Expression::describe(const ExpressionNode& node, std::string& out) const {
  if (node.kind == fb::ExprKind::Value) {
    out += shown(node.constant);
  } else if (node.kind == fb::ExprKind::Reference) {
    for (size_t i = 0; i < node.path.size(); ++i) {
      if (i > 0) out += '.';
      out += is_plain(node.path[i]) ? node.path[i] : "`" + node.path[i] + "`";
    }
  } else {
    describe_call(node, out);
  }
}

void Expression::describe_call(const ExpressionNode& node, std::string& out) const {
  std::string_view between = infix(node.function);
  bool joined = !between.empty() && node.arguments.size() > 1;
  if (node.function == Function::kNot) {
    out += "not ";
  } else if (!joined) {
    out += function_name(node.function);
    out += '(';
  }
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    if (i > 0) out += joined ? between : ", ";
    const ExpressionNode& part = nodes_[node.arguments[i]];
    bool nests = part.kind == fb::ExprKind::Call && !infix(part.function).empty() &&
                 (joined || node.function == Function::kNot);
    if (nests) out += '(';
    describe(part, out);
    if (nests) out += ')';
  }
  if (!joined && node.function != Function::kNot) out += ')';
}

}  // namespace cairn
