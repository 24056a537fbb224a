#include "core/query/evaluator.h"

#include <algorithm>

#include "core/query/js_date.h"
#include "core/query/js_text.h"
#include "core/value/text.h"

namespace cairn {
namespace {

using Type = Operand::Type;

// An array index as JavaScript's property names have it: "0", "12", but not "01".
std::optional<size_t> index_of(const std::string& name) {
  if (name.empty() || name.size() > 9 || (name[0] == '0' && name.size() > 1)) return std::nullopt;
  size_t index = 0;
  for (char digit : name) {
    if (digit < '0' || digit > '9') return std::nullopt;
    index = index * 10 + static_cast<size_t>(digit - '0');
  }
  return index;
}

Operand array_member(Bytes body, const std::string& name) {
  TupleReader items = read_array(body);
  if (name == "length") return Operand::of(static_cast<double>(items.left()));
  std::optional<size_t> index = index_of(name);
  if (!index || *index >= items.left()) return Operand::undefined();
  for (size_t i = 0; i < *index; ++i) items.next();
  return Operand::of(items.next());
}

Operand bytes_member(Bytes bytes, const std::string& name) {
  if (name == "length" || name == "byteLength")
    return Operand::of(static_cast<double>(bytes.size()));
  std::optional<size_t> index = index_of(name);
  if (!index || *index >= bytes.size()) return Operand::undefined();
  return Operand::of(static_cast<double>(bytes[*index]));
}

// What `result` is in three-valued logic: unknown stays unknown.
Operand unknown_or(bool unknown, bool result) {
  return unknown ? Operand::null() : Operand::of(result);
}

}  // namespace

bool is_truthy(const Operand& value) {
  switch (value.type) {
    case Type::kUndefined:
    case Type::kNull:
      return false;
    case Type::kBool:
      return value.flag;
    case Type::kNumber:
      return value.number != 0 && !value.is_nan();
    case Type::kBigInt:
      return value.bytes.size() > 1;
    case Type::kText:
      return !value.bytes.empty();
    default:
      return true;
  }
}

Evaluator::Evaluator(ExpressionPtr expression, RowFields& fields, HostAnswers& host)
    : expression_(std::move(expression)), fields_(fields), conversion_(host) {
  const std::vector<ExpressionNode>& sources = expression_->nodes();
  nodes_.reserve(sources.size());
  for (const ExpressionNode& source : sources) {
    Node& node = nodes_.emplace_back();
    node.kind = source.kind;
    node.function = source.function;
    node.source = &source;
    for (uint32_t argument : source.arguments) node.arguments.push_back(&nodes_[argument]);
    if (source.kind == fb::ExprKind::Value) node.constant = Operand::of(source.constant);
    if (source.path.empty()) continue;
    node.top = fields.slot(source.path[0]);
    node.is_alias = expression_->is_alias(source.path[0]);
    if (node.is_alias && source.path.size() > 1) node.below_alias = fields.slot(source.path[1]);
  }
}

Operand Evaluator::evaluate() try {
  conversion_.begin();
  return value_of(nodes_.back());
} catch (const ValueError&) {
  // What was made of an answer that is missing may not be usable.
  if (!pending()) throw;
  return Operand::null();
}

// A table's alias stands for the row, unless the row has a field of that name.
Operand Evaluator::reference(const Node& node) {
  const std::vector<std::string>& path = node.source->path;
  const Item* field = fields_.field(node.top);
  size_t next = 1;
  if (field == nullptr && node.is_alias) {
    if (path.size() == 1) return Operand::object(fields_.body());
    field = fields_.field(node.below_alias);
    next = 2;
  }
  Operand value = field == nullptr ? Operand::undefined() : Operand::of(*field);
  for (; next < path.size() && !value.is_unknown(); ++next) value = member(value, path[next]);
  return value;
}

Operand Evaluator::member(const Operand& value, const std::string& name) {
  switch (value.type) {
    case Type::kObject:
      return object_member(value.bytes, name);
    case Type::kArray:
      return array_member(value.bytes, name);
    case Type::kBytes:
      return bytes_member(value.bytes, name);
    case Type::kText:
      break;
    default:
      return Operand::undefined();
  }
  std::string_view text = as_text(value.bytes);
  if (name == "length") return Operand::of(static_cast<double>(utf16_length(text)));
  std::optional<size_t> index = index_of(name);
  std::string& unit = conversion_.scratch().text();
  if (!index || !append_utf16_unit_at(text, *index, unit)) return Operand::undefined();
  return Operand::text(conversion_.scratch().keep(unit));
}

Operand Evaluator::object_member(Bytes body, const std::string& name) {
  ObjectView object = read_object(body, &fields_.shapes(), names_);
  auto place = std::find(object.names.begin(), object.names.end(), name);
  if (place == object.names.end()) return Operand::undefined();
  for (auto left = place - object.names.begin(); left > 0; --left) object.fields.next();
  return Operand::of(object.fields.next());
}

Operand Evaluator::call(const Node& node) {
  switch (node.function) {
    case Function::kAnd:
      return all(node);
    case Function::kOr:
      return any(node);
    case Function::kNot: {
      Operand value = argument(node, 0);
      return unknown_or(value.is_unknown(), !is_truthy(value));
    }
    case Function::kEq:
      return equals(node);
    case Function::kGt:
    case Function::kGte:
    case Function::kLt:
    case Function::kLte:
      return compare(node);
    case Function::kIn:
      return is_in(node);
    case Function::kLike:
    case Function::kIlike:
      return like(node);
    case Function::kIsNull:
      return Operand::of(argument(node, 0).is(Type::kNull));
    case Function::kIsUndefined:
      return Operand::of(argument(node, 0).is(Type::kUndefined));
    case Function::kUpper:
    case Function::kLower:
      return change_case(node);
    case Function::kLength:
      return length(node);
    case Function::kConcat:
      return concat(node);
    case Function::kCoalesce:
      return coalesce(node);
    case Function::kCaseWhen:
      return case_when(node);
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kMultiply:
    case Function::kDivide:
      return calculate(node);
    case Function::kDate:
    case Function::kDatetime:
    case Function::kStrftime:
      return date(node);
  }
  throw Error(Status::kInternal, "a function that is not evaluated");
}

Operand Evaluator::all(const Node& node) {
  bool unknown = false;
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    Operand value = argument(node, i);
    if (value.is_false()) return Operand::of(false);
    unknown |= value.is_unknown();
  }
  return unknown_or(unknown, true);
}

Operand Evaluator::any(const Node& node) {
  bool unknown = false;
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    Operand value = argument(node, i);
    if (value.is_true()) return Operand::of(true);
    unknown |= value.is_unknown();
  }
  return unknown_or(unknown, false);
}

Operand Evaluator::equals(const Node& node) {
  Operand a = argument(node, 0), b = argument(node, 1);
  bool unknown = a.is_unknown() || b.is_unknown();
  return unknown_or(unknown, !unknown && conversion_.equal(a, b));
}

// NaN is above everything, and equal to itself.
Operand Evaluator::compare(const Node& node) {
  Operand a = argument(node, 0), b = argument(node, 1);
  if (a.is_unknown() || b.is_unknown()) return Operand::null();
  int order = a.is_nan() || b.is_nan() ? a.is_nan() - b.is_nan() : conversion_.relate(a, b);
  switch (node.function) {
    case Function::kGt:
      return Operand::of(order > 0);
    case Function::kGte:
      return Operand::of(order >= 0);
    case Function::kLt:
      return Operand::of(order < 0);
    default:
      return Operand::of(order <= 0);
  }
}

Operand Evaluator::is_in(const Node& node) {
  Operand value = argument(node, 0);
  if (node.source->list == nullptr) {
    Operand list = argument(node, 1);
    return value.is_unknown() ? Operand::null() : is_in_array(value, list);
  }
  if (value.is_unknown()) return Operand::null();
  std::string key = list_key(value);
  return Operand::of(!key.empty() && node.source->list->contains(key));
}

Operand Evaluator::is_in_array(const Operand& value, const Operand& list) {
  if (!list.is(Type::kArray)) return Operand::of(false);
  TupleReader items = read_array(list.bytes);
  while (!items.done()) {
    Operand item = Operand::of(items.next());
    if (!item.is_unknown() && conversion_.equal(item, value)) return Operand::of(true);
  }
  return Operand::of(false);
}

Operand Evaluator::like(const Node& node) {
  Operand value = argument(node, 0), pattern = argument(node, 1);
  if (value.is_unknown() || pattern.is_unknown()) return Operand::null();
  if (!value.is(Type::kText) || !pattern.is(Type::kText)) return Operand::of(false);
  if (node.function == Function::kLike)
    return Operand::of(matches_like(as_text(value.bytes), as_text(pattern.bytes)));
  std::string &text = conversion_.scratch().text(), &lower = conversion_.scratch().text();
  append_lower(as_text(value.bytes), text);
  append_lower(as_text(pattern.bytes), lower);
  return Operand::of(matches_like(text, lower));
}

Operand Evaluator::change_case(const Node& node) {
  Operand value = argument(node, 0);
  if (!value.is(Type::kText)) return value;
  std::string& text = conversion_.scratch().text();
  node.function == Function::kUpper ? append_upper(as_text(value.bytes), text)
                                    : append_lower(as_text(value.bytes), text);
  return Operand::text(conversion_.scratch().keep(text));
}

Operand Evaluator::length(const Node& node) {
  Operand value = argument(node, 0);
  if (value.is(Type::kText))
    return Operand::of(static_cast<double>(utf16_length(as_text(value.bytes))));
  if (!value.is(Type::kArray)) return Operand::of(0.0);
  return Operand::of(static_cast<double>(read_array(value.bytes).left()));
}

Operand Evaluator::concat(const Node& node) {
  std::string& text = conversion_.scratch().text();
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    Operand value = argument(node, i);
    if (!value.is_unknown()) append_wtf8(conversion_.to_text(value), text);
    conversion_.scratch().expect_room(text.size());
  }
  return Operand::text(conversion_.scratch().keep(text));
}

Operand Evaluator::coalesce(const Node& node) {
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    Operand value = argument(node, i);
    if (!value.is_unknown()) return value;
  }
  return Operand::null();
}

Operand Evaluator::case_when(const Node& node) {
  size_t count = node.arguments.size();
  for (size_t i = 0; i + 1 < count; i += 2)
    if (is_truthy(argument(node, i))) return argument(node, i + 1);
  return count % 2 == 1 ? argument(node, count - 1) : Operand::null();
}

Operand Evaluator::calculate(const Node& node) {
  Operand a = argument(node, 0), b = argument(node, 1);
  auto operation =
      static_cast<Arithmetic>(static_cast<int>(node.function) - static_cast<int>(Function::kAdd));
  return conversion_.calculate(operation, a, b);
}

// date: ten characters of the ISO form; datetime: all of it; strftime: its three formats are those.
Operand Evaluator::date(const Node& node) {
  constexpr size_t kDay = 10;
  if (node.function == Function::kStrftime) {
    Operand format = argument(node, 0);
    if (!format.is(Type::kText)) return Operand::null();
    return time_text(argument(node, 1), as_text(format.bytes) == "%Y-%m-%d" ? kDay : SIZE_MAX);
  }
  return time_text(argument(node, 0), node.function == Function::kDate ? kDay : SIZE_MAX);
}

Operand Evaluator::time_text(const Operand& source, size_t most) {
  std::optional<double> time = conversion_.to_time(source);
  if (!time) return Operand::null();
  std::string& text = conversion_.scratch().text();
  append_iso_date(static_cast<int64_t>(*time), text);
  text.resize(std::min(text.size(), most));
  return Operand::text(conversion_.scratch().keep(text));
}

}  // namespace cairn
