// Stored rows: `hash | codec version | names | tags | payloads` (ENCODING.md, 'Stored rows'). Rows
// are built from patches, objects whose nested values are in stored form already. One thread at a
// time per encoder.
#pragma once

#include "core/value/canonical.h"
#include "core/value/object.h"

namespace cairn {

inline constexpr uint8_t kRowCodecVersion = 1;
inline constexpr size_t kRowHashSize = 8;

// Reads a stored row; throws kCorrupt. `scratch` holds names in place.
ObjectView read_row(Bytes row, ShapeReader& shapes, std::vector<std::string_view>& scratch);

inline uint64_t row_hash(Bytes row) { return load_le(row.data(), kRowHashSize); }

// Whether a stored row consists of exactly a patch's fields, byte by byte. False says nothing: the
// same contents may be written in another order.
bool is_patch(Bytes stored, const ObjectView& patch);

class RowEncoder {
 public:
  explicit RowEncoder(ShapeWriter& shapes) : shapes_(shapes), canonical_(&shapes) {}

  // Makes a row of the patch's fields, without those that are undefined.
  void insert(const ObjectView& patch);
  // Makes a row of a stored one with the patch's fields in place; undefined ones are removed.
  void merge(Bytes stored, const ObjectView& patch);
  // Takes a row that was made before.
  void take(Bytes row);

  // Whether the row that was made has the contents of `stored`.
  bool same_as(Bytes stored);
  // The row that was made, with its hash; valid until the next one is made.
  Bytes row();

 private:
  void begin();
  void put_defined(Names names, std::span<const Item> items);
  ObjectView read_stored(Bytes stored);
  bool merge_field(std::string_view name, const Item& item, size_t position);
  void seal();
  uint64_t hash_of_made();
  Bytes body() const { return buffer_.from(kRowHashSize); }

  ShapeWriter& shapes_;
  Canonicalizer canonical_;
  ByteBuffer buffer_;
  bool sealed_ = false;
  std::vector<std::string_view> scratch_;
  std::vector<std::string_view> names_;
  std::vector<Item> items_;
};

// Checks a stored row as `check` does: its values, their one form and its hash.
// Throws kCorrupt.
void verify_row(Bytes row, ShapeReader& shapes);

}  // namespace cairn
