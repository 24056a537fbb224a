// Building of row batches with tagged columns; see batch_writer.h.
#include "batch_writer.h"

#include <cairn/schemas/batch_generated.h>

namespace cairn::testing {

void BatchWriter::Tagged::add(const std::string& value) {
  data.insert(data.end(), value.begin(), value.end());
  ends.push_back(static_cast<uint32_t>(data.size()));
}

void BatchWriter::add(BatchOp op, const std::string& key, const std::string& value,
                      BatchMetadata metadata_op, const std::string& metadata) {
  keys_.add(key);
  ops_.push_back(static_cast<uint8_t>(op));
  metadata_ops_.push_back(static_cast<uint8_t>(metadata_op));
  if (op == BatchOp::Insert || op == BatchOp::Update) values_.add(value);
  if (metadata_op == BatchMetadata::Set) metadata_.add(metadata);
}

std::string BatchWriter::finish() const {
  flatbuffers::FlatBufferBuilder builder;
  const auto column = [&builder](const Tagged& tagged) {
    const auto data = builder.CreateVector(tagged.data);
    const auto ends = builder.CreateVector(tagged.ends);
    fb::ColumnBuilder made(builder);
    made.add_kind(fb::ColumnKind::Tagged);
    made.add_data(data);
    made.add_ends(ends);
    made.add_count(static_cast<uint32_t>(tagged.ends.size()));
    return made.Finish();
  };
  const auto count = static_cast<uint32_t>(ops_.size());
  const auto value_count = static_cast<uint32_t>(values_.ends.size());
  // Every object is loose: 65535 is no group.
  const auto group_of = builder.CreateVector(std::vector<uint16_t>(value_count, 65535));
  const auto loose = column(values_);
  fb::ObjectsBuilder objects(builder);
  objects.add_count(value_count);
  objects.add_group_of(group_of);
  objects.add_loose(loose);
  const auto values = objects.Finish();
  const auto keys = column(keys_);
  const auto metadata = column(metadata_);
  const auto ops = builder.CreateVector(ops_);
  const auto metadata_ops = builder.CreateVector(metadata_ops_);
  fb::RowBatchBuilder batch(builder);
  batch.add_count(count);
  batch.add_keys(keys);
  batch.add_ops(ops);
  batch.add_values(values);
  batch.add_metadata_ops(metadata_ops);
  batch.add_metadata(metadata);
  builder.Finish(batch.Finish());
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace cairn::testing
