#include "core/collection/delta_source.h"

namespace cairn {

bool DeltaSource::fill(Connection& connection, ShapeReader&, BatchBuilder& builder,
                       const Interruptible& interruptible) {
  auto add = [&](const CandidateRow& row) {
    builder.add_row(row.key(), row.value(), row.version(), row.metadata());
    return builder.full() ? Candidates::Visit::kStop : Candidates::Visit::kGoOn;
  };
  if (has_rows_) has_rows_ = rows_.visit(connection, interruptible, add);
  if (has_rows_) return true;
  for (; at_ < deleted_.size(); ++at_) {
    if (builder.full()) return true;
    builder.add_deleted(as_bytes(deleted_[at_]), 0);
  }
  return false;
}

}  // namespace cairn
