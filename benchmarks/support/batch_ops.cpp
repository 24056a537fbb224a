// Copies a row batch and gives all of its rows another op: cairn_batch_from_json makes inserts
// only, and the benchmarks need updates too. A FlatBuffers table cannot gain a field in place, so
// the tables are written anew around the same vectors.
#include "benchmarks/support/prepared.h"

namespace cairn::bench {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::Vector;

template <class T>
Offset<Vector<T>> copy(FlatBufferBuilder& builder, const Vector<T>* vector) {
  if (vector == nullptr) return 0;
  return builder.CreateVector(vector->data(), vector->size());
}

Offset<fb::Objects> copy(FlatBufferBuilder& builder, const fb::Objects* from);

Offset<fb::Column> copy(FlatBufferBuilder& builder, const fb::Column* from) {
  if (from == nullptr) return 0;
  const auto nulls = copy(builder, from->nulls());
  const auto bytes = copy(builder, from->data());
  const auto ints = copy(builder, from->ints());
  const auto doubles = copy(builder, from->doubles());
  const auto ends = copy(builder, from->ends());
  const auto codes = copy(builder, from->codes());
  const auto codes16 = copy(builder, from->codes16());
  const auto child = copy(builder, from->child());
  const auto objects = copy(builder, from->objects());
  return fb::CreateColumn(builder, from->kind(), nulls, bytes, ints, doubles, ends, codes, codes16,
                          child, objects, from->narrow_start(), from->wide_start(), from->count());
}

Offset<fb::Group> copy(FlatBufferBuilder& builder, const fb::Group* from) {
  std::vector<Offset<fb::Column>> columns;
  for (const fb::Column* column : *from->columns()) columns.push_back(copy(builder, column));
  const auto fields = copy(builder, from->fields());
  return fb::CreateGroup(builder, fields, from->count(), builder.CreateVector(columns));
}

Offset<fb::Objects> copy(FlatBufferBuilder& builder, const fb::Objects* from) {
  if (from == nullptr) return 0;
  std::vector<Offset<fb::Group>> groups;
  if (from->groups() != nullptr) {
    for (const fb::Group* group : *from->groups()) groups.push_back(copy(builder, group));
  }
  const auto group_of = copy(builder, from->group_of());
  const auto group_vector = builder.CreateVector(groups);
  const auto loose = copy(builder, from->loose());
  return fb::CreateObjects(builder, from->count(), group_of, group_vector, loose);
}

}  // namespace

Bytes with_op(const Buffer& inserts, fb::Op op) {
  const auto* from = flatbuffers::GetRoot<fb::RowBatch>(data(inserts));
  FlatBufferBuilder builder(size(inserts) + 1024);
  const auto keys = copy(builder, from->keys());
  const Bytes all(from->count(), static_cast<uint8_t>(op));
  const auto ops = builder.CreateVector(all);
  const auto values = copy(builder, from->values());
  const auto narrow = copy(builder, from->narrow());
  const auto wide = copy(builder, from->wide());
  builder.Finish(fb::CreateRowBatch(builder, from->count(), keys, ops, values, 0, 0, 0,
                                    from->encoding(), narrow, wide));
  return Bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
}

}  // namespace cairn::bench
