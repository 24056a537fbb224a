// Reads the columns of a row batch, value by value in order, and writes each as a stored value.
// Layouts are checked when a reader is made, values when they are read. One thread at a time.
#pragma once

#include <memory>
#include <vector>

#include "cairn/schemas/batch_generated.h"
#include "core/value/object.h"

namespace cairn {

// What all columns of one batch share.
struct BatchContext {
  Bytes narrow;
  Bytes wide;  // UTF-16 units
  fb::TextEncoding encoding = fb::TextEncoding::Utf8;
  ShapeWriter& shapes;

  // Columns may share what they refer to, so a small batch can stand for far more values than it
  // has bytes. Counts them, and throws kTooLarge when they are too many.
  void spend(size_t values) {
    spent += values;
    if (spent > 2 * kMaxBatchBytes)
      throw Error(Status::kTooLarge, "row batch: far more values than bytes");
  }
  size_t spent = 0;
};

class ObjectsReader;

class ColumnReader {
 public:
  // Throws kMalformed unless the column has exactly `count` values. `depth` is 1 for a row's
  // fields.
  ColumnReader(const fb::Column* column, size_t count, BatchContext& context, size_t depth);
  ~ColumnReader();

  // Writes the next value. `nesting`: how many arrays and objects it stands in. Undefined is passed
  // on only for a row's own fields (nesting 1).
  void put_next(TupleWriter& out, size_t nesting);

  // Appends the next value as a key; throws ValueError where it cannot be one.
  void put_next_key(ByteBuffer& out);

  // The next value of a tagged column as it is, unchecked.
  Bytes next_tagged();

  fb::ColumnKind kind() const { return kind_; }

 private:
  void check_ends(size_t limit);
  void check_texts();
  void check_dictionary(size_t depth);
  void check_kind(size_t depth);
  size_t null_count() const;
  bool is_null(size_t i) const { return nulls_ != nullptr && (nulls_[i / 8] >> i % 8 & 1) != 0; }
  void put_value(size_t i, TupleWriter& out, size_t nesting);
  void put_text(size_t i, TupleWriter& out);
  size_t code(size_t i) const { return codes_ != nullptr ? codes_[i] : codes16_[i]; }
  void put_list(size_t i, TupleWriter& out, size_t nesting);
  void put_tagged(size_t i, TupleWriter& out, size_t nesting);
  Bytes slice(size_t i) const;

  const fb::Column* column_;
  BatchContext& context_;
  fb::ColumnKind kind_;
  size_t count_;
  size_t at_ = 0;
  const uint8_t* nulls_ = nullptr;
  // The column's vectors, where it has them.
  const uint32_t* ends_ = nullptr;
  const uint8_t* data_ = nullptr;
  const int32_t* ints_ = nullptr;
  const double* doubles_ = nullptr;
  const uint8_t* codes_ = nullptr;
  const uint16_t* codes16_ = nullptr;
  size_t narrow_ = 0;  // where the next text begins in each heap
  size_t wide_ = 0;
  std::unique_ptr<ColumnReader> child_;
  std::unique_ptr<ObjectsReader> objects_;
  ByteBuffer scratch_;
  ByteBuffer key_value_;
  ByteBuffer texts_;  // a dictionary's texts, encoded
  std::vector<Item> dictionary_;
};

class ObjectsReader {
 public:
  ObjectsReader(const fb::Objects* objects, size_t count, BatchContext& context, size_t depth);

  // Writes the body of the next object.
  void put_next_body(ByteBuffer& out, size_t nesting);

  // Writes the next object's fields into `out`, and gives it: names in place, or with its shape if
  // `intern` is set. Valid until the next call.
  ObjectView next_patch(ByteBuffer& out, bool intern);

 private:
  struct Group {
    ByteBuffer fields;
    std::vector<std::string_view> names;
    std::vector<std::unique_ptr<ColumnReader>> columns;
    size_t count = 0;
    const Shape* shape = nullptr;
    bool interned = false;
  };

  void add_group(const fb::Group* group, size_t depth);
  Group* next_group();
  void put_fields(Group& group, TupleWriter& out, size_t nesting);
  const Shape* shape_of(Group& group);
  ObjectView next_loose(ByteBuffer& out);

  BatchContext& context_;
  const flatbuffers::Vector<uint16_t>* group_of_ = nullptr;
  std::vector<Group> groups_;
  std::unique_ptr<ColumnReader> loose_;
  size_t at_ = 0;
  std::vector<std::string_view> loose_names_;
};

}  // namespace cairn
