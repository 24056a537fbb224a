// The layout of tables: natural widths first, then the widest columns give way, then columns at the
// end are left out and an ellipsis says so.
#include "table.h"

#include <algorithm>

#include "json_scan.h"

namespace cairn::cli {
namespace {

constexpr size_t kSampleRows = 1000;
constexpr size_t kMaxColumns = 100;
constexpr size_t kMaxCellWithoutLimit = 120;
constexpr size_t kMinColumn = 10;
constexpr size_t kGap = 2;
constexpr size_t kEllipsis = kGap + 1;  // where columns are left out

bool looks_like_number(std::string_view json) {
  return json[0] == '-' || (json[0] >= '0' && json[0] <= '9');
}

// The one member of an object such as {"$date": ...}, "" where it is not such an object.
Cell cell_of_tagged(std::string_view json) {
  Cell cell;
  size_t members = 0;
  for_each_member(json, [&](std::string_view name, std::string_view value) {
    ++members;
    if (name == "$date" && value[0] == '"') cell = {printable(text_of(value)), false};
    if (name == "$bigint" && value[0] == '"') cell = {printable(text_of(value)) + "n", true};
    if (name == "$number" && value[0] == '"') cell = {printable(text_of(value)), true};
  });
  return members == 1 ? cell : Cell{};
}

std::string padded(std::string_view text, size_t width, bool right) {
  const size_t used = display_width(text);
  const std::string space(width > used ? width - used : 0, ' ');
  return right ? space + std::string(text) : std::string(text) + space;
}

size_t total(const std::vector<size_t>& widths) {
  size_t sum = 0;
  for (const size_t width : widths) sum += width + kGap;
  return sum > 0 ? sum - kGap : 0;
}

std::string without_trailing_space(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

Cell cell_of(std::string_view json) {
  if (json.empty()) return {};
  if (json[0] == '"') return {printable(text_of(json)), false};
  if (json.starts_with("{\"$")) {
    if (Cell cell = cell_of_tagged(json); !cell.text.empty()) return cell;
  }
  return {printable(json), looks_like_number(json)};
}

size_t Table::column(std::string_view heading) {
  const std::string name(heading);
  if (const auto found = positions_.find(name); found != positions_.end()) return found->second;
  const size_t position = add_column(heading);
  if (position != kNone) positions_.emplace(name, position);
  return position;
}

size_t Table::add_column(std::string_view heading) {
  if (begun_ || headings_.size() >= kMaxColumns) return kNone;
  headings_.push_back(printable(heading));
  return headings_.size() - 1;
}

void Table::add(std::vector<Cell> row) {
  if (begun_) {
    print_row(row);
    return;
  }
  waiting_.push_back(std::move(row));
  if (waiting_.size() >= kSampleRows) begin();
}

void Table::finish() {
  if (!begun_ && !waiting_.empty()) begin();
}

void Table::begin() {
  measure();
  fit();
  begun_ = true;
  std::vector<Cell> line;
  std::vector<Cell> rule;
  for (size_t i = 0; i < widths_.size(); ++i) {
    line.push_back({headings_[i], false});
    rule.push_back({std::string(widths_[i], '-'), false});
  }
  print_row(line);
  print_row(rule);
  for (const auto& row : waiting_) print_row(row);
  waiting_.clear();
}

void Table::measure() {
  const size_t most = width_ > 0 ? width_ : kMaxCellWithoutLimit;
  widths_.clear();
  for (const auto& heading : headings_) widths_.push_back(display_width(heading));
  std::vector<bool> text(headings_.size(), false);
  right_.assign(headings_.size(), false);
  for (const auto& row : waiting_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths_[i] = std::max(widths_[i], display_width(row[i].text));
      if (row[i].number) right_[i] = true;
      if (!row[i].number && !row[i].text.empty() && row[i].text != "null") text[i] = true;
    }
  }
  for (size_t i = 0; i < widths_.size(); ++i) {
    widths_[i] = std::min(std::max<size_t>(widths_[i], 1), most);
    if (text[i]) right_[i] = false;
  }
}

void Table::fit() {
  if (width_ == 0) return;
  const std::vector<size_t> wanted = widths_;
  while (total(widths_) > width_) {
    const auto widest = std::max_element(widths_.begin(), widths_.end());
    if (*widest <= kMinColumn) break;
    --*widest;
  }
  if (total(widths_) <= width_) return;
  while (widths_.size() > 1 && total(widths_) + kEllipsis > width_) widths_.pop_back();
  widths_[0] = std::min(widths_[0], width_);
  grow(wanted);
}

// Gives the room of the columns that were left out to those that were cut, the narrowest first.
void Table::grow(const std::vector<size_t>& wanted) {
  for (size_t used = total(widths_) + kEllipsis; used < width_; ++used) {
    size_t* narrowest = nullptr;
    for (size_t i = 0; i < widths_.size(); ++i) {
      const bool cut = widths_[i] < wanted[i];
      if (cut && (narrowest == nullptr || widths_[i] < *narrowest)) narrowest = &widths_[i];
    }
    if (narrowest == nullptr) return;
    ++*narrowest;
  }
}

void Table::print_row(const std::vector<Cell>& row) const {
  std::string line;
  for (size_t i = 0; i < widths_.size(); ++i) {
    const std::string text = i < row.size() ? cut_to(row[i].text, widths_[i]) : "";
    if (i > 0) line.append(kGap, ' ');
    line += padded(text, widths_[i], right_[i]);
  }
  if (widths_.size() < headings_.size()) line += "  …";
  cli::print(without_trailing_space(std::move(line)));
}

void Facts::add(std::string name, std::string value) {
  facts_.emplace_back(std::move(name), std::move(value));
}

void Facts::print() const {
  size_t width = 0;
  for (const auto& [name, value] : facts_) width = std::max(width, display_width(name));
  for (const auto& [name, value] : facts_) {
    cli::print(without_trailing_space(padded(name, width + kGap, false) + value));
  }
}

}  // namespace cairn::cli
