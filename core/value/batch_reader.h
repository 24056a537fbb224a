// Reads row batches that come from outside, row by row, as keys and patches for RowEncoder. The
// whole layout is checked before the first row; values are checked as they are read. One thread at
// a time; the batch's bytes must outlive the reader.
#pragma once

#include <memory>
#include <optional>

#include "core/value/column_reader.h"

namespace cairn {

class BatchReader {
 public:
  // Throws kMalformed or kTooLarge. New shapes go to `shapes`.
  BatchReader(Bytes batch, ShapeWriter& shapes);
  ~BatchReader();

  size_t rows() const { return rows_; }
  const fb::RowBatch& table() const { return *batch_; }

  // Moves to the next row; false after the last. Throws kInvalidValue that names key and path.
  bool next();
  // The same without the row's value and metadata; not to be mixed with next().
  bool next_key();

  fb::Op op() const { return op_; }
  Bytes key() const { return key_.bytes(); }  // encoded
  // The row's fields, for insert and update; nested values are in stored form.
  const ObjectView& patch() const { return *patch_; }
  fb::MetadataOp metadata_op() const { return metadata_op_; }
  Bytes metadata() const { return metadata_.bytes(); }  // a stored value, for set

 private:
  struct Context;
  template <typename Read>
  bool next_row(Read read);
  void check_counts();
  void read_value();

  ByteBuffer aligned_;  // a copy, where the batch was not aligned
  const fb::RowBatch* batch_;
  size_t rows_ = 0;
  size_t at_ = 0;
  std::unique_ptr<Context> context_;
  std::unique_ptr<ColumnReader> keys_;
  std::unique_ptr<ObjectsReader> values_;
  std::unique_ptr<ColumnReader> metadata_column_;
  fb::Op op_ = fb::Op::Insert;
  fb::MetadataOp metadata_op_ = fb::MetadataOp::Keep;
  ByteBuffer key_;
  ByteBuffer value_;
  ByteBuffer metadata_;
  std::optional<ObjectView> patch_;
};

}  // namespace cairn
