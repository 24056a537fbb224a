// Values for tests: random ones from a seed, in and out of their encodings, a dictionary of shapes
// in memory, and how gtest prints them. One thread at a time per object.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "core/value/row.h"
#include "core/value/value.h"

namespace cairn {

// For gtest's messages.
void PrintTo(Status status, std::ostream* out);
void PrintTo(const Value& value, std::ostream* out);

}  // namespace cairn

namespace cairn::unit {

// Numbers from a seed, the same on every platform (SplitMix64).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next();
  size_t below(size_t limit) { return static_cast<size_t>(next() % limit); }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  uint64_t state_;
};

// Random values: every kind, with a preference for the places where something changes.
class RandomValues {
 public:
  explicit RandomValues(uint64_t seed) : random_(seed) {}

  Random& random() { return random_; }
  double number();
  std::string text();
  BigInt bigint();
  Date date();
  std::vector<uint8_t> bytes();
  Value scalar();
  // Nests at most `depth` deep.
  Value value(size_t depth);
  Array array(size_t depth);
  // Its names differ. Few lists of names, so that shapes are shared.
  Object object(size_t depth);
  Value key();

 private:
  std::string name(size_t i);
  Random random_;
};

// Shapes in memory, with the limit on their number that the file has, or a lower one.
class MemoryShapes : public ShapeWriter {
 public:
  explicit MemoryShapes(size_t limit = kMaxShapes) : limit_(limit) {}
  const Shape& shape(uint32_t id) override;
  const Shape* intern(Names names) override;
  size_t count() const { return shapes_.size(); }

 private:
  size_t limit_;
  std::vector<std::unique_ptr<Shape>> shapes_;
  std::map<std::string, const Shape*, std::less<>> by_names_;
};

inline std::string to_string(const ByteBuffer& buffer) {
  return std::string(as_text(buffer.bytes()));
}
std::string hex(std::string_view bytes);
std::string from_hex(std::string_view digits);

// A value's portable encoding, and back.
std::string portable(const Value& value);
inline Value from_portable(std::string_view bytes) { return decode_value(as_bytes(bytes)); }

// From portable to stored, and back.
std::string stored_of(std::string_view portable, ShapeWriter& shapes);
std::string portable_of(std::string_view stored, ShapeReader& shapes);

// The canonical bytes of a value.
std::string canonical_of(const Value& value);

// A portable object as a patch for RowEncoder.
class Patch {
 public:
  Patch(const Object& object, ShapeWriter& shapes);
  Patch(const Patch&) = delete;
  Patch& operator=(const Patch&) = delete;
  const ObjectView& view() const { return *view_; }

 private:
  std::string portable_;
  ByteBuffer fields_;
  std::vector<std::string_view> names_;
  std::unique_ptr<ObjectView> view_;
};

// A stored row, and its value.
std::string make_row(const Object& object, ShapeWriter& shapes);
Object row_value(std::string_view row, ShapeReader& shapes);

std::string encoded_key(const Value& key);
Value decoded_key(std::string_view key);

// The status that something throws; kOk where it throws nothing.
Status status_of(const std::function<void()>& body);
// The same with the message; empty where nothing was thrown.
std::string message_of(const std::function<void()>& body);

// The object's fields in another order, at every depth.
Value shuffled(const Value& value, Random& random);

// Arrays (or objects with the field "n") that nest so deep.
Value nested_arrays(size_t depth);
Value nested_objects(size_t depth);

}  // namespace cairn::unit
