#include "core/query/bounds.h"

#include <algorithm>
#include <iterator>

#include "core/value/object.h"

namespace cairn {
namespace {

using Type = Operand::Type;

// How many ranges are gone through for one predicate. Where that is not enough, nothing is said of
// the parts that are left: nested far and wide they would take minutes.
constexpr size_t kMostWork = 1u << 19;

std::string encoded(const Operand& value) {
  ByteBuffer out;
  encode_order(value, out);
  return std::string(as_text(out.bytes()));
}

std::string class_start(OrderClass value) { return std::string(1, static_cast<char>(value)); }

void add_point(const Operand& value, Bounds& out) {
  std::string start = encoded(value);
  std::string end = after_prefix(start);
  out.push_back({{std::move(start), std::move(end)}, true});
}

bool before(const KeyRange& a, const KeyRange& b) { return a.from < b.from; }
bool ends_before(const KeyRange& a, const std::string& at) { return !a.to.empty() && a.to <= at; }

std::optional<KeyRange> overlap(const KeyRange& a, const KeyRange& b) {
  KeyRange both{std::max(a.from, b.from), a.to.empty()   ? b.to
                                          : b.to.empty() ? a.to
                                                         : std::min(a.to, b.to)};
  if (ends_before(both, both.from)) return std::nullopt;
  return both;
}

// Sorts ranges, and joins those that overlap.
Bounds joined(Bounds bounds) {
  std::sort(bounds.begin(), bounds.end(),
            [](const ValueRange& a, const ValueRange& b) { return before(a.range, b.range); });
  Bounds result;
  for (ValueRange& next : bounds) {
    if (result.empty() || ends_before(result.back().range, next.range.from)) {
      result.push_back(std::move(next));
      continue;
    }
    ValueRange& last = result.back();
    if (last.range == next.range) continue;
    last.point = false;
    if (next.range.to.empty() || (!last.range.to.empty() && last.range.to < next.range.to))
      last.range.to = next.range.to;
  }
  return result;
}

// Both are sorted and without overlaps, so that one pass over them does.
Bounds common(const Bounds& a, const Bounds& b) {
  Bounds result;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (auto range = overlap(a[i].range, b[j].range))
      result.push_back(
          {*range, (a[i].point && *range == a[i].range) || (b[j].point && *range == b[j].range)});
    const std::string &a_end = a[i].range.to, &b_end = b[j].range.to;
    bool a_first = !a_end.empty() && (b_end.empty() || a_end <= b_end);
    a_first ? ++i : ++j;
  }
  return result;
}

// Values equal to a constant. Dates equal their milliseconds.
void add_equal(const Operand& value, const ClassCounts& counts, Bounds& out) {
  auto has = [&](OrderClass other) { return counts[class_index(other)] > 0; };
  if (value.is_unknown() || value.is_reference()) return;
  add_point(value, out);
  if (value.is(Type::kDate) && has(OrderClass::kNumber)) add_point(Operand::of(value.number), out);
  if (value.is(Type::kNumber) && has(OrderClass::kDate) && is_whole(value.number, kMaxDate))
    add_point({Type::kDate, false, value.number == 0 ? 0 : value.number, {}}, out);
}

bool is_ordered(OrderClass value) {
  return value == OrderClass::kNumber || value == OrderClass::kText || value == OrderClass::kDate;
}

// All values but null that are not of the class `but`.
void add_others(OrderClass but, const ClassCounts& counts, Bounds& out) {
  for (auto other = OrderClass::kBool; other <= OrderClass::kNan;
       other = static_cast<OrderClass>(static_cast<int>(other) + 2))
    if (other != but && counts[class_index(other)] > 0)
      out.push_back({class_range(other, other), false});
}

Bounds compared(Function function, const Operand& value, const ClassCounts& counts) {
  Bounds bounds;
  if (value.is_unknown()) return bounds;
  OrderClass own = order_class(value);
  add_others(is_ordered(own) ? own : OrderClass::kNull, counts, bounds);
  if (is_ordered(own)) {
    KeyRange range = class_range(own, own);
    std::string at = encoded(value), after = after_prefix(at);
    if (function == Function::kGt) range.from = after;
    if (function == Function::kGte) range.from = at;
    if (function == Function::kLt) range.to = at;
    if (function == Function::kLte) range.to = after;
    if (range.from < range.to) bounds.push_back({range, false});
  }
  return joined(std::move(bounds));
}

Bounds listed(const Item& list, const ClassCounts& counts) {
  Bounds bounds;
  if (list.tag != kArray) return bounds;
  TupleReader items = read_array(list.bytes());
  while (!items.done()) add_equal(Operand::of(items.next()), counts, bounds);
  return joined(std::move(bounds));
}

// Only texts are like a pattern, and those that are start with what stands before its first
// wildcard.
Bounds like(const Operand& pattern) {
  if (!pattern.is(Type::kText)) return {};
  std::string_view text = as_text(pattern.bytes);
  size_t size = std::min(text.find_first_of("%_"), text.size());
  if (size == text.size()) {
    Bounds bounds;
    add_point(pattern, bounds);
    return bounds;
  }
  ByteBuffer prefix;
  encode_text_prefix(pattern.bytes.first(size), prefix);
  std::string start(as_text(prefix.bytes()));
  return {{{start, after_prefix(start)}, false}};
}

Function mirrored(Function function) {
  switch (function) {
    case Function::kGt:
      return Function::kLt;
    case Function::kGte:
      return Function::kLte;
    case Function::kLt:
      return Function::kGt;
    case Function::kLte:
      return Function::kGte;
    default:
      return function;
  }
}

class BoundsReader {
 public:
  BoundsReader(const Expression& expression, const std::string& indexed, const ClassCounts& counts)
      : expression_(expression), indexed_(indexed), counts_(counts) {}

  std::optional<Bounds> read(const ExpressionNode& node) {
    std::optional<Bounds> bounds = bounds_of_node(node);
    if (bounds && !spend(bounds->size())) return std::nullopt;
    return bounds;
  }

 private:
  bool spend(size_t work) {
    work_left_ -= std::min(work, work_left_);
    return work_left_ > 0;
  }

  std::optional<Bounds> bounds_of_node(const ExpressionNode& node) {
    if (node.kind == fb::ExprKind::Value) {
      if (Operand::of(node.constant).is_true()) return std::nullopt;
      return Bounds{};
    }
    if (node.kind == fb::ExprKind::Reference) return std::nullopt;
    switch (node.function) {
      case Function::kAnd:
        return all(node);
      case Function::kOr:
        return any(node);
      case Function::kEq:
      case Function::kGt:
      case Function::kGte:
      case Function::kLt:
      case Function::kLte:
        return comparison(node);
      case Function::kIn:
        if (!is_indexed(argument(node, 0)) || !is_constant(argument(node, 1))) return std::nullopt;
        return listed(argument(node, 1).constant, counts_);
      case Function::kLike:
        if (!is_indexed(argument(node, 0)) || !is_constant(argument(node, 1))) return std::nullopt;
        return like(Operand::of(argument(node, 1).constant));
      case Function::kIsNull:
      case Function::kIsUndefined:
        if (!is_indexed(argument(node, 0))) return std::nullopt;
        return Bounds{{class_range(OrderClass::kNull, OrderClass::kNull), false}};
      default:
        return std::nullopt;
    }
  }

  const ExpressionNode& argument(const ExpressionNode& node, size_t i) const {
    return expression_.argument(node, i);
  }
  bool is_indexed(const ExpressionNode& node) const {
    return node.kind != fb::ExprKind::Value && expression_.written(node) == indexed_;
  }
  static bool is_constant(const ExpressionNode& node) { return node.kind == fb::ExprKind::Value; }

  std::optional<Bounds> all(const ExpressionNode& node) {
    std::optional<Bounds> result;
    for (size_t i = 0; i < node.arguments.size(); ++i) {
      // A constant that is neither false nor unknown restricts nothing.
      if (is_constant(argument(node, i))) {
        Operand value = Operand::of(argument(node, i).constant);
        if (value.is_false() || value.is_unknown()) return Bounds{};
        continue;
      }
      std::optional<Bounds> next = read(argument(node, i));
      if (!next || !spend(result ? result->size() : 0)) continue;
      result = result ? common(*result, *next) : std::move(next);
    }
    return result;
  }

  std::optional<Bounds> any(const ExpressionNode& node) {
    Bounds result;
    for (size_t i = 0; i < node.arguments.size(); ++i) {
      std::optional<Bounds> next = read(argument(node, i));
      if (!next) return std::nullopt;
      std::move(next->begin(), next->end(), std::back_inserter(result));
    }
    return joined(std::move(result));
  }

  std::optional<Bounds> comparison(const ExpressionNode& node) {
    const ExpressionNode *left = &argument(node, 0), *right = &argument(node, 1);
    Function function = node.function;
    if (is_constant(*left)) {
      std::swap(left, right);
      function = mirrored(function);
    }
    if (!is_constant(*right) || !is_indexed(*left)) return std::nullopt;
    Operand value = Operand::of(right->constant);
    if (function != Function::kEq) return compared(function, value, counts_);
    Bounds bounds;
    add_equal(value, counts_, bounds);
    return joined(std::move(bounds));
  }

  const Expression& expression_;
  const std::string& indexed_;
  const ClassCounts& counts_;
  size_t work_left_ = kMostWork;
};

}  // namespace

KeyRange class_range(OrderClass first, OrderClass last) {
  return {class_start(first), after_prefix(class_start(last))};
}

std::optional<Bounds> bounds_of(const Expression& expression, const ExpressionNode& predicate,
                                const std::string& indexed, const ClassCounts& counts) {
  return BoundsReader(expression, indexed, counts).read(predicate);
}

std::vector<KeyRange> clip(const KeyRange& range, const Bounds& bounds) {
  std::vector<KeyRange> result;
  for (const ValueRange& value : bounds)
    if (auto part = overlap(range, value.range)) result.push_back(*part);
  return result;
}

}  // namespace cairn
