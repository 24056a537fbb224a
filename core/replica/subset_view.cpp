#include "core/replica/subset_view.h"

#include "core/query/page.h"

namespace cairn {
namespace {

bool is_page(const Subset& subset) {
  return subset.limit != UINT64_MAX || subset.offset != 0 || subset.after;
}

}  // namespace

SubsetView::SubsetView(std::string bytes, const Subset& subset, bool host)
    : bytes_(std::move(bytes)), matcher_(subset, host), pages_(is_page(subset)) {}

// A load that is begun again has given rows already: they count as held.
void SubsetView::begin_load() {
  stale_ = told_ = false;
  loading_ = true;
  set_.visit([&](int64_t number) { old_set_.add(number); });
  set_ = {};
  old_rows_.merge(rows_);
  rows_.clear();
}

bool SubsetView::has(int64_t number) const {
  if (pages_) return rows_.contains(number) || old_rows_.contains(number);
  return set_.has(number) || old_set_.has(number);
}

void SubsetView::load(Bytes key, int64_t number, Bytes stored) {
  if (!pages_) {
    set_.add(number);
    return;
  }
  rows_[number] = {std::string(as_text(key)), std::string(as_text(stored))};
}

std::vector<SubsetView::Left> SubsetView::end_load() {
  loading_ = false;
  std::vector<Left> left;
  old_set_.visit([&](int64_t number) {
    if (!set_.has(number)) left.push_back({number, {}});
  });
  for (auto& [number, row] : old_rows_)
    if (!rows_.contains(number)) left.push_back({number, std::move(row.key)});
  old_set_ = {};
  old_rows_.clear();
  return left;
}

SubsetMatcher::Row SubsetView::row_of(int64_t number) const {
  const Row& row = rows_.at(number);
  return {as_bytes(row.key), number, as_bytes(row.stored)};
}

bool SubsetView::change(Bytes key, int64_t number, Bytes stored, ShapeReader& shapes,
                        std::vector<Left>& left) {
  if (!told_) tell_page(shapes);
  bool held = has(number);
  // What an offset skips is not known row by row, nor which row of a list of keys is the last.
  if (pages_ && (subset().by_keys || (subset().offset != 0 && !held))) stale_ = true;
  if (stale_) {
    if (stored.empty() && held) pages_ ? rows_.erase(number) : set_.remove(number);
    return held && !stored.empty();
  }
  Bytes before = held && pages_ ? as_bytes(rows_.at(number).stored) : Bytes{};
  SubsetVerdict verdict = matcher_.match(key, number, before, stored, shapes);
  if (!pages_) return follow_in_set(verdict, number);
  return follow(verdict, key, number, stored, shapes, left);
}

// Without a limit a row is in or not, whatever it was before.
bool SubsetView::follow_in_set(SubsetVerdict verdict, int64_t number) {
  if (verdict == SubsetVerdict::kReload) {
    stale_ = true;
    return set_.has(number);
  }
  bool is_in = verdict == SubsetVerdict::kEnters;
  is_in ? set_.add(number) : set_.remove(number);
  return is_in;
}

bool SubsetView::follow(SubsetVerdict verdict, Bytes key, int64_t number, Bytes stored,
                        ShapeReader& shapes, std::vector<Left>& left) {
  bool leaves = verdict == SubsetVerdict::kLeaves || verdict == SubsetVerdict::kRefill ||
                (verdict == SubsetVerdict::kReload && stored.empty());
  if (leaves) rows_.erase(number);
  bool enters = verdict == SubsetVerdict::kEnters || verdict == SubsetVerdict::kPushesOut ||
                verdict == SubsetVerdict::kChanges;
  if (enters) rows_[number] = {std::string(as_text(key)), std::string(as_text(stored))};
  if (verdict == SubsetVerdict::kPushesOut) push_out(shapes, left);
  if (verdict == SubsetVerdict::kReload || verdict == SubsetVerdict::kRefill) stale_ = true;
  if (!stale_ && matcher_.wants_last()) tell_page(shapes);
  return has(number);
}

// The rows of the page that count towards the limit, in their order.
std::vector<int64_t> SubsetView::counted_in_order(ShapeReader& shapes) {
  Subset all = subset();
  all.after.reset();
  all.offset = 0;
  HostAnswers host(false);
  RowFields fields;
  Page page(all, fields, host);
  std::vector<int64_t> numbers;
  for (const auto& [number, row] : rows_) {
    if (matcher_.ties_with_cursor(row_of(number), shapes)) continue;
    if (all.order.empty()) {
      numbers.push_back(number);
      continue;
    }
    fields.set(as_bytes(row.stored), shapes);
    page.add(number, as_bytes(row.key));
  }
  if (all.order.empty() && numbers.size() > all.limit) numbers.resize(all.limit);
  return all.order.empty() ? numbers : page.finish();
}

void SubsetView::push_out(ShapeReader& shapes, std::vector<Left>& left) {
  RowSet stays;
  for (int64_t number : counted_in_order(shapes)) stays.add(number);
  for (auto row = rows_.begin(); row != rows_.end();) {
    bool is_out = !stays.has(row->first) && !matcher_.ties_with_cursor(row_of(row->first), shapes);
    if (is_out) left.push_back({row->first, std::move(row->second.key)});
    row = is_out ? rows_.erase(row) : std::next(row);
  }
  tell_page(shapes);
}

void SubsetView::tell_page(ShapeReader& shapes) {
  told_ = true;
  SubsetMatcher::LoadedPage page;
  page.holds_all = true;
  if (pages_) {
    // Where it cannot be ordered here, changes that matter reload.
    std::vector<int64_t> numbers = counted_in_order(shapes);
    page.rows = numbers.size();
    page.holds_all = page.rows < subset().limit;
    if (!numbers.empty()) page.last = row_of(numbers.back());
    if (!numbers.empty()) page.first = row_of(numbers.front());
  }
  matcher_.set_page(page, shapes);
}

}  // namespace cairn
