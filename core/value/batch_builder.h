// Builds row batches from stored rows. Rows are collected in an arena first; when the batch is
// finished every column is laid out at once, with its kind known. One thread at a time.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <vector>

#include "cairn/schemas/batch_generated.h"
#include "core/value/shape.h"

namespace cairn {

// A finished FlatBuffers table: its bytes, aligned to 16.
using Table = flatbuffers::DetachedBuffer;

// Builds a table whose first byte is aligned to 16.
class TableBuilder : public flatbuffers::FlatBufferBuilder {
 public:
  explicit TableBuilder(size_t size = 1024) : FlatBufferBuilder(size, nullptr, false, kAlignment) {}

  template <typename T>
  Table finish(flatbuffers::Offset<T> root) {
    Align(kAlignment);
    Finish(root);
    return Release();
  }

 private:
  static constexpr size_t kAlignment = 16;
};

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
  size_t most_bytes = 4u << 20;
  size_t most_rows = 4096;
};

class BatchBuilder {
 public:
  explicit BatchBuilder(BatchOptions options) : options_(options) {
    // The last row may be as large as a row can be.
    options_.most_bytes = std::min(options.most_bytes, kMaxBatchBytes - 2 * kMaxRowBytes);
  }

  // `row` is a stored row, `metadata` a stored value or empty.
  void add_row(Bytes key, Bytes row, uint64_t version, Bytes metadata);
  void add_deleted(Bytes key, uint64_t version);

  size_t rows() const { return keys_.size(); }
  // By what was collected so far, which is about the size of the batch.
  bool full() const {
    return keys_.size() >= options_.most_rows || arena_.size() >= options_.most_bytes;
  }

  // Gives the batch and starts a new one in the same memory. `shapes` knows the shapes of the rows.
  // Throws kTooLarge above 64 MiB.
  Table finish(ShapeReader& shapes);
  // Starts a new batch without what was collected.
  void clear();

 private:
  Table build(ShapeReader& shapes, bool loose);
  Slot store(Bytes value);
  void add_key(Bytes key, uint64_t version);

  BatchOptions options_;
  ByteBuffer arena_;
  ByteBuffer key_value_;
  Slots keys_;
  Slots values_;
  Slots metadata_;
  std::vector<uint8_t> ops_;
  std::vector<uint8_t> metadata_ops_;
  std::vector<uint64_t> versions_;
};

}  // namespace cairn
