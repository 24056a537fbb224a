#include "core/collection/projection.h"

#include <algorithm>

#include "core/value/row.h"

namespace cairn {

const Shape& Projection::shape(uint32_t id) {
  auto made = made_.find(id);
  return made != made_.end() ? *made->second : shapes_->shape(id);
}

bool Projection::wants(std::string_view name) const {
  return std::find(fields_.begin(), fields_.end(), name) != fields_.end();
}

Projection::Part Projection::make_part(Names names) {
  Part part;
  std::vector<std::string_view> kept;
  for (std::string_view name : names) {
    part.takes.push_back(wants(name));
    if (part.takes.back()) kept.push_back(name);
  }
  if (last_id_ >= kMaxShapes) return part;
  ByteBuffer encoded;
  encode_names(kept, encoded);
  part.shape = make_shape(++last_id_, std::string(as_text(encoded.bytes())));
  made_.emplace(last_id_, part.shape.get());
  return part;
}

Bytes Projection::apply(Bytes row) {
  ObjectView object = read_row(row, *shapes_, scratch_);
  Part own;
  Part* part = &own;
  if (object.shape != nullptr) {
    auto [place, is_new] = parts_.try_emplace(object.shape->id);
    if (is_new) place->second = make_part(object.names);
    part = &place->second;
  } else {
    for (std::string_view name : object.names) own.takes.push_back(wants(name));
  }
  std::vector<std::string_view> names;
  std::vector<Item> items;
  for (size_t i = 0; i < object.names.size(); ++i) {
    Item item = object.fields.next();
    if (!part->takes[i]) continue;
    names.push_back(object.names[i]);
    items.push_back(item);
  }
  row_.clear();
  row_.put(row.first(kRowHashSize + 1));  // nobody looks at the hash of what is on its way out
  if (part->shape != nullptr) {
    row_.put_varint(part->shape->id);
  } else {
    put_names(names, nullptr, nullptr, row_);
  }
  TupleWriter writer(row_, items.size());
  for (const Item& item : items) writer.put(item);
  return row_.bytes();
}

}  // namespace cairn
