// Builds row batches from stored rows. Rows are collected in an arena and taken apart into their
// fields; when the batch is finished every column is laid out at once, with its kind known. One
// thread at a time.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <vector>

#include "cairn/schemas/batch_generated.h"
#include "core/value/object_splitter.h"

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

struct BatchOptions {
  bool versions = false;
  bool metadata = false;
  fb::TextEncoding encoding = fb::TextEncoding::Utf8;
  size_t most_bytes = 4u << 20;
  size_t most_rows = 4096;
  size_t grouped_from = 0;  // so many rows; of fewer the objects stay whole
};

class BatchBuilder {
 public:
  explicit BatchBuilder(BatchOptions options) : options_(options) {
    // The last row may be as large as a row can be.
    options_.most_bytes = std::min(options.most_bytes, kMaxBatchBytes - 2 * kMaxRowBytes);
  }

  // Starts a new batch, without what was collected. `shapes` knows the shapes of its rows, and
  // lives until it is finished.
  void begin(ShapeReader& shapes);

  // `row` is a stored row, `metadata` a stored value or empty.
  void add_row(Bytes key, Bytes row, uint64_t version, Bytes metadata);
  void add_deleted(Bytes key, uint64_t version);

  size_t rows() const { return keys_.size(); }
  // By what was collected so far, which is about the size of the batch.
  bool full() const {
    return keys_.size() >= options_.most_rows || arena_.size() >= options_.most_bytes;
  }

  // Gives the batch. Throws kTooLarge above 64 MiB.
  Table finish();

 private:
  Table build(bool loose);
  Slot store(Bytes value);
  void add_key(Bytes key, uint64_t version);
  void add_number_key(double number);

  BatchOptions options_;
  ShapeReader* shapes_ = nullptr;
  ByteBuffer arena_;
  std::vector<Slot> keys_;
  std::vector<Slot> values_;
  ObjectSplitter objects_;  // of values_
  std::vector<Slot> metadata_;
  std::vector<uint8_t> ops_;
  std::vector<uint8_t> metadata_ops_;
  std::vector<uint64_t> versions_;
};

}  // namespace cairn
