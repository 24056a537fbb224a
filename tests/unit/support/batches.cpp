#include "support/batches.h"

#include "core/value/json.h"

namespace cairn::unit {

Table build_batch(const BatchRows& rows, ShapeWriter& shapes, BatchOptions options) {
  BatchBuilder builder(options);
  builder.begin(shapes);
  for (const BatchRow& row : rows) {
    std::string key = encoded_key(row.key);
    if (row.op == fb::Op::Delete) {
      builder.add_deleted(as_bytes(key), row.version);
      continue;
    }
    std::string metadata;
    if (row.metadata_op == fb::MetadataOp::Set)
      metadata = stored_of(portable(row.metadata), shapes);
    builder.add_row(as_bytes(key), as_bytes(make_row(row.value, shapes)), row.version,
                    as_bytes(metadata));
  }
  return builder.finish();
}

BatchRows read_batch(Bytes batch, ShapeWriter& shapes) {
  BatchRows rows;
  BatchReader reader(batch, shapes);
  RowEncoder encoder(shapes);
  while (reader.next()) {
    BatchRow row;
    row.key = decoded_key(as_text(reader.key()));
    row.op = reader.op();
    row.metadata_op = reader.metadata_op();
    if (row.op <= fb::Op::Update) {
      encoder.insert(reader.patch());
      row.value = row_value(as_text(encoder.row()), shapes);
    }
    if (row.metadata_op == fb::MetadataOp::Set)
      row.metadata = from_portable(portable_of(as_text(reader.metadata()), shapes));
    auto* versions = reader.table().versions();
    if (versions != nullptr)
      row.version = versions->Get(static_cast<flatbuffers::uoffset_t>(rows.size()));
    rows.push_back(std::move(row));
  }
  return rows;
}

BatchRow plain_row(Value key, Object value) {
  BatchRow row;
  row.key = std::move(key);
  row.value = std::move(value);
  return row;
}

std::string damaged(std::string_view batch, Random& random) {
  std::string bytes(batch);
  if (random.chance(10)) bytes.resize(random.below(bytes.size()));
  for (size_t changes = 1 + random.below(4); changes > 0 && !bytes.empty(); --changes) {
    size_t at = random.below(bytes.size());
    // Small numbers and single bits keep more of a batch readable than random bytes do.
    switch (random.below(3)) {
      case 0:
        bytes[at] = static_cast<char>(random.next());
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ 1 << random.below(8));
        break;
      default:
        bytes[at] = static_cast<char>(bytes[at] + (random.chance(50) ? 1 : -1));
    }
  }
  return bytes;
}

}  // namespace cairn::unit
