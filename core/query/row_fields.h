// The fields of stored rows, found by name without decoding the others: what a query needs of them
// is registered once, and each shape's places are looked up once. One thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/value/object.h"

namespace cairn {

class RowFields {
 public:
  // The slot of a top field; before the first row.
  uint32_t slot(std::string_view name);

  // Turns to another row, which is borrowed until the next one. Throws kCorrupt, kMalformed.
  void set(Bytes row, ShapeReader& shapes);

  // A field of the row; null where it has none.
  const Item* field(uint32_t slot) {
    int32_t place = (*places_)[slot];
    if (place < 0) return nullptr;
    while (read_ <= place) items_[static_cast<size_t>(read_++)] = reader_.next();
    return &items_[static_cast<size_t>(place)];
  }

  // The whole row as the body of an object.
  Bytes body() const { return body_; }
  ShapeReader& shapes() const { return *shapes_; }
  // Whether the row's names stand in the row itself.
  bool is_loose() const { return loose_; }

 private:
  using Places = std::vector<int32_t>;  // by slot; -1 where there is no such field

  bool set_like_last(Bytes row);
  const Places& places_of(const Shape& shape);
  Places find(Names names) const;

  std::vector<std::string> names_;
  std::vector<Places> by_shape_;  // by id; empty until it is asked for
  Places own_;                    // of a row with its own names
  std::vector<std::string_view> scratch_;
  std::vector<Item> items_;
  TupleReader reader_{ByteReader({}), 0};
  const Places* places_ = nullptr;
  ShapeReader* shapes_ = nullptr;
  Bytes body_;
  int32_t read_ = 0;
  uint32_t last_shape_ = 0;  // most rows have the shape of the one before
  size_t last_count_ = 0;    // of its fields
  bool loose_ = false;
};

}  // namespace cairn
