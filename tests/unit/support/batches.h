// Row batches for tests: rows as plain values, through BatchBuilder and BatchReader. Plain
// functions; any thread, with shapes of its own.
#pragma once

#include <vector>

#include "core/value/batch_builder.h"
#include "core/value/batch_reader.h"
#include "support/values.h"

namespace cairn::unit {

struct BatchRow {
  Value key;
  fb::Op op = fb::Op::Insert;
  Object value;  // for insert and update
  fb::MetadataOp metadata_op = fb::MetadataOp::Keep;
  Value metadata;
  uint64_t version = 0;
  bool operator==(const BatchRow&) const = default;
};
using BatchRows = std::vector<BatchRow>;

// Inserts and deletions as BatchBuilder takes them: out of stored rows.
Table build_batch(const BatchRows& rows, ShapeWriter& shapes, BatchOptions options = {});

BatchRows read_batch(Bytes batch, ShapeWriter& shapes);

inline Bytes bytes_of(const Table& table) { return {table.data(), table.size()}; }

// What a batch gives for a row without metadata that was asked for metadata.
BatchRow plain_row(Value key, Object value);

// Every change and truncation that a seed gives, applied to a batch.
std::string damaged(std::string_view batch, Random& random);

}  // namespace cairn::unit
