#include "batch_writer.h"

#include <vector>

#include "cairn/schemas/batch_generated.h"

namespace cairn::python {
namespace {

using flatbuffers::FlatBufferBuilder;

// A column of portable values, and one of objects whose shapes the engine finds itself: so a row is
// written once, as it stands.
struct Tagged {
  std::vector<uint32_t> ends;
  std::string data;

  void add(PyObject* value, bool undefined) {
    write_value(value, data, 0, undefined);
    if (data.size() > (64u << 20))
      raise(PyExc_OverflowError, "more than 64 MiB of rows at once: give them in parts");
    ends.push_back(static_cast<uint32_t>(data.size()));
  }

  flatbuffers::Offset<fb::Column> write(FlatBufferBuilder& builder) const {
    auto bytes = builder.CreateVector(reinterpret_cast<const uint8_t*>(data.data()), data.size());
    auto vector = builder.CreateVector(ends);
    fb::ColumnBuilder column(builder);
    column.add_kind(fb::ColumnKind::Tagged);
    column.add_data(bytes);
    column.add_ends(vector);
    column.add_count(static_cast<uint32_t>(ends.size()));
    return column.Finish();
  }
};

struct Rows {
  Tagged keys, values, metadata;
  std::vector<uint8_t> ops, metadata_ops;

  void add(PyObject* row) {
    int op = 0, metadata_op = 0;
    PyObject *key, *value, *entry;
    if (!PyArg_ParseTuple(row, "iOOiO", &op, &key, &value, &metadata_op, &entry)) throw Raised{};
    ops.push_back(static_cast<uint8_t>(op));
    metadata_ops.push_back(static_cast<uint8_t>(metadata_op));
    keys.add(key, false);
    bool updates = op == static_cast<int>(fb::Op::Update);
    if (updates || op == static_cast<int>(fb::Op::Insert)) {
      if (!PyDict_Check(value)) raise(PyExc_TypeError, "the value of a row is a dict");
      values.add(value, updates);
    }
    if (metadata_op == static_cast<int>(fb::MetadataOp::Set)) metadata.add(entry, false);
  }

  std::string write() const {
    FlatBufferBuilder builder(keys.data.size() + values.data.size() + 1024);
    auto key_column = keys.write(builder);
    auto loose = values.write(builder);
    auto groups = builder.CreateVector(std::vector<uint16_t>(values.ends.size(), 65535));
    auto objects =
        fb::CreateObjects(builder, static_cast<uint32_t>(values.ends.size()), groups, 0, loose);
    auto entries = metadata.write(builder);
    auto op_vector = builder.CreateVector(ops);
    auto metadata_vector = builder.CreateVector(metadata_ops);
    fb::RowBatchBuilder batch(builder);
    batch.add_count(static_cast<uint32_t>(ops.size()));
    batch.add_keys(key_column);
    batch.add_ops(op_vector);
    batch.add_values(objects);
    batch.add_metadata_ops(metadata_vector);
    batch.add_metadata(entries);
    builder.Finish(batch.Finish());
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
  }
};

}  // namespace

std::string write_batch(PyObject* from) {
  Ref sequence(PySequence_Fast(from, "rows are a sequence"));
  Rows rows;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence.get()); ++i)
    rows.add(PySequence_Fast_GET_ITEM(sequence.get(), i));
  return rows.write();
}

}  // namespace cairn::python
