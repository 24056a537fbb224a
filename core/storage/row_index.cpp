#include "core/storage/row_index.h"

namespace cairn {

RowIndex::RowIndex() : NativeConnection("", Mode::kReadWrite, 0) {
  execute(
      "PRAGMA journal_mode = OFF; PRAGMA cache_size = -4096; "
      "CREATE TABLE found(collection INTEGER, key BLOB, id INTEGER, version INTEGER, "
      "in_tree INTEGER, page INTEGER, cell INTEGER, PRIMARY KEY(collection, key)) WITHOUT ROWID; "
      "BEGIN");
  add_ = prepare(
      "INSERT INTO found VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(collection, key) "
      "DO UPDATE SET id = excluded.id, version = excluded.version, in_tree = excluded.in_tree, "
      "page = excluded.page, cell = excluded.cell "
      "WHERE (excluded.in_tree, excluded.version) > (in_tree, version)");
  each_ = prepare("SELECT page, cell FROM found WHERE collection = ?1 AND page <> 0 ORDER BY id");
}

void RowIndex::add(int64_t collection, Bytes key, int64_t id, int64_t version, bool in_tree,
                   RowPlace place) {
  Query(*add_).with(collection, key, id, version, in_tree, place.page, place.cell).run();
}

bool RowIndex::has(int64_t collection) { return Query(*each_).with(collection).step(); }

void RowIndex::each(int64_t collection, const std::function<void(RowPlace)>& visit) {
  Query query(*each_);
  query.with(collection);
  while (query.step())
    visit({static_cast<uint32_t>(query.integer(0)), static_cast<uint32_t>(query.integer(1))});
}

}  // namespace cairn
