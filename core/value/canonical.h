// The canonical form of rows (ENCODING.md, 'Canonical values'): equal for equal contents, whatever
// the order of fields. Hashes and digests are taken over it. One thread at a time per object.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "core/value/object.h"

namespace cairn {

class Canonicalizer {
 public:
  explicit Canonicalizer(ShapeReader* shapes) : shapes_(shapes) {}

  // The canonical bytes of an object; valid until the next call.
  Bytes object(const ObjectView& object);
  // Appends the canonical bytes of a value.
  void put(const Item& item, ByteBuffer& out);

 private:
  void put_object(const ObjectView& object, ByteBuffer& out, size_t depth);
  void put(const Item& item, ByteBuffer& out, size_t depth);
  void put_array(const Item& item, ByteBuffer& out, size_t depth);

  ShapeReader* shapes_;
  ByteBuffer buffer_;
};

uint64_t hash64(Bytes bytes);

// XXH3 with 128 bits over bytes that come in parts.
class Digest {
 public:
  using Result = std::array<uint8_t, 16>;  // high half first

  Digest();
  ~Digest();
  void add(Bytes bytes);
  Result result() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string to_hex(const Digest::Result& digest);

}  // namespace cairn
