#include "core/storage/shape_dictionary.h"

#include <algorithm>

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

bool ShapeDictionary::has_name(std::string_view name) const {
  for (uint32_t id = 1; id <= last_id(); ++id) {
    const Shape* shape = find(id);
    if (shape == nullptr) continue;
    if (std::find(shape->names.begin(), shape->names.end(), name) != shape->names.end())
      return true;
  }
  return false;
}

}  // namespace cairn
