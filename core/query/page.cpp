#include "core/query/page.h"

#include <algorithm>

#include "core/value/object.h"

namespace cairn {
namespace {

std::vector<int64_t> numbers_of(auto first, auto last) {
  std::vector<int64_t> numbers;
  for (; first != last; ++first) numbers.push_back(first->number);
  return numbers;
}

uint64_t saturating_sum(uint64_t a, uint64_t b) { return a + b < a ? UINT64_MAX : a + b; }

}  // namespace

Page::Page(const Subset& subset, RowFields& fields, HostAnswers& host)
    : subset_(subset), most_(saturating_sum(subset.offset, subset.limit)) {
  for (const OrderClause& clause : subset.order) {
    clauses_.emplace_back(clause.expression, fields, host);
    bool ranks = clause.by_locale && host.asks();
    options_.push_back(
        {clause.descending, clause.nulls_last, ranks ? &host : nullptr, clause.locale});
  }
  ranked_ = std::any_of(options_.begin(), options_.end(),
                        [](const OrderOptions& options) { return options.host != nullptr; });
  if (!subset.after) return;
  std::vector<Operand> boundary;
  for (const std::string& value : subset.after->values)
    boundary.push_back(Operand::of(read_item(as_bytes(value))));
  boundary_waits_ = has_ranks(boundary);
  if (!boundary_waits_) set_boundary();
}

void Page::expect_order() {
  in_order_ = true;
  ranked_ = boundary_waits_ = false;
  for (OrderOptions& options : options_) options.host = nullptr;
  if (subset_.after) set_boundary();
}

// Whether a host has to rank a text of these values, of the first clauses.
bool Page::has_ranks(const std::vector<Operand>& values) const {
  for (size_t i = 0; i < values.size(); ++i) {
    bool nests = values[i].is(Operand::Type::kText) || values[i].is(Operand::Type::kArray);
    if (nests && options_[i].host != nullptr) return true;
  }
  return false;
}

fb::Sorting Page::sorting() const {
  if (in_order_ || subset_.order.empty()) return fb::Sorting::None;
  return most_ == UINT64_MAX || ranked_ ? fb::Sorting::All : fb::Sorting::Top;
}

bool Page::evaluate() {
  values_.clear();
  for (Evaluator& clause : clauses_) {
    values_.push_back(clause.evaluate());
    if (clause.pending()) return false;
  }
  return true;
}

void Page::encode(Bytes key) {
  key_.clear();
  for (size_t i = 0; i < values_.size(); ++i) encode_order(values_[i], options_[i], key_);
  key_.put(key);
}

bool Page::add(int64_t row, Bytes key) {
  if (!evaluate()) return false;
  if (ranked_ && (boundary_waits_ || has_ranks(values_))) {
    keep_waiting(row, key);
  } else {
    encode(key);
    keep(row);
  }
  return true;
}

Page::Place Page::place_of(Bytes key) const {
  if (!has_boundary_) return Place::kAfter;
  std::string_view text = as_text(key);
  if (!subset_.after->key && text.starts_with(boundary_)) return Place::kEqual;
  return text > boundary_ ? Place::kAfter : Place::kBefore;
}

// Keeps a row whose key is encoded.
void Page::keep(int64_t number) {
  Place place = place_of(key_.bytes());
  if (place == Place::kBefore) return;
  std::string_view key = as_text(key_.bytes());
  if (place == Place::kEqual) {
    equal_.push_back({std::string(key), number});
    return;
  }
  past_boundary_ = true;
  if (most_ == 0) return;
  bool full = kept_.size() >= most_;
  if (in_order_ || most_ == UINT64_MAX) {
    if (!full) kept_.push_back({std::string(key), number});
    return;
  }
  if (full) {
    if (key >= kept_.front().key) return;
    std::pop_heap(kept_.begin(), kept_.end());
    kept_.back().key.assign(key);
    kept_.back().number = number;
  } else {
    kept_.push_back({std::string(key), number});
  }
  std::push_heap(kept_.begin(), kept_.end());
}

// Values are kept as a portable tuple; what nests is ordered by texts and shapes that it has in it.
void Page::keep_waiting(int64_t row, Bytes key) {
  ByteBuffer values;
  TupleWriter writer(values, values_.size());
  for (size_t i = 0; i < values_.size(); ++i) {
    put_operand(values_[i], writer);
    if (options_[i].host != nullptr) ask_ranks(values_[i], options_[i]);
  }
  waiting_.push_back({std::string(as_text(values.bytes())), std::string(as_text(key)), row});
}

void Page::ask() {
  if (!boundary_waits_) return;
  for (size_t i = 0; i < subset_.after->values.size(); ++i) {
    Operand value = Operand::of(read_item(as_bytes(subset_.after->values[i])));
    if (options_[i].host != nullptr) ask_ranks(value, options_[i]);
  }
}

void Page::set_boundary() {
  ByteBuffer boundary;
  for (size_t i = 0; i < subset_.after->values.size(); ++i)
    encode_order(Operand::of(read_item(as_bytes(subset_.after->values[i]))), options_[i], boundary);
  if (subset_.after->key) boundary.put(*subset_.after->key);
  boundary_ = as_text(boundary.bytes());
  has_boundary_ = true;
}

std::vector<int64_t> Page::finish() {
  if (boundary_waits_) set_boundary();
  boundary_waits_ = false;
  for (const Waiting& row : waiting_) {
    TupleReader reader(ByteReader(as_bytes(row.values)), clauses_.size());
    values_.clear();
    while (!reader.done()) values_.push_back(Operand::of(reader.next()));
    encode(as_bytes(row.key));
    keep(row.number);
  }
  waiting_.clear();
  if (!in_order_) std::sort(kept_.begin(), kept_.end());
  std::sort(equal_.begin(), equal_.end());
  std::vector<int64_t> rows = numbers_of(equal_.begin(), equal_.end());
  auto skipped = static_cast<ptrdiff_t>(std::min<uint64_t>(subset_.offset, kept_.size()));
  std::vector<int64_t> rest = numbers_of(kept_.begin() + skipped, kept_.end());
  rows.insert(rows.end(), rest.begin(), rest.end());
  kept_.clear();
  equal_.clear();
  return rows;
}

}  // namespace cairn
