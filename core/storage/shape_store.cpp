#include "core/storage/shape_store.h"

namespace cairn {
namespace {

[[noreturn]] void unknown(uint32_t id) {
  throw Error(Status::kCorrupt,
              "a row refers to shape " + std::to_string(id) + ", which the file does not have");
}

}  // namespace

void refresh_shapes(ShapeDictionary& dictionary, Connection& connection) {
  Query query(connection.statement(Sql::kShapesSince));
  query.with(dictionary.last_id());
  while (query.step()) {
    int64_t id = query.integer(0);
    if (id < 1 || id > static_cast<int64_t>(kMaxShapes))
      throw Error(Status::kCorrupt, "the shape dictionary has a shape " + std::to_string(id));
    try {
      dictionary.add(static_cast<uint32_t>(id), std::string(as_text(query.bytes(1))));
    } catch (const Error& error) {
      throw Error(Status::kCorrupt, "shape " + std::to_string(id) + ": " + error.what());
    }
  }
}

const Shape& StoredShapes::shape(uint32_t id) {
  const Shape* found = dictionary_.find(id);
  if (found == nullptr) {
    refresh_shapes(dictionary_, connection_);
    found = dictionary_.find(id);
  }
  if (found == nullptr) unknown(id);
  return *found;
}

const Shape& ShapeTransaction::shape(uint32_t id) {
  if (const Shape* found = dictionary_.find(id)) return *found;
  for (const auto& pending : pending_)
    if (pending->id == id) return *pending;
  // Nothing of this transaction may reach the dictionary before it is committed.
  if (pending_.empty()) refresh_shapes(dictionary_, connection_);
  if (const Shape* found = dictionary_.find(id)) return *found;
  unknown(id);
}

const Shape* ShapeTransaction::intern(Names names) {
  encoded_.clear();
  encode_names(names, encoded_);
  std::string_view encoded = as_text(encoded_.bytes());
  if (const Shape* found = dictionary_.find(encoded)) return found;
  auto pending = pending_by_names_.find(encoded);
  if (pending != pending_by_names_.end()) return pending->second;
  if (!refreshed_) {
    refresh_shapes(dictionary_, connection_);
    refreshed_ = true;
    if (const Shape* found = dictionary_.find(encoded)) return found;
  }
  return is_full(names.size(), encoded.size()) ? nullptr : add(encoded);
}

bool ShapeTransaction::is_full(size_t names, size_t bytes) const {
  return names > kMaxShapeNames || dictionary_.last_id() + pending_.size() >= kMaxShapes ||
         dictionary_.name_bytes() + pending_bytes_ + bytes > kMaxShapeBytes;
}

const Shape* ShapeTransaction::add(std::string_view encoded) {
  auto id = static_cast<uint32_t>(dictionary_.last_id() + pending_.size() + 1);
  auto shape = make_shape(id, std::string(encoded));
  Query(connection_.statement(Sql::kShapeInsert)).with(id, as_bytes(shape->encoded)).run();
  pending_bytes_ += shape->encoded.size();
  pending_.push_back(std::move(shape));
  const Shape* added = pending_.back().get();
  pending_by_names_.emplace(added->encoded, added);
  return added;
}

void ShapeTransaction::publish() {
  for (const auto& shape : pending_) dictionary_.add(shape->id, shape->encoded);
  pending_by_names_.clear();
  pending_.clear();
  pending_bytes_ = 0;
}

}  // namespace cairn
