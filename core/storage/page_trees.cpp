#include "core/storage/page_trees.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr size_t kMaxRoots = 1u << 20;
constexpr int kMaxTreeDepth = 24;  // SQLite's own trees are at most 20 deep

}  // namespace

PageTrees::PageTrees(PageFile& file) : file_(file) {
  for (std::vector<bool>* bits : {&visited_, &damaged_, &free_, &claimed_})
    bits->resize(size_t{file.pages()} + 1);
  find_free_pages();
}

// By the list of free pages; it counts where there is no pointer map.
void PageTrees::find_free_pages() {
  uint32_t trunk = file_.free_list();
  while (trunk > 1 && trunk <= file_.pages() && !free_[trunk]) {
    PageBytes page = file_.read(trunk);
    if (page == nullptr) return;
    uint32_t count = load_be32(page->data() + 4);
    if (count > file_.usable() / 4 - 2) return;
    free_[trunk] = true;
    for (uint32_t i = 0; i < count; ++i) {
      uint32_t leaf = load_be32(page->data() + 8 + 4 * size_t{i});
      if (leaf > 1 && leaf <= file_.pages()) free_[leaf] = true;
    }
    trunk = load_be32(page->data());
  }
}

void PageTrees::note_damaged(uint32_t number) {
  if (number == 0 || number > file_.pages() || damaged_[number]) return;
  damaged_[number] = true;
  ++damaged_count_;
}

bool PageTrees::walk(uint32_t root, bool table, const Visit& visit) {
  return descend(root, {0, INT64_MIN, INT64_MAX, 0, table}, visit);
}

bool PageTrees::descend(uint32_t number, const Step& step, const Visit& visit) {
  file_.pause();
  if (number == 0 || number > file_.pages() || visited_[number] || step.depth > kMaxTreeDepth)
    return false;
  std::optional<TreePage> page = file_.tree_page(number);
  if (!page) note_damaged(number);
  if (!page || page->is_table() != step.table || !belongs(*page, step)) return false;
  visited_[number] = true;
  if (page->is_leaf() || !step.table) visit(*page);
  return page->is_leaf() || descend_children(*page, step, visit);
}

bool PageTrees::descend_children(const TreePage& page, const Step& step, const Visit& visit) {
  bool whole = true;
  Step below{page.number(), step.above, step.most, step.depth + 1, step.table};
  for (size_t i = 0; i < page.cells(); ++i) {
    std::optional<Cell> cell = page.cell(i);
    if (!cell) note_damaged(page.number());
    below.most = cell ? cell->row : step.most;
    whole = cell && descend(cell->child, below, visit) && whole;
    if (cell) below.above = cell->row;
  }
  below.most = step.most;
  return descend(page.right(), below, visit) && whole;
}

// Whether a page that a parent names is its child. The pointer map says so; where it does not, the
// rows must be those that the parent expects, and no other parent may have it.
bool PageTrees::belongs(const TreePage& page, const Step& step) {
  MapEntry entry = file_.map_entry(page.number());
  if (step.parent == 0) return page.number() == 1 || entry.kind != MapEntry::Kind::kTree;
  if (entry.kind == MapEntry::Kind::kTree && entry.parent == step.parent) return true;
  if (entry.kind == MapEntry::Kind::kRoot) return false;
  if (entry.kind == MapEntry::Kind::kTree && refers(entry.parent, page.number())) return false;
  if (!step.table) return true;
  size_t inside = 0;
  for (size_t i = 0; i < page.cells(); ++i) {
    std::optional<Cell> cell = page.cell(i);
    inside += cell && cell->row > step.above && cell->row <= step.most;
  }
  return inside * 2 > page.cells();
}

bool PageTrees::refers(uint32_t parent, uint32_t child) {
  std::optional<TreePage> page = file_.tree_page(parent);
  if (!page || page->is_leaf()) return false;
  for (size_t i = 0; i < page->cells(); ++i) {
    std::optional<Cell> cell = page->cell(i);
    if (cell && cell->child == child) return true;
  }
  return page->right() == child;
}

uint32_t PageTrees::root_of(uint32_t page) {
  for (int depth = 0; depth <= kMaxTreeDepth; ++depth) {
    if (page == 1) return 1;
    MapEntry entry = file_.map_entry(page);
    if (entry.kind == MapEntry::Kind::kRoot) return page;
    if (entry.kind != MapEntry::Kind::kTree) return 0;
    page = entry.parent;
  }
  return 0;
}

std::vector<uint32_t> PageTrees::roots() {
  std::vector<uint32_t> roots;
  for (uint32_t page = 2; page <= file_.pages(); ++page) {
    if (file_.map_entry(page).kind == MapEntry::Kind::kRoot) roots.push_back(page);
    if (roots.size() == kMaxRoots) break;
  }
  return roots;
}

// Every page but the first has an entry in the map.
void PageTrees::check_map(uint32_t number, const MapEntry& entry) {
  if (number > 1 && file_.map_page_of(number) != 0 && entry.kind == MapEntry::Kind::kUnknown)
    note_damaged(file_.map_page_of(number));
}

// Whether a page may hold rows that no walk has reached.
bool PageTrees::is_stray(uint32_t number) {
  if (file_.is_map_page(number)) return false;
  MapEntry entry = file_.map_entry(number);
  check_map(number, entry);
  if (file_.read(number) == nullptr) note_damaged(number);
  if (visited_[number]) return false;
  if (entry.kind == MapEntry::Kind::kUnknown) return !free_[number];
  return entry.in_tree();
}

void PageTrees::each_stray(const std::function<void(const TreePage&, uint32_t root)>& visit) {
  for (uint32_t number = 1; number <= file_.pages(); ++number) {
    file_.pause();
    if (!is_stray(number)) continue;
    std::optional<TreePage> page = file_.tree_page(number);
    if (!page && (number == 1 || file_.map_entry(number).in_tree())) note_damaged(number);
    if (page && (page->is_leaf() || !page->is_table())) visit(*page, root_of(number));
  }
}

// Gathers a cell's payload; false where its overflow pages cannot be right.
bool PageTrees::payload(const Cell& cell, Bytes& out) {
  chain_.clear();
  out = cell.local;
  if (cell.overflow == 0) return true;
  gathered_.clear();
  gathered_.put(cell.local);
  for (uint32_t next = cell.overflow; gathered_.size() < cell.size;) {
    PageBytes page = file_.read(next);
    if (page == nullptr) note_damaged(next);
    if (page == nullptr || (claiming_ && claimed_[next])) return false;
    chain_.push_back(next);
    size_t size = std::min(cell.size - gathered_.size(), file_.usable() - 4);
    gathered_.put(Bytes{page->data() + 4, size});
    next = load_be32(page->data());
  }
  out = gathered_.bytes();
  return true;
}

void PageTrees::each_record(const TreePage& page, const Record& visit) {
  std::vector<Column> columns;
  size_t bytes = 0;  // cells that overlap cannot all be right, and would be far too much to read
  for (size_t i = 0; i < page.cells(); ++i) {
    std::optional<Cell> cell = page.cell(i);
    Bytes record;
    if (cell) bytes += cell->local.size();
    if (!cell || bytes > file_.usable() || !payload(*cell, record) || !read_record(record, columns))
      columns.clear();
    visit(i, cell ? cell->row : 0, columns);
    end_record();
  }
}

bool PageTrees::record(RowPlace place, std::vector<Column>& columns) {
  std::optional<TreePage> page = file_.tree_page(place.page);
  std::optional<Cell> cell;
  if (page && place.cell < page->cells()) cell = page->cell(place.cell);
  Bytes record;
  claiming_ = false;
  bool found = cell && payload(*cell, record) && read_record(record, columns);
  claiming_ = true;
  return found;
}

void PageTrees::claim() {
  for (uint32_t page : chain_) claimed_[page] = true;
  chain_.clear();
}

// What nobody claimed may be read again for another record, but not without end.
void PageTrees::end_record() {
  unclaimed_ += chain_.size();
  if (unclaimed_ > 16 * uint64_t{file_.pages()} + (1u << 20)) claim();
  chain_.clear();
}

}  // namespace cairn
