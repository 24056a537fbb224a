#include "core/query/subset_match.h"

#include <algorithm>

#include "core/value/object.h"

namespace cairn {
namespace {

// Big-endian, negative ones first.
void put_ordered(int64_t number, ByteBuffer& out) {
  uint64_t bits = static_cast<uint64_t>(number) ^ (1ull << 63);
  for (int shift = 56; shift >= 0; shift -= 8) out.put(static_cast<uint8_t>(bits >> shift));
}

Subset without_offset_after_cursor(Subset subset) {
  if (subset.after) subset.offset = 0;
  return subset;
}

}  // namespace

SubsetMatcher::SubsetMatcher(Subset subset, bool host)
    : subset_(without_offset_after_cursor(std::move(subset))),
      host_(host),
      counts_(subset_.limit != UINT64_MAX) {
  if (subset_.where != nullptr) where_.emplace(subset_.where, fields_, host_);
  for (size_t i = 0; subset_.by_keys && i < subset_.keys.size(); ++i)
    keys_.try_emplace(subset_.keys[i], i);
  begin_order();
}

void SubsetMatcher::begin_order() {
  for (const OrderClause& clause : subset_.order) {
    clauses_.emplace_back(clause.expression, fields_, host_);
    bool ranks = clause.by_locale && host_.asks();
    options_.push_back(
        {clause.descending, clause.nulls_last, ranks ? &host_ : nullptr, clause.locale});
  }
  if (!subset_.after || subset_.order.empty()) return;
  const std::vector<std::string>& values = subset_.after->values;
  for (size_t i = 0; i < values.size() && start_.complete; ++i)
    start_.complete = put_value(Operand::of(read_item(as_bytes(values[i]))), options_[i], start_);
  if (subset_.after->key && start_.complete) start_.bytes.put(as_bytes(*subset_.after->key));
}

// False where only a host can rank it: its class is still told from others.
bool SubsetMatcher::put_value(const Operand& value, const OrderOptions& options,
                              Position& out) const {
  bool nests = value.is(Operand::Type::kText) || value.is(Operand::Type::kArray);
  if (options.host == nullptr || !nests) {
    encode_order(value, options, out.bytes);
    return true;
  }
  auto type = static_cast<uint8_t>(order_class(value));
  out.bytes.put(options.descending ? static_cast<uint8_t>(~type) : type);
  return false;
}

// False where the host would have to answer first. The fields are at the row.
bool SubsetMatcher::locate(const Row& row, Position& out) {
  out.bytes.clear();
  out.complete = true;
  if (clauses_.empty()) {
    auto listed = keys_.find(as_text(row.key));
    // Rows that are asked for by key come in the order of their keys in the list.
    put_ordered(listed == keys_.end() ? row.number : static_cast<int64_t>(listed->second),
                out.bytes);
    return true;
  }
  for (size_t i = 0; i < clauses_.size() && out.complete; ++i) {
    Operand value = clauses_[i].evaluate();
    if (clauses_[i].pending()) return false;
    out.complete = put_value(value, options_[i], out);
  }
  if (out.complete) out.bytes.put(row.key);
  return true;
}

SubsetMatcher::Side SubsetMatcher::side_of(const Position& position, const Position& mark) {
  std::string_view text = position.view(), other = mark.view();
  if (position.complete && mark.complete)
    return text == other ? Side::kEqual : text < other ? Side::kBefore : Side::kAfter;
  size_t common = std::min(text.size(), other.size());
  int difference = text.substr(0, common).compare(other.substr(0, common));
  if (difference == 0) return Side::kUnknown;
  return difference < 0 ? Side::kBefore : Side::kAfter;
}

SubsetMatcher::Place SubsetMatcher::place_in_order(const Position& position) const {
  if (subset_.after && !subset_.order.empty()) return place_after_cursor(position);
  if (subset_.offset == 0 || subset_.limit == 0) return place_after_start(position);
  if (start_.bytes.empty()) return known_ && skips_all_ ? Place::kSkipped : Place::kUnknown;
  Side side = side_of(position, start_);
  if (side == Side::kUnknown) return Place::kUnknown;
  return side == Side::kBefore ? Place::kSkipped : place_after_start(position);
}

SubsetMatcher::Place SubsetMatcher::place_after_cursor(const Position& position) const {
  bool may_tie = !subset_.after->key;
  if (may_tie && start_.complete && position.view().starts_with(start_.view())) return Place::kTie;
  Side side = side_of(position, start_);
  if (side == Side::kBefore || side == Side::kEqual) return Place::kOut;
  // Where ties are not known, neither is how many rows of the page count towards the limit.
  if (side == Side::kUnknown || (may_tie && !start_.complete && counts_)) return Place::kUnknown;
  return place_after_start(position);
}

SubsetMatcher::Place SubsetMatcher::place_after_start(const Position& position) const {
  if (subset_.limit == 0) return Place::kOut;
  if (!known_) return Place::kUnknown;
  if (holds_all_) return Place::kPage;
  Side side = side_of(position, end_);
  if (side == Side::kUnknown) return Place::kUnknown;
  return side == Side::kAfter ? Place::kOut : Place::kPage;
}

// Nothing where the host would have to answer first. The fields are at the row.
std::optional<bool> SubsetMatcher::matches(const Row& row) {
  if (subset_.by_keys && !keys_.contains(as_text(row.key))) return false;
  if (!where_) return true;
  bool result = where_->evaluate().is_true();
  if (where_->pending()) return std::nullopt;
  return result;
}

SubsetMatcher::Place SubsetMatcher::judge(const Row& row, ShapeReader& shapes,
                                          Position& position) try {
  position.bytes.clear();
  if (row.stored.empty()) return Place::kOut;
  fields_.set(row.stored, shapes);
  std::optional<bool> is_in = matches(row);
  if (!is_in) return give_up(position);
  if (!*is_in) return Place::kOut;
  // Also where the position is not needed: the load tells of what throws.
  bool located = locate(row, position);
  if (!located) give_up(position);
  if (!needs_position()) return known_ ? Place::kPage : Place::kUnknown;
  return located ? place_in_order(position) : Place::kUnknown;
} catch (const ValueError&) {
  return give_up(position);
}

SubsetMatcher::Place SubsetMatcher::give_up(Position& position) {
  position.bytes.clear();
  host_ = HostAnswers(host_.asks());  // nobody will answer: questions would pile up
  return Place::kUnknown;
}

bool SubsetMatcher::ties_with_cursor(const Row& row, ShapeReader& shapes) {
  return subset_.after && !subset_.after->key && judge(row, shapes, after_) == Place::kTie;
}

// The position of a row of the page, wherever its place is.
bool SubsetMatcher::find(const Row& row, ShapeReader& shapes, Position& position) {
  judge(row, shapes, position);
  return !position.bytes.empty();
}

void SubsetMatcher::set_page(const LoadedPage& page, ShapeReader& shapes) {
  skips_all_ = subset_.offset > 0 && page.rows == 0 && page.holds_all;
  if (skips_all_) start_ = {};
  if (page.first && subset_.offset > 0) find(*page.first, shapes, start_);
  room_ = page.rows < subset_.limit ? subset_.limit - page.rows : 0;
  bool has_last = page.last && find(*page.last, shapes, end_);
  // A page that is full ends at its last row, also where no other row matches.
  holds_all_ = page.holds_all && (room_ > 0 || !has_last);
  last_known_ = has_last && !holds_all_;
  known_ = last_known_ || holds_all_ || subset_.limit == 0;
}

SubsetVerdict SubsetMatcher::match(Bytes key, int64_t number, Bytes before, Bytes after,
                                   ShapeReader& shapes) {
  if (subset_.by_keys && !keys_.contains(as_text(key))) return SubsetVerdict::kNone;
  Place from = judge({key, number, before}, shapes, before_);
  Place to = judge({key, number, after}, shapes, after_);
  return verdict_of(from, to);
}

SubsetVerdict SubsetMatcher::verdict_of(Place before, Place after) {
  if (!known_ && (before == Place::kTie || after == Place::kTie)) return reload();
  if (before == Place::kUnknown || after == Place::kUnknown) return reload();
  if (before == Place::kSkipped || after == Place::kSkipped) {
    // Those that are skipped stay as many; or there are none after them that could follow up.
    bool none_follows = start_.bytes.empty() && after == Place::kOut;
    return before == after || none_follows ? SubsetVerdict::kNone : reload();
  }
  if (after == Place::kOut)
    return before == Place::kOut   ? SubsetVerdict::kNone
           : before == Place::kTie ? SubsetVerdict::kLeaves
                                   : leave();
  if (before == Place::kOut) return after == Place::kTie ? SubsetVerdict::kEnters : enter();
  return stay(before, after);
}

SubsetVerdict SubsetMatcher::enter() {
  if (!counts_) return SubsetVerdict::kEnters;
  if (room_ > 0) {
    --room_;
    return SubsetVerdict::kEnters;
  }
  // Without a last row that is there still, the row that falls out may be the one that enters.
  if (!last_known_) return reload();
  known_ = last_known_ = false;
  return SubsetVerdict::kPushesOut;
}

SubsetVerdict SubsetMatcher::leave() {
  forget_last_if_moved();
  if (!counts_) return SubsetVerdict::kLeaves;
  ++room_;
  return holds_all_ ? SubsetVerdict::kLeaves : SubsetVerdict::kRefill;
}

// The end stays where it was: no row of the page is after it.
void SubsetMatcher::forget_last_if_moved() {
  if (side_of(before_, end_) != Side::kBefore && before_.view() != after_.view())
    last_known_ = false;
}

SubsetVerdict SubsetMatcher::stay(Place before, Place after) {
  if (before == Place::kPage && after == Place::kPage) {
    forget_last_if_moved();
  } else if (before != after && counts_) {
    bool enters = after == Place::kPage;
    if (enters && room_ == 0) return reload();
    if (!enters) forget_last_if_moved();
    room_ += enters ? UINT64_MAX : 1;
  }
  return SubsetVerdict::kChanges;
}

SubsetVerdict SubsetMatcher::reload() {
  known_ = last_known_ = false;
  if (subset_.offset > 0) start_ = {};
  return SubsetVerdict::kReload;
}

}  // namespace cairn
