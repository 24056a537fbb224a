// Expressions for people, in the syntax of `cairn query --where`.

#include <algorithm>
#include <cmath>

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

void append_hex(Bytes bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

std::string cut(std::string text) {
  if (text.size() <= kMostShown) return text;
  // Only whole characters.
  size_t end = kMostShown;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string shown(const Value& value) {
  if (auto* big = value.get<BigInt>()) return big->to_decimal() + "n";
  if (auto* date = value.get<Date>()) {
    std::string text = "date\"";
    append_iso_date(date->milliseconds, text);
    return text + "\"";
  }
  if (auto* bytes = value.get<std::vector<uint8_t>>()) {
    std::string text = "x\"";
    append_hex(*bytes, text);
    return text + "\"";
  }
  if (auto* number = value.get<double>(); number != nullptr && !std::isfinite(*number))
    return std::isnan(*number) ? "NaN" : *number < 0 ? "-Infinity" : "Infinity";
  if (auto* number = value.get<double>(); number != nullptr && *number == 0)
    return std::signbit(*number) ? "-0" : "0";
  if (auto* array = value.get<Array>()) {
    std::string text;
    for (const Value& item : *array) {
      if (text.size() > kMostShown) break;
      text += (text.empty() ? "[" : ", ") + shown(item);
    }
    return text.empty() ? "[]" : text + "]";
  }
  return to_json(value);
}

std::string shown(const Item& item) {
  ByteBuffer portable;
  TupleWriter(portable, 1).put(item);
  if (item.tag == kUndefined) return "undefined";
  return cut(shown(decode_value(portable.bytes())));
}

// What `cairn query` takes for something else at the beginning of a path.
bool is_reserved(std::string name) {
  constexpr std::string_view kWords[] = {"and",   "or",      "not", "in",      "like",
                                         "ilike", "between", "is",  "null",    "undefined",
                                         "true",  "false",   "nan", "infinity"};
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::find(std::begin(kWords), std::end(kWords), name) != std::end(kWords);
}

bool is_plain(const std::string& name) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits) &&
         !(name[0] >= '0' && name[0] <= '9');
}

std::string quoted(std::string_view name) {
  std::string out = "`";
  for (char c : name) out.append(c == '`' ? 2 : 1, c);
  return out + '`';
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
      bool plain = is_plain(node.path[i]) && (i > 0 || !is_reserved(node.path[i]));
      out += plain ? node.path[i] : quoted(node.path[i]);
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
    bool logical = node.function == Function::kAnd || node.function == Function::kOr;
    bool nests =
        part.kind == fb::ExprKind::Call &&
        (part.function == Function::kNot
             ? joined && !logical
             : !infix(part.function).empty() && (joined || node.function == Function::kNot));
    if (nests) out += '(';
    describe(part, out);
    if (nests) out += ')';
  }
  if (!joined && node.function != Function::kNot) out += ')';
}

}  // namespace cairn
