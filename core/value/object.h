// Reading the body of an array or an object, and copying values between names in place (portable)
// and names by shape (stored). One thread at a time per Transcoder.
#pragma once

#include <string>
#include <vector>

#include "core/value/shape.h"
#include "core/value/tags.h"

namespace cairn {

// An unusable value, and where it is: fields and indexes from the top down, such as ".a.b[2]".
class ValueError : public Error {
 public:
  explicit ValueError(const std::string& reason, Status status = Status::kInvalidValue)
      : Error(status, reason) {}
  void inside(std::string_view name) { path_ = "." + std::string(name) + path_; }
  void inside(size_t index) { path_ = "[" + std::to_string(index) + "]" + path_; }
  // What to tell: the path without its first dot, then the reason.
  std::string describe() const {
    return path_.empty() ? what() : (path_[0] == '.' ? path_.substr(1) : path_) + ": " + what();
  }

 private:
  std::string path_;
};

// An object whose names are known: `shape` where it has one, `names` always.
struct ObjectView {
  const Shape* shape;
  Names names;
  TupleReader fields;
};

// Reads an object's body. `shapes` is null for portable objects; `scratch` holds names in place.
ObjectView read_object(Bytes body, ShapeReader* shapes, std::vector<std::string_view>& scratch);

// Reads an array's body.
TupleReader read_array(Bytes body);
// How many values an array has, whose body the reader is at the start of.
size_t array_size(ByteReader& body);

// Copies values, checking all of them and bringing each to its one form.
class Transcoder {
 public:
  // Null: names are in place there.
  Transcoder(ShapeReader* from, ShapeWriter* to) : from_(from), to_(to) {}

  // `depth`: how many arrays and objects the value stands in.
  void put(const Item& item, TupleWriter& out, size_t depth);

  // Writes the body of an object: names, tags, payloads.
  void put_object_body(const ObjectView& object, ByteBuffer& out, size_t depth);

 private:
  void put_array(const Item& item, TupleWriter& out, size_t depth);
  void put_object(const Item& item, TupleWriter& out, size_t depth);

  ShapeReader* from_;
  ShapeWriter* to_;
};

// Writes a portable object's fields as stored values into `out` (cleared first), and gives them
// under the same names. Undefined fields are passed on: RowEncoder gives them their meaning.
ObjectView store_fields(const ObjectView& portable, ShapeWriter& shapes, ByteBuffer& out);

// Writes the names of an object's body: a shape where `to` has one for them, else in place.
void put_names(Names names, const Shape* shape, ShapeWriter* to, ByteBuffer& out);

}  // namespace cairn
