// The shapes of one file in memory. Any thread may read while one adds: ids are found without a
// lock, and are never given another meaning.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/platform/mutex.h"
#include "core/value/shape.h"

namespace cairn {

class ShapeDictionary {
 public:
  const Shape* find(uint32_t id) const {
    return id <= kMaxShapes ? by_id_[id].load(std::memory_order_acquire) : nullptr;
  }
  const Shape* find(std::string_view encoded) const;

  // Adds a shape that is committed; does nothing where the id is there. Throws kCorrupt for an id
  // or names that cannot be.
  void add(uint32_t id, std::string encoded);

  // Whether a shape has a field of that name.
  bool has_name(std::string_view name) const;

  uint32_t last_id() const { return last_id_.load(std::memory_order_acquire); }
  size_t name_bytes() const { return name_bytes_.load(std::memory_order_acquire); }

 private:
  std::array<std::atomic<const Shape*>, kMaxShapes + 1> by_id_{};
  std::atomic<uint32_t> last_id_{0};
  std::atomic<size_t> name_bytes_{0};
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<Shape>> shapes_;
  std::unordered_map<std::string_view, const Shape*> by_names_;
};

}  // namespace cairn
