// Lays out columns of values that stand in an arena, for BatchBuilder. One thread at a time.
#pragma once

#include <vector>

#include "core/value/batch_builder.h"

namespace cairn {

class ColumnBuilder {
 public:
  // Texts are copied in steps of this size, so the arena needs as much room behind its end.
  static constexpr size_t kArenaSlack = 32;

  ColumnBuilder(flatbuffers::FlatBufferBuilder& builder, const ByteBuffer& arena,
                ShapeReader& shapes, fb::TextEncoding encoding, bool loose)
      : builder_(builder),
        arena_(arena.data()),
        shapes_(shapes),
        encoding_(encoding),
        loose_(loose) {}

  flatbuffers::Offset<fb::Column> column(Slots values, size_t depth);
  flatbuffers::Offset<fb::Objects> objects(Slots values, size_t depth);
  flatbuffers::Offset<fb::Objects> objects(const ObjectSplitter& objects, size_t depth);

  // The heaps of all texts so far.
  flatbuffers::Offset<flatbuffers::Vector<uint8_t>> narrow_heap();
  flatbuffers::Offset<flatbuffers::Vector<uint16_t>> wide_heap();

 private:
  // The vectors of one column on their way into its table.
  struct Parts {
    fb::ColumnKind kind = fb::ColumnKind::Null;
    uint32_t count = 0;
    uint32_t narrow_start = 0;
    uint32_t wide_start = 0;
    flatbuffers::Offset<flatbuffers::Vector<uint8_t>> nulls = 0;
    flatbuffers::Offset<flatbuffers::Vector<uint8_t>> data = 0;
    flatbuffers::Offset<flatbuffers::Vector<int32_t>> ints = 0;
    flatbuffers::Offset<flatbuffers::Vector<double>> doubles = 0;
    flatbuffers::Offset<flatbuffers::Vector<uint32_t>> ends = 0;
    flatbuffers::Offset<flatbuffers::Vector<uint8_t>> codes = 0;
    flatbuffers::Offset<flatbuffers::Vector<uint16_t>> codes16 = 0;
    flatbuffers::Offset<fb::Column> child = 0;
    flatbuffers::Offset<fb::Objects> objects = 0;
  };

  flatbuffers::Offset<fb::Column> column(Slots values, unsigned classes, size_t depth);
  flatbuffers::Offset<fb::Column> table(const Parts& parts);
  flatbuffers::Offset<flatbuffers::Vector<uint8_t>> nulls(Slots values);
  int64_t integer(Slot value) const;
  void bools(Slots values, Parts& parts);
  void ints(Slots values, Parts& parts);
  void doubles(Slots values, Parts& parts);
  void texts(Slots values, Parts& parts);
  bool dictionary(Slots values, Parts& parts);
  void byte_strings(Slots values, Parts& parts);
  void lists(Slots values, size_t depth, Parts& parts);
  void tagged(Slots values, size_t depth, Parts& parts);
  uint32_t add_text(Slot text);
  flatbuffers::Offset<fb::Group> group(const ObjectSplitter::Group& members, size_t depth);
  void account(size_t bytes);

  flatbuffers::FlatBufferBuilder& builder_;
  const uint8_t* arena_;
  ShapeReader& shapes_;
  fb::TextEncoding encoding_;
  bool loose_;                // no columns for objects
  std::vector<Slot> narrow_;  // the texts of the narrow heap, copied when all are known
  size_t narrow_size_ = 0;
  size_t narrow_high_bytes_ = 0;
  ByteBuffer wide_;
  size_t total_ = 0;
};

}  // namespace cairn
