#include "core/value/object_splitter.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr size_t kMaxGroups = 256;

}  // namespace

void ObjectSplitter::Group::start(const Shape& shape) {
  shape_ = &shape;
  count_ = 0;
  classes_.assign(shape.names.size(), 0);
  capacity_ = classes_.empty() ? 0 : slots_.size() / classes_.size();
}

void ObjectSplitter::Group::grow() {
  size_t capacity = std::max<size_t>(4, capacity_ * 2);
  std::vector<Slot> grown(capacity * classes_.size());
  for (size_t at = 0; at < classes_.size(); ++at)
    std::copy_n(slots_.data() + at * capacity_, count_, grown.data() + at * capacity);
  slots_.swap(grown);
  capacity_ = capacity;
}

void ObjectSplitter::Group::add(ByteReader fields, const uint8_t* arena) {
  if (count_ == capacity_) grow();
  // Without fields there is no memory to point into.
  Slot* slot = classes_.empty() ? nullptr : slots_.data() + count_;
  uint16_t* classes = classes_.data();
  visit_tuple(fields, classes_.size(), arena, [&](Slot value, uint16_t value_class) {
    *slot = value;
    slot += capacity_;
    *classes++ |= value_class;
  });
  ++count_;
}

void ObjectSplitter::add(Slot object, const uint8_t* arena, ShapeReader& shapes) {
  ByteReader reader(object.item(arena).bytes());
  uint64_t id = reader.varint();
  if (id == 0) return add_loose(object);
  if (id != last_id_) {
    last_group_ = group_of_shape(id, shapes);
    last_id_ = id;
  }
  if (last_group_ == kLoose) return add_loose(object);
  groups_[last_group_].add(reader, arena);
  group_of_.push_back(last_group_);
}

void ObjectSplitter::add_loose(Slot object) {
  loose_.push_back(object);
  group_of_.push_back(kLoose);
}

uint16_t ObjectSplitter::group_of_shape(uint64_t id, ShapeReader& shapes) {
  if (id > kMaxShapes) malformed("an object refers to a shape");
  const Shape& shape = shapes.shape(static_cast<uint32_t>(id));
  for (size_t i = used_; i-- > 0;)
    if (&groups_[i].shape() == &shape) return static_cast<uint16_t>(i);
  if (used_ == kMaxGroups) return kLoose;
  if (used_ == groups_.size()) groups_.emplace_back();
  groups_[used_].start(shape);
  return static_cast<uint16_t>(used_++);
}

void ObjectSplitter::clear() {
  used_ = 0;
  last_id_ = 0;
  group_of_.clear();
  loose_.clear();
}

}  // namespace cairn
