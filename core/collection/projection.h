// Rows with some of their fields alone. One thread at a time.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/value/object.h"

namespace cairn {

// Knows the shapes of what it makes, and those of the file behind it.
class Projection : public ShapeReader {
 public:
  // `last_id`: the last shape of the file.
  Projection(std::vector<std::string> fields, uint32_t last_id)
      : fields_(std::move(fields)), last_id_(last_id) {}

  // The shapes of the rows that come next; for one batch.
  void begin(ShapeReader& shapes) { shapes_ = &shapes; }
  const Shape& shape(uint32_t id) override;

  // A stored row of the fields that the row has, in the row's order; valid until the next one.
  Bytes apply(Bytes row);

 private:
  // A shape of some fields of another, under an id that the file has not given.
  struct Part {
    std::unique_ptr<Shape> shape;  // null where no id was left: names stand in the row
    std::vector<bool> takes;       // by field of the other
  };

  Part make_part(Names names);
  bool wants(std::string_view name) const;

  std::vector<std::string> fields_;
  ShapeReader* shapes_ = nullptr;
  std::unordered_map<uint32_t, Part> parts_;  // by the id of the whole shape
  std::unordered_map<uint32_t, const Shape*> made_;
  uint32_t last_id_;  // that is taken
  std::vector<std::string_view> scratch_;
  ByteBuffer row_;
};

}  // namespace cairn
