// Builds row batches from stored rows. Rows are collected in an arena first; when the batch is
// finished every column is laid out at once, with its kind known. One thread at a time.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <vector>

#include "cairn/schemas/batch_generated.h"
#include "core/value/shape.h"

namespace cairn {

// A finished FlatBuffers table: its bytes, aligned to 16.
using Table = flatbuffers::DetachedBuffer;

// Finishes a table so that its first byte is aligned to 16.
template <typename T>
Table finish_table(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<T> root) {
  builder.Align(16);
  builder.Finish(root);
  return builder.Release();
}

// A value in the arena: tag, size and offset in one word.
class Slot {
 public:
  static Slot make(uint8_t tag, size_t offset, size_t size) {
    return Slot(static_cast<uint64_t>(tag) | static_cast<uint64_t>(size) << 8 |
                static_cast<uint64_t>(offset) << 36);
  }
  uint8_t tag() const { return static_cast<uint8_t>(bits_); }
  size_t size() const { return static_cast<size_t>(bits_ >> 8 & 0xfffffff); }
  size_t offset() const { return static_cast<size_t>(bits_ >> 36); }
  Item item(const uint8_t* arena) const { return {tag(), arena + offset(), size()}; }

 private:
  explicit Slot(uint64_t bits) : bits_(bits) {}
  uint64_t bits_;
};
using Slots = std::vector<Slot>;

struct BatchOptions {
  bool versions = false;
  bool metadata = false;
  fb::TextEncoding encoding = fb::TextEncoding::Utf8;
};

class BatchBuilder {
 public:
  BatchBuilder(ShapeReader& shapes, BatchOptions options) : shapes_(shapes), options_(options) {}

  // `row` is a stored row, `metadata` a stored value or empty.
  void add_row(Bytes key, Bytes row, uint64_t version, Bytes metadata);
  void add_deleted(Bytes key, uint64_t version);

  size_t rows() const { return keys_.size(); }
  // What was collected so far, which is about the size of the batch.
  size_t bytes() const { return arena_.size(); }

  // Gives the batch and starts a new one. Throws kTooLarge above 64 MiB.
  Table finish();

 private:
  Slot store(Bytes value);
  void add_key(Bytes key, uint64_t version);

  ShapeReader& shapes_;
  BatchOptions options_;
  ByteBuffer arena_;
  Slots keys_;
  Slots values_;
  Slots metadata_;
  std::vector<uint8_t> ops_;
  std::vector<uint8_t> metadata_ops_;
  std::vector<uint64_t> versions_;
};

}  // namespace cairn
