#include "core/query/planner.h"

#include <algorithm>
#include <numeric>

#include "core/query/bounds.h"

namespace cairn {
namespace {

// Ranges that are the product of points: more than that many are not worth it.
constexpr size_t kMaxProduct = 4096;
// How deep an `or` is looked for below others: each of them goes through all that is below it.
constexpr int kMostNested = 4;
// Finding a row by an index costs about as much as reading this many in a scan.
constexpr uint64_t kScanFactor = 5;

// The parts that `and` joins, by their written form. What is no predicate counts as true there
// unless it is false or unknown: only with `all` it is one of them.
void collect_conjuncts(const Expression& expression, const ExpressionNode& node, bool all,
                       std::vector<std::string>& out) {
  bool is_call = node.kind == fb::ExprKind::Call;
  if (is_call && node.function == Function::kAnd) {
    for (size_t i = 0; i < node.arguments.size(); ++i)
      collect_conjuncts(expression, expression.argument(node, i), all, out);
  } else if (all || (is_call && node.function <= Function::kIsUndefined)) {
    out.push_back(expression.written(node));
  }
}

// What has to be true for a predicate to be; what an index asks for.
std::vector<std::string> conjuncts_of(const ExpressionPtr& expression, bool all) {
  std::vector<std::string> conjuncts;
  if (expression != nullptr) collect_conjuncts(*expression, expression->root(), all, conjuncts);
  return conjuncts;
}

// What an index gives for a predicate: ranges of its entries, and how many of its expressions are
// held to one value by them.
struct IndexBounds {
  std::vector<KeyRange> ranges;
  size_t points = 0;
  bool bounded = false;
};

std::vector<KeyRange> product(const std::vector<KeyRange>& points, const Bounds& bounds) {
  std::vector<KeyRange> result;
  for (const KeyRange& point : points)
    for (const ValueRange& next : bounds)
      result.push_back({point.from + next.range.from,
                        next.range.to.empty() ? point.to : point.from + next.range.to});
  return result;
}

IndexBounds bounds_on(const IndexFacts& index, const Expression& expression,
                      const ExpressionNode& predicate) {
  IndexBounds result;
  for (size_t i = 0; i < index.expressions.size(); ++i) {
    std::optional<Bounds> bounds =
        bounds_of(expression, predicate, index.expressions[i]->written(), index.classes[i]);
    if (!bounds) break;
    if (i > 0 && result.ranges.size() * bounds->size() > kMaxProduct) break;
    bool points = std::all_of(bounds->begin(), bounds->end(), [](auto& at) { return at.point; });
    if (i == 0) {
      for (ValueRange& next : *bounds) result.ranges.push_back(std::move(next.range));
    } else {
      result.ranges = product(result.ranges, *bounds);
    }
    result.bounded = true;
    if (!points) break;
    ++result.points;
  }
  return result;
}

class Planner {
 public:
  explicit Planner(const PlanRequest& request)
      : request_(request), conjuncts_(conjuncts_of(request.subset.where, false)) {}

  Plan plan() {
    const ExpressionPtr& where = request_.subset.where;
    if (where != nullptr && never_true(*where)) return nothing();
    std::optional<Plan> order;
    uint64_t wanted = wanted_rows();
    if (wanted < UINT64_MAX) order = ordered();
    // Where a filter leaves little, sorting that is less than reading on in order.
    most_ = order ? 4 * wanted + 1 : request_.rows / kScanFactor + 1;
    std::optional<Found> filter;
    if (where != nullptr) filter = access_of(*where, where->root(), kMostNested);
    if (filter && is_empty(*filter)) return nothing();
    if (filter && filter->entries < most_)
      return {fb::Access::Index, std::move(filter->parts), false, false};
    return order ? *order : Plan{};
  }

  // How many rows have to be found, if that is few of all.
  uint64_t wanted_rows() const {
    uint64_t limit = request_.subset.limit, offset = request_.subset.offset;
    if (request_.subset.order.empty() || limit > request_.rows || offset > request_.rows)
      return UINT64_MAX;
    uint64_t wanted = limit + offset;
    return wanted * kScanFactor <= request_.rows ? wanted : UINT64_MAX;
  }

  // A partial index has the rows of a predicate that asks for all that the index's does.
  bool covers(const IndexFacts& index) const {
    for (const std::string& wanted : conjuncts_of(index.where, true))
      if (std::find(conjuncts_.begin(), conjuncts_.end(), wanted) == conjuncts_.end()) return false;
    return true;
  }

  static bool never_true(const Expression& where) {
    return where.root().kind == fb::ExprKind::Value &&
           !Operand::of(where.root().constant).is_true();
  }

  static Plan nothing() { return {fb::Access::Nothing, {}, false, false}; }

  // Entries that have all rows for which a part of the predicate is true.
  struct Found {
    std::vector<IndexRanges> parts;
    uint64_t entries = 0;  // counted up to most_
  };

  static bool is_empty(const Found& found) {
    return std::all_of(found.parts.begin(), found.parts.end(),
                       [](const IndexRanges& part) { return part.ranges.empty(); });
  }

  // Those that are fewest.
  std::optional<Found> access_of(const Expression& where, const ExpressionNode& node,
                                 int nested) const {
    std::optional<Found> best;
    auto consider = [&](Found found) {
      if (!best || found.entries < best->entries) best = std::move(found);
    };
    for (size_t i = 0; i < request_.indexes.size(); ++i) {
      const IndexFacts& index = request_.indexes[i];
      if (!covers(index)) continue;
      IndexBounds bounds = bounds_on(index, where, node);
      if (!bounds.bounded) continue;
      IndexRanges part{i, std::move(bounds.ranges)};
      uint64_t entries = request_.count(part, most_);
      consider({{std::move(part)}, entries});
    }
    if (nested == 0) return best;
    if (is_call(node, Function::kAnd)) {
      for (size_t i = 0; i < node.arguments.size(); ++i)
        if (is_call(where.argument(node, i), Function::kOr))
          if (auto found = access_of(where, where.argument(node, i), nested))
            consider(std::move(*found));
    } else if (is_call(node, Function::kOr) && !best) {
      best = access_of_any(where, node, nested - 1);
    }
    return best;
  }

  static bool is_call(const ExpressionNode& node, Function function) {
    return node.kind == fb::ExprKind::Call && node.function == function;
  }

  std::optional<Found> access_of_any(const Expression& where, const ExpressionNode& node,
                                     int nested) const {
    Found all;
    for (size_t i = 0; i < node.arguments.size(); ++i) {
      std::optional<Found> found = access_of(where, where.argument(node, i), nested);
      if (!found) return std::nullopt;
      all.entries += found->entries;
      for (IndexRanges& part : found->parts) all.parts.push_back(std::move(part));
    }
    return all;
  }

  // The index that the predicate holds to most values.
  std::optional<Plan> ordered() const {
    std::optional<Plan> best;
    size_t most_held = 0;
    for (size_t i = 0; i < request_.indexes.size(); ++i) {
      const IndexFacts& index = request_.indexes[i];
      size_t held = index.expressions.size() - request_.subset.order.size();
      if (!covers(index) || (best && held <= most_held)) continue;
      std::optional<std::vector<KeyRange>> ranges = ranges_in_order(index);
      if (!ranges) continue;
      most_held = held;
      best = {
          fb::Access::Index, {{i, std::move(*ranges)}}, true, request_.subset.order[0].descending};
    }
    return best;
  }

  // Ranges that give the rows in order, where an index can: its expressions are those of the order,
  // after some that the predicate holds to one value.
  std::optional<std::vector<KeyRange>> ranges_in_order(const IndexFacts& index) const {
    const std::vector<OrderClause>& order = request_.subset.order;
    if (order.size() > index.expressions.size()) return std::nullopt;
    size_t held = index.expressions.size() - order.size();
    KeyRange prefix;
    if (held > 0) {
      std::optional<KeyRange> point = held_prefix(index, held);
      if (!point) return std::nullopt;
      prefix = *point;
    }
    for (size_t i = 0; i < order.size(); ++i)
      if (!is_ordered_as(index, held + i, order[i], i == 0 && order.size() == 1))
        return std::nullopt;
    return in_order(index, held, prefix);
  }

  std::optional<KeyRange> held_prefix(const IndexFacts& index, size_t held) const {
    if (request_.subset.where == nullptr) return std::nullopt;
    IndexFacts start = index;
    start.expressions.resize(held);
    IndexBounds bounds = bounds_on(start, *request_.subset.where, request_.subset.where->root());
    if (bounds.points != held || bounds.ranges.size() != 1) return std::nullopt;
    return bounds.ranges[0];
  }

  bool is_ordered_as(const IndexFacts& index, size_t at, const OrderClause& clause,
                     bool alone) const {
    const ClassCounts& counts = index.classes[at];
    auto count = [&](OrderClass value) { return counts[class_index(value)]; };
    if (index.expressions[at]->written() != clause.expression->written()) return false;
    if (clause.descending != request_.subset.order[0].descending) return false;
    bool has_texts = count(OrderClass::kText) + count(OrderClass::kArray) > 0;
    if (clause.by_locale && request_.host && has_texts) return false;
    // Inside of arrays null comes first, whatever the direction.
    if (clause.nulls_last && count(OrderClass::kArray) > 0) return false;
    // Null comes first in an index, and last from its end. Alone it can be moved.
    return clause.nulls_last == clause.descending || alone || count(OrderClass::kNull) == 0;
  }

  std::vector<KeyRange> in_order(const IndexFacts& index, size_t held,
                                 const KeyRange& prefix) const {
    const OrderClause& first = request_.subset.order[0];
    KeyRange nulls = class_range(OrderClass::kNull, OrderClass::kNull);
    KeyRange values = class_range(OrderClass::kBool, OrderClass::kNan);
    std::vector<KeyRange> parts = {nulls, values};
    if (first.nulls_last) std::swap(parts[0], parts[1]);
    if (request_.subset.after) parts = after_boundary(parts, first);
    std::optional<Bounds> bounds;
    if (request_.subset.where != nullptr)
      bounds = bounds_of(*request_.subset.where, request_.subset.where->root(),
                         first.expression->written(), index.classes[held]);
    std::vector<KeyRange> result;
    for (const KeyRange& part : parts) {
      std::vector<KeyRange> clipped = bounds ? clip(part, *bounds) : std::vector{part};
      if (first.descending) std::reverse(clipped.begin(), clipped.end());
      for (KeyRange& range : clipped)
        result.push_back({prefix.from + range.from, prefix.from + range.to});
    }
    return result;
  }

  // Leaves out what comes before the boundary's first value; ties with it stay.
  std::vector<KeyRange> after_boundary(const std::vector<KeyRange>& parts,
                                       const OrderClause& first) const {
    Operand value = Operand::of(read_item(as_bytes(request_.subset.after->values[0])));
    ByteBuffer encoded;
    encode_order(value, encoded);
    std::string from(as_text(encoded.bytes()));
    KeyRange rest = first.descending ? KeyRange{{}, after_prefix(from)} : KeyRange{from, {}};
    std::vector<KeyRange> result;
    for (size_t i = 0; i < parts.size(); ++i) {
      bool has_boundary = parts[i].from <= from && from < parts[i].to;
      if (has_boundary) {
        std::vector<KeyRange> left = clip(parts[i], {{rest, false}});
        result.insert(result.end(), left.begin(), left.end());
        result.insert(result.end(), parts.begin() + static_cast<ptrdiff_t>(i) + 1, parts.end());
        return result;
      }
    }
    return parts;
  }

  const PlanRequest& request_;
  std::vector<std::string> conjuncts_;
  uint64_t most_ = 0;
};

}  // namespace

Plan make_plan(const PlanRequest& request) { return Planner(request).plan(); }

}  // namespace cairn
