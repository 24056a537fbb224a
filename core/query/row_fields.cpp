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

// Turns to a row of the same shape as the one before; false where it is not.
bool RowFields::set_like_last(Bytes row) {
  if (last_shape_ == 0 || row.size() <= kRowHashSize || row[kRowHashSize] != kRowCodecVersion)
    return false;
  ByteReader reader(row.subspan(kRowHashSize + 1));
  if (reader.varint() != last_shape_) return false;
  reader_ = TupleReader(reader, last_count_);
  return true;
}

void RowFields::set(Bytes row, ShapeReader& shapes) {
  shapes_ = &shapes;
  read_ = 0;
  if (!set_like_last(row)) {
    ObjectView object = read_row(row, shapes, scratch_);
    reader_ = object.fields;
    loose_ = object.shape == nullptr;
    if (items_.size() < object.names.size()) items_.resize(object.names.size());
    if (loose_) own_ = find(object.names);
    places_ = loose_ ? &own_ : &places_of(*object.shape);
    last_shape_ = loose_ ? 0 : object.shape->id;
    last_count_ = object.names.size();
  }
  body_ = row.subspan(kRowHashSize + 1);
}

}  // namespace cairn
