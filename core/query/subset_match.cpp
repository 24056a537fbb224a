#include "core/query/subset_match.h"

#include <algorithm>

#include "core/value/object.h"

namespace cairn {
namespace {

// The order of insertion as bytes.
std::string place_of_number(int64_t number) {
  std::string place;
  for (int shift = 56; shift >= 0; shift -= 8)
    place += static_cast<char>(static_cast<uint64_t>(number) >> shift & 0xff);
  return place;
}

bool needs_rank(const Operand& value) {
  return value.is(Operand::Type::kText) || value.is(Operand::Type::kArray);
}

}  // namespace

SubsetMatcher::SubsetMatcher(std::shared_ptr<const Subset> subset, bool host)
    : subset_(std::move(subset)), host_(host), keys_(subset_->keys.begin(), subset_->keys.end()) {
  if (subset_->where != nullptr) where_.emplace(subset_->where, fields_, host_);
  for (const OrderClause& clause : subset_->order) {
    clauses_.emplace_back(clause.expression, fields_, host_);
    HostAnswers* ranks = clause.by_locale && host ? &host_ : nullptr;
    options_.push_back({clause.descending, clause.nulls_last, ranks, clause.locale});
  }
  if (!subset_->after) return;
  ByteBuffer start;
  for (size_t i = 0; i < subset_->after->values.size(); ++i) {
    Operand value = Operand::of(read_item(as_bytes(subset_->after->values[i])));
    OrderOptions options = options_[i];
    // A text would have to be ranked among others: it is not, and no row is either.
    options.host = nullptr;
    encode_order(value, options, start);
  }
  if (subset_->after->key) start.put(*subset_->after->key);
  start_ = as_text(start.bytes());
}

// False where the order cannot be told without a host.
bool SubsetMatcher::encode(const SubsetRow& row, std::string& position) {
  if (clauses_.empty()) {
    position = place_of_number(row.number);
    return true;
  }
  ByteBuffer encoded;
  for (size_t i = 0; i < clauses_.size(); ++i) {
    Operand value = clauses_[i].evaluate();
    if (clauses_[i].pending() || (options_[i].host != nullptr && needs_rank(value))) return false;
    encode_order(value, options_[i], encoded);
  }
  encoded.put(row.key);
  position = as_text(encoded.bytes());
  return true;
}

SubsetMatcher::Place SubsetMatcher::place_of(const SubsetRow& row, ShapeReader& shapes) {
  Place place;
  if (row.row.empty()) return place;
  if (subset_->by_keys && !keys_.contains(std::string(as_text(row.key)))) return place;
  fields_.set(row.row, shapes);
  try {
    if (where_) {
      bool matches = where_->evaluate().is_true();
      if (where_->pending()) return {false, std::nullopt};
      if (!matches) return place;
    }
    std::string position;
    if (!encode(row, position)) return {false, std::nullopt};
    if (is_after_start(position)) place.position = std::move(position);
    return place;
  } catch (const ValueError&) {
    return {false, std::nullopt};
  }
}

bool SubsetMatcher::is_after_start(const std::string& position) const {
  if (!start_) return true;
  if (!subset_->after->key && position.starts_with(*start_)) return true;
  return position > *start_;
}

void SubsetMatcher::set_last(const SubsetRow& last, ShapeReader& shapes) {
  fields_.set(last.row, shapes);
  std::string position;
  // Without a place every row would be inside: those that have none are told to reload.
  end_ = encode(last, position) ? position : std::string();
}

bool SubsetMatcher::is_inside(const Place& place) const {
  return place.position && (!end_ || *place.position <= *end_);
}

bool SubsetMatcher::shifts() const {
  bool limited = subset_->limit != UINT64_MAX;
  return subset_->offset != 0 || (subset_->by_keys && limited) ||
         (subset_->after && !subset_->after->key && limited);
}

SubsetEffect SubsetMatcher::match(const SubsetRow& before, const SubsetRow& after,
                                  ShapeReader& shapes) {
  if (subset_->limit == 0 && !subset_->after) return SubsetEffect::kNone;
  Place old_place = place_of(before, shapes), new_place = place_of(after, shapes);
  bool lost_end = end_ && end_->empty();
  if (!old_place.known || !new_place.known || lost_end) return SubsetEffect::kReloads;
  bool was = is_inside(old_place), is = is_inside(new_place);
  if (!was && !is) return SubsetEffect::kNone;
  bool stays = was && is && *old_place.position == *new_place.position;
  if (shifts() && !stays) return SubsetEffect::kReloads;
  if (was && is) return SubsetEffect::kChanges;
  if (is) return end_ ? SubsetEffect::kPushesOut : SubsetEffect::kEnters;
  return end_ ? SubsetEffect::kRefills : SubsetEffect::kLeaves;
}

}  // namespace cairn
