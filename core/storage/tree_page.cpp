#include "core/storage/tree_page.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr size_t kFirstHeader = 100;      // before the first page's own
constexpr size_t kMaxPayload = 1u << 26;  // no row of ours is as large
constexpr size_t kMaxColumns = 16;

// Reads SQLite's varint at `at` and moves on; false where it does not end before `end`.
bool read_varint(const uint8_t*& at, const uint8_t* end, uint64_t& value) {
  value = 0;
  for (int i = 0; i < 9; ++i) {
    if (at == end) return false;
    uint8_t byte = *at++;
    if (i == 8) {
      value = value << 8 | byte;
      return true;
    }
    value = value << 7 | (byte & 0x7f);
    if (byte < 0x80) return true;
  }
  return true;
}

// The size of a column's value, and what it is; false for a type that no record has.
bool read_type(uint64_t type, size_t& size, Column& column) {
  static constexpr uint8_t kSizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
  if (type >= 12) {
    if (type > 2 * kMaxPayload) return false;
    column.kind = type % 2 == 0 ? Column::Kind::kBlob : Column::Kind::kText;
    size = static_cast<size_t>(type - 12) / 2;
    return true;
  }
  if (type > 9) return false;
  column.kind = type == 0   ? Column::Kind::kNull
                : type == 7 ? Column::Kind::kReal
                            : Column::Kind::kInteger;
  column.integer = type == 9;
  size = kSizes[type];
  return true;
}

int64_t signed_be(Bytes bytes) {
  uint64_t value = load_be(bytes.data(), bytes.size());
  auto shift = static_cast<unsigned>(64 - 8 * bytes.size());
  return static_cast<int64_t>(value << shift) >> shift;
}

}  // namespace

uint64_t load_be(const uint8_t* from, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | from[i];
  return value;
}

std::optional<TreePage> TreePage::read(uint32_t number, PageBytes bytes, size_t usable) {
  if (bytes == nullptr || bytes->size() < usable) return std::nullopt;
  TreePage page(number, std::move(bytes), usable);
  if (!page.read_header()) return std::nullopt;
  return page;
}

bool TreePage::read_header() {
  size_t start = number_ == 1 ? kFirstHeader : 0;
  const uint8_t* header = bytes_->data() + start;
  kind_ = header[0];
  if (kind_ != 2 && kind_ != 5 && kind_ != 10 && kind_ != 13) return false;
  count_ = load_be(header + 3, 2);
  size_t content = load_be(header + 5, 2);
  if (content == 0) content = 65536;
  if (!is_leaf()) right_ = load_be32(header + 8);
  pointers_ = start + (is_leaf() ? 8 : 12);
  return pointers_ + 2 * count_ <= content && content <= usable_;
}

// Splits a payload between the page and its overflow pages as SQLite does; `at` moves behind it.
bool TreePage::place_payload(size_t& at, Cell& cell) const {
  size_t most = is_table() ? usable_ - 35 : (usable_ - 12) * 64 / 255 - 23;
  size_t least = (usable_ - 12) * 32 / 255 - 23;
  size_t local = cell.size;
  if (cell.size > most) {
    local = least + (cell.size - least) % (usable_ - 4);
    if (local > most) local = least;
  }
  if (usable_ - at < local) return false;
  cell.local = {bytes_->data() + at, local};
  at += local;
  if (local == cell.size) return true;
  if (usable_ - at < 4) return false;
  cell.overflow = load_be32(bytes_->data() + at);
  at += 4;
  return true;
}

std::optional<Cell> TreePage::cell(size_t i) const {
  const uint8_t* page = bytes_->data();
  const uint8_t* end = page + usable_;
  size_t start = load_be(page + pointers_ + 2 * i, 2);
  if (start < pointers_ + 2 * count_ || start + 4 > usable_) return std::nullopt;
  Cell cell;
  const uint8_t* at = page + start;
  if (!is_leaf()) {
    cell.child = load_be32(at);
    at += 4;
  }
  uint64_t size = 0, row = 0;
  bool has_payload = is_leaf() || !is_table();
  if (has_payload && (!read_varint(at, end, size) || size > kMaxPayload)) return std::nullopt;
  if (is_table() && !read_varint(at, end, row)) return std::nullopt;
  cell.size = static_cast<size_t>(size);
  cell.row = static_cast<int64_t>(row);
  auto place = static_cast<size_t>(at - page);
  if (has_payload && !place_payload(place, cell)) return std::nullopt;
  return cell;
}

bool TreePage::is_filled() const {
  const uint8_t* end = bytes_->data() + usable_;
  std::vector<Column> columns;
  bool reaches = false;
  for (size_t i = 0; i < count_; ++i) {
    std::optional<Cell> found = cell(i);
    if (!found || found->local.empty()) return false;
    if (found->overflow == 0 && !read_record(found->local, columns)) return false;
    const uint8_t* last = found->local.data() + found->local.size();
    reaches |= last + (found->overflow != 0 ? 4 : 0) == end;
  }
  return reaches;
}

bool read_record(Bytes record, std::vector<Column>& columns) {
  columns.clear();
  const uint8_t* at = record.data();
  const uint8_t* end = at + record.size();
  uint64_t header = 0;
  if (!read_varint(at, end, header) || header > record.size()) return false;
  const uint8_t* types_end = record.data() + header;
  const uint8_t* value = types_end;
  while (at < types_end) {
    uint64_t type = 0;
    size_t size = 0;
    Column column;
    if (columns.size() == kMaxColumns || !read_varint(at, types_end, type) ||
        !read_type(type, size, column) || static_cast<size_t>(end - value) < size)
      return false;
    column.bytes = {value, size};
    if (column.is_integer() && size > 0) column.integer = signed_be(column.bytes);
    value += size;
    columns.push_back(column);
  }
  return value == end && !columns.empty();
}

}  // namespace cairn
