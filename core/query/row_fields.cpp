#include "core/query/row_fields.h"

#include <algorithm>

#include "core/value/row.h"

namespace cairn {

uint32_t RowFields::slot(std::string_view name) {
  auto place = std::find(names_.begin(), names_.end(), name);
  if (place != names_.end()) return static_cast<uint32_t>(place - names_.begin());
  names_.emplace_back(name);
  by_shape_.clear();
  last_shape_ = 0;
  return static_cast<uint32_t>(names_.size() - 1);
}

RowFields::Places RowFields::find(Names names) const {
  Places places(names_.size(), -1);
  for (size_t i = 0; i < names_.size(); ++i) {
    auto place = std::find(names.begin(), names.end(), names_[i]);
    if (place != names.end()) places[i] = static_cast<int32_t>(place - names.begin());
  }
  return places;
}

const RowFields::Places& RowFields::places_of(const Shape& shape) {
  if (by_shape_.size() <= shape.id) by_shape_.resize(shape.id + 1);
  Places& places = by_shape_[shape.id];
  if (places.empty() && !names_.empty()) places = find(shape.names);
  return places;
}

void RowFields::set(Bytes row, ShapeReader& shapes) {
  ObjectView object = read_row(row, shapes, scratch_);
  shapes_ = &shapes;
  body_ = row.subspan(kRowHashSize + 1);
  reader_ = object.fields;
  read_ = 0;
  loose_ = object.shape == nullptr;
  if (items_.size() < object.names.size()) items_.resize(object.names.size());
  if (loose_) {
    own_ = find(object.names);
    places_ = &own_;
  } else if (object.shape->id != last_shape_) {
    places_ = &places_of(*object.shape);
    last_shape_ = object.shape->id;
  } else {
    places_ = &by_shape_[last_shape_];
  }
}

}  // namespace cairn
