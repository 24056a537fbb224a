// Shapes: lists of field names that many objects share, stored once per file (core/storage keeps
// them). A shape never changes, so any thread may read it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/value/tags.h"

namespace cairn {

using Names = std::span<const std::string_view>;

inline constexpr size_t kMaxShapes = 4096;          // in a file; after that names stand in the rows
inline constexpr size_t kMaxShapeNames = 1024;      // in one shape
inline constexpr size_t kMaxShapeBytes = 4u << 20;  // of all names

struct Shape {
  uint32_t id = 0;
  std::string encoded;                  // varint count, then each name with its size
  std::vector<std::string_view> names;  // in `encoded`
  std::vector<uint16_t> by_name;        // positions in the byte order of the names
};

// Appends names as `Shape::encoded` has them.
void encode_names(Names names, ByteBuffer& out);

// Reads encoded names into `names`, which then point into the reader's bytes.
void decode_names(ByteReader& reader, std::vector<std::string_view>& names);

// Gives positions of `names` in their byte order. Throws kMalformed where two are the same.
std::vector<uint16_t> sort_names(Names names);

// Finds shapes by id; throws kCorrupt for one that is not there.
class ShapeReader {
 public:
  virtual ~ShapeReader() = default;
  virtual const Shape& shape(uint32_t id) = 0;
};

// Also finds them by names, and adds new ones while that is worth it; else gives null.
class ShapeWriter : public ShapeReader {
 public:
  virtual const Shape* intern(Names names) = 0;
};

// Of batches whose names stand in the values.
class NoShapes : public ShapeWriter {
 public:
  const Shape& shape(uint32_t) override { malformed("a row batch refers to a shape"); }
  const Shape* intern(Names) override { return nullptr; }
};

// Makes a shape from encoded names; throws kMalformed.
std::unique_ptr<Shape> make_shape(uint32_t id, std::string encoded);

}  // namespace cairn
