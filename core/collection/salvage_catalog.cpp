#include "core/collection/salvage_catalog.h"

#include <algorithm>
#include <charconv>

#include "core/value/text.h"
#include "core/value/value.h"

namespace cairn {
namespace {

const std::string kSchema = "sqlite_schema", kNames = "cairn_collections", kShapes = "cairn_shapes",
                  kMetadata = "cairn_metadata", kRows = "cairn_rows_", kLog = "cairn_log_";

// The trees of every file in the order in which they are made, which is that of their roots where
// the file has a pointer map. Those of a collection follow: rows, the index of their keys, log; and
// among them those of format 2, a table and its index for the list of indexes, which a new file has
// first and an upgraded one later, and one for each index. SQLite's own indexes have no name here.
struct Tree {
  std::string name;
  bool table;
};
const Tree kFixed[] = {{"cairn_format", true},   {kNames, true},     {"", false},
                       {kShapes, true},          {kMetadata, false}, {"cairn_floors", false},
                       {"cairn_requests", true}, {"", false}};
constexpr size_t kFixedCount = std::size(kFixed);

// What is kept of names, tables and metadata: a hostile file shall not fill the memory.
constexpr size_t kMaxKept = 64u << 20;
constexpr size_t kMaxEntries = 1u << 16;
constexpr size_t kMaxGuessed = 3 * 256;

// The number after a table's prefix; 0 where the name is another.
int64_t number_after(const std::string& prefix, const std::string& name) {
  int64_t number = 0;
  const char* end = name.data() + name.size();
  if (!name.starts_with(prefix)) return 0;
  auto read = std::from_chars(name.data() + prefix.size(), end, number);
  return read.ec == std::errc() && read.ptr == end && number > 0 ? number : 0;
}

// Whether a record's columns are of these kinds: null, integer, real, blob, text.
bool are(const std::vector<Column>& columns, std::string_view kinds) {
  if (columns.size() != kinds.size()) return false;
  for (size_t i = 0; i < kinds.size(); ++i) {
    constexpr std::string_view kLetters = "nirbt";  // in the order of Column::Kind
    if (kLetters[static_cast<size_t>(columns[i].kind)] != kinds[i]) return false;
  }
  return true;
}

bool is_shape(Bytes names) try {
  make_shape(1, std::string(as_text(names)));
  return true;
} catch (const Error&) {
  return false;
}

bool is_portable(Bytes value) try {
  decode_value(value);
  return true;
} catch (const Error&) {
  return false;
}

}  // namespace

bool SalvageCatalog::is_row(const std::vector<Column>& columns) {
  return are(columns, "nbibb") || are(columns, "nbibn");
}

const Shape& SalvageCatalog::shape(uint32_t id) {
  const Shape* found = shapes_.find(id);
  if (found == nullptr)
    throw Error(Status::kCorrupt, "the row's shape " + std::to_string(id) + " is lost");
  return *found;
}

void SalvageCatalog::read() {
  read_schema();
  if (!is_whole(kSchema)) {
    schema_only_ = true;
    take_strays();
    schema_only_ = false;
    place_by_order();
  }
  read_fixed_tables();
  if (!is_whole(kNames) || !is_whole(kShapes) || !is_whole(kMetadata)) take_strays();
  if (!is_whole(kSchema)) place_collections_by_order();
  read_logs();
  find_collections();
  if (!complete_) find_lone_trees();
}

bool SalvageCatalog::is_whole(const std::string& name) const {
  auto found = whole_.find(name);
  return found != whole_.end() && found->second;
}

uint32_t SalvageCatalog::root_of(const std::string& name) const {
  auto found = tables_.find(name);
  return found == tables_.end() ? 0 : found->second;
}

void SalvageCatalog::read_schema() {
  tables_.clear();
  bool sound = true;
  bool whole = trees_.walk(1, true, [&](const TreePage& page) {
    trees_.each_record(page, [&](size_t, int64_t, const Columns& columns) {
      sound &= !columns.empty();
      take_schema(columns);
    });
  });
  whole_[kSchema] = whole && sound;
}

bool SalvageCatalog::read_table(const std::string& name, bool table,
                                const PageTrees::Record& take) {
  bool sound = root_of(name) != 0;
  if (sound)
    sound = trees_.walk(root_of(name), table, [&](const TreePage& page) {
      trees_.each_record(page, [&](size_t cell, int64_t row, const Columns& columns) {
        if (columns.empty()) sound = false;
        take(cell, row, columns);
      });
    }) && sound;
  return whole_[name] = sound;
}

void SalvageCatalog::read_fixed_tables() {
  read_table(kNames, true,
             [&](size_t, int64_t row, const Columns& columns) { take_name(row, columns); });
  read_table(kShapes, true,
             [&](size_t, int64_t row, const Columns& columns) { take_shape(row, columns); });
  read_table(kMetadata, false,
             [&](size_t, int64_t, const Columns& columns) { take_metadata(columns); });
}

void SalvageCatalog::read_logs() {
  bool whole = true;
  for (const auto& [name, root] : tables_) {
    int64_t number = number_after(kLog, name);
    if (number == 0) continue;
    whole = read_table(name, true,
                       [&](size_t, int64_t row, const Columns& columns) {
                         take_state(number, row, columns);
                       }) &&
            whole;
  }
  if (!whole) take_strays();
}

// --- By the order of roots ---

// Whether a tree can be of that kind: it is, or its first page cannot be read.
bool SalvageCatalog::may_be(size_t place, bool table) {
  if (place >= roots_.size()) return false;
  std::optional<TreePage> page = trees_.file().tree_page(roots_[place]);
  return !page || page->is_table() == table;
}

void SalvageCatalog::place_by_order() {
  roots_ = trees_.roots();
  if (trees_.file().map_entry(3).kind != MapEntry::Kind::kRoot) {
    // Without the map's first page, too: they stand one after another from the third page on.
    roots_.clear();
    for (uint32_t page = 3; page <= trees_.file().pages() && roots_.size() < kMaxGuessed; ++page)
      roots_.push_back(page);
  }
  for (size_t i = 0; i < kFixedCount; ++i) {
    if (!may_be(i, kFixed[i].table)) return roots_.clear();
    auto known = tables_.find(kFixed[i].name);
    if (known != tables_.end() && known->second != roots_[i]) return roots_.clear();
  }
  for (size_t i = 0; i < kFixedCount; ++i) {
    if (!kFixed[i].name.empty()) tables_.emplace(kFixed[i].name, roots_[i]);
    named_roots_.emplace(roots_[i], kFixed[i].name);
  }
}

// Whether the trees from there on are those of a collection.
bool SalvageCatalog::is_collection_at(size_t place) {
  if (!may_be(place, true) || !may_be(place + 1, false) || !may_be(place + 2, true)) return false;
  Content rows = content_of(roots_[place]), log = content_of(roots_[place + 2]);
  if (rows == Content::kLog || rows == Content::kOther) return false;
  // What cannot be read could also be the list of indexes.
  return log == Content::kLog ||
         (log == Content::kUnread && (rows == Content::kRows || passed_list_));
}

// The place after the trees of indexes, and of their list, that stand there.
size_t SalvageCatalog::after_indexes(size_t place) {
  for (; place < roots_.size() && !is_collection_at(place); ++place) {
    std::optional<TreePage> page = trees_.file().tree_page(roots_[place]);
    if (page && !page->is_table()) continue;
    if (passed_list_ || !may_be(place, true) || !may_be(place + 1, false)) break;
    passed_list_ = true;
    ++place;
  }
  return place;
}

// Dropping a collection or an index moves roots: then a number is missing, or trees are not where
// they are looked for.
void SalvageCatalog::place_collections_by_order() {
  size_t count = names_.size();
  bool by_map = trees_.file().map_entry(3).kind == MapEntry::Kind::kRoot;
  if (count == 0 || names_.begin()->first != 1 ||
      names_.rbegin()->first != static_cast<int64_t>(count) || roots_.empty())
    return;
  std::vector<size_t> places;
  size_t at = kFixedCount;
  for (size_t i = 0; i < count; ++i, at += 3) {
    at = after_indexes(at);
    if (!is_collection_at(at)) return;
    places.push_back(at);
  }
  if (by_map && after_indexes(at) != roots_.size()) return;
  for (const auto& [number, name] : names_) {
    at = places[static_cast<size_t>(number - 1)];
    std::string digits = std::to_string(number);
    tables_.emplace(kRows + digits, roots_[at]);
    tables_.emplace(kLog + digits, roots_[at + 2]);
    named_roots_.emplace(roots_[at], kRows + digits);
    named_roots_.emplace(roots_[at + 1], "");
    named_roots_.emplace(roots_[at + 2], kLog + digits);
  }
}

// --- Records ---

void SalvageCatalog::take_schema(const Columns& columns) {
  bool created = are(columns, "tttit");
  if (!created && !are(columns, "tttin")) return;  // indexes of keys have no text
  std::string name(as_text(columns[1].bytes));
  int64_t root = columns[3].integer;
  if (root < 2 || root > trees_.file().pages() || tables_.size() >= kMaxEntries) return;
  if (named_roots_.size() >= kMaxEntries || name.size() > 256) return;
  auto page = static_cast<uint32_t>(root);
  if (!named_roots_.emplace(page, name).second) return;
  if (as_text(columns[0].bytes) != "table" || !name.starts_with("cairn_")) return;
  tables_.emplace(name, page);
  found_schema_ = true;
}

void SalvageCatalog::take_name(int64_t row, const Columns& columns) {
  if (!are(columns, "nb") || row < 1) return;
  Bytes name = columns[1].bytes;
  if (name.empty() || !is_wtf8(name, false) || names_.size() >= kMaxEntries ||
      (metadata_bytes_ += name.size()) > kMaxKept)
    return;
  names_.emplace(row, as_text(name));
}

void SalvageCatalog::take_shape(int64_t row, const Columns& columns) {
  if (!are(columns, "nb") || row < 1 || row > static_cast<int64_t>(kMaxShapes)) return;
  if (shapes_.find(static_cast<uint32_t>(row)) != nullptr || !is_shape(columns[1].bytes)) return;
  if (shapes_.name_bytes() + columns[1].bytes.size() > 2 * kMaxShapeBytes) return;
  shapes_.add(static_cast<uint32_t>(row), std::string(as_text(columns[1].bytes)));
  ++shape_count_;
}

void SalvageCatalog::take_state(int64_t number, int64_t row, const Columns& columns) try {
  if (!are(columns, "nbb") || row < 0) return;
  CollectionState state = decode_state(static_cast<uint64_t>(row), columns[1].bytes);
  auto [newest, is_first] = states_.emplace(number, state);
  if (!is_first && newest->second.row_version < state.row_version) newest->second = state;
} catch (const Error&) {
  // One that is damaged says nothing.
}

void SalvageCatalog::take_metadata(const Columns& columns) {
  if (!are(columns, "ibb") || !is_wtf8(columns[1].bytes, false)) return;
  size_t size = columns[1].bytes.size() + columns[2].bytes.size();
  if (metadata_bytes_ + size > kMaxKept || !is_portable(columns[2].bytes)) return;
  metadata_bytes_ += size;
  metadata_[columns[0].integer].emplace(as_text(columns[1].bytes), as_text(columns[2].bytes));
}

// --- Pages that no walk reached ---

void SalvageCatalog::take_strays() {
  trees_.each_stray([&](const TreePage& page, uint32_t root) { take_stray(page, root); });
}

void SalvageCatalog::take_stray(const TreePage& page, uint32_t root) {
  auto known = named_roots_.find(root);
  std::string name = root == 1                     ? kSchema
                     : known != named_roots_.end() ? known->second
                                                   : std::string();
  int64_t log = number_after(kLog, name);
  bool placed = root == 1 || known != named_roots_.end();
  if (placed && is_whole(name)) return;
  if (placed && log == 0 && name != kSchema && name != kNames && name != kShapes &&
      name != kMetadata)
    return;
  trees_.each_record(page, [&](size_t, int64_t row, const Columns& columns) {
    if (schema_only_) return take_schema(columns);
    if (!placed) return take_unplaced(row, columns);
    if (log != 0) return take_state(log, row, columns);
    if (name == kSchema) return take_schema(columns);
    if (name == kNames) return take_name(row, columns);
    name == kShapes ? take_shape(row, columns) : take_metadata(columns);
  });
}

// A record of a page of which nothing is known but what is on it.
void SalvageCatalog::take_unplaced(int64_t row, const Columns& columns) {
  if (columns.size() == 5 && !is_whole(kSchema)) return take_schema(columns);
  if (columns.size() == 3 && !is_whole(kMetadata)) return take_metadata(columns);
  if (!are(columns, "nb")) return;
  if (is_shape(columns[1].bytes)) {
    if (!is_whole(kShapes)) take_shape(row, columns);
  } else if (!is_whole(kNames)) {
    take_name(row, columns);
  }
}

// --- Collections ---

std::string SalvageCatalog::free_name(const std::string& wanted) const {
  auto is_taken = [&](const std::string& name) {
    return std::any_of(collections_.begin(), collections_.end(),
                       [&](const auto& entry) { return entry.second.name == name; });
  };
  std::string name = wanted;
  for (int i = 2; is_taken(name); ++i) name = wanted + "_" + std::to_string(i);
  return name;
}

void SalvageCatalog::find_collections() {
  complete_ = is_whole(kSchema) || is_whole(kNames);
  for (const auto& [number, name] : names_) {
    uint32_t root = root_of(kRows + std::to_string(number));
    // An old page may still name a collection that was dropped.
    if (root == 0 && is_whole(kSchema)) continue;
    complete_ &= root != 0;
    collections_[number] = {free_name(name), true, root, 0, {}, {}};
  }
  for (const auto& [name, root] : tables_) {
    int64_t number = number_after(kRows, name);
    if (number != 0 && !collections_.contains(number))
      collections_[number] = {free_name("rows_" + std::to_string(number)), false, root, 0, {}, {}};
  }
  for (auto& [number, collection] : collections_) {
    collection.log_root = root_of(kLog + std::to_string(number));
    auto state = states_.find(number);
    if (state != states_.end()) collection.state = state->second;
    for (auto& [key, value] : metadata_[number]) collection.metadata.push_back({key, value});
  }
}

// What the first leaf of a tree of a table says that it holds.
SalvageCatalog::Content SalvageCatalog::content_of(uint32_t root) {
  std::optional<TreePage> page = trees_.file().tree_page(root);
  for (int depth = 0; page && page->is_table() && !page->is_leaf() && depth < 24; ++depth) {
    std::optional<Cell> first;
    if (page->cells() > 0) first = page->cell(0);
    page = trees_.file().tree_page(first ? first->child : page->right());
  }
  if (!page || !page->is_table() || !page->is_leaf()) return Content::kUnread;
  Content content = page->cells() == 0 ? Content::kEmpty : Content::kUnread;
  trees_.each_record(*page, [&](size_t, int64_t, const Columns& columns) {
    if (columns.empty() || content == Content::kRows) return;
    content = is_row(columns)       ? Content::kRows
              : are(columns, "nbb") ? Content::kLog
                                    : Content::kOther;
  });
  return content;
}

// Trees of rows that the schema does not name any more: of the one collection that lacks its tree,
// or of nobody knows which.
void SalvageCatalog::find_lone_trees() {
  std::vector<uint32_t> lone;
  for (uint32_t root : trees_.roots())
    if (!named_roots_.contains(root) && content_of(root) == Content::kRows) lone.push_back(root);
  std::vector<FoundCollection*> without;
  for (auto& [number, collection] : collections_)
    if (collection.rows_root == 0) without.push_back(&collection);
  if (lone.size() == 1 && without.size() == 1) {
    without[0]->rows_root = lone[0];
    named_roots_.emplace(lone[0], "");
    return;
  }
  for (uint32_t root : lone) unknown_of(root);
}

FoundCollection& SalvageCatalog::unknown(int64_t number) {
  auto found = collections_.find(number);
  if (found == collections_.end())
    found = collections_.emplace(number, FoundCollection{free_name("unknown"), false, 0, 0, {}, {}})
                .first;
  return found->second;
}

std::optional<int64_t> SalvageCatalog::collection_of(uint32_t root) const {
  for (const auto& [number, collection] : collections_)
    if (root != 0 && collection.rows_root == root) return number;
  return std::nullopt;
}

bool SalvageCatalog::may_hold_rows(uint32_t root) const {
  return !complete_ && root != 1 && !named_roots_.contains(root);
}

int64_t SalvageCatalog::unknown_of(uint32_t root) {
  int64_t number = collections_.size() < kMaxEntries ? -int64_t{root} : kUnknown;
  unknown(number).rows_root = root;
  return number;
}

}  // namespace cairn
