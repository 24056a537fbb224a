#include "core/storage/shape_dictionary.h"

namespace cairn {

const Shape* ShapeDictionary::find(std::string_view encoded) const {
  MutexLock lock(mutex_);
  auto found = by_names_.find(encoded);
  return found == by_names_.end() ? nullptr : found->second;
}

void ShapeDictionary::add(uint32_t id, std::string encoded) {
  if (id == 0 || id > kMaxShapes)
    throw Error(Status::kCorrupt, "the shape dictionary has a shape " + std::to_string(id));
  MutexLock lock(mutex_);
  if (by_id_[id].load(std::memory_order_relaxed) != nullptr) return;
  shapes_.push_back(make_shape(id, std::move(encoded)));
  const Shape* shape = shapes_.back().get();
  by_names_.emplace(shape->encoded, shape);
  name_bytes_.fetch_add(shape->encoded.size(), std::memory_order_relaxed);
  by_id_[id].store(shape, std::memory_order_release);
  if (id > last_id_.load(std::memory_order_relaxed)) last_id_.store(id, std::memory_order_release);
}

}  // namespace cairn
