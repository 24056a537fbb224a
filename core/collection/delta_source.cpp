#include "core/collection/delta_source.h"

namespace cairn {

bool DeltaSource::fill(Connection& connection, ShapeReader& shapes, BatchBuilder& builder,
                       const Interruptible& interruptible) {
  if (tap_ != nullptr)
    for (const LogEntry::Deleted& row : gone_) tap_->gone(as_bytes(row.key), row.row, shapes);
  gone_.clear();
  auto add = [&](const CandidateRow& row) {
    auto choice = tap_ == nullptr ? RowTap::Choice::kGive
                                  : tap_->see(row.key(), row.number(), row.value(), shapes);
    if (choice == RowTap::Choice::kGive)
      builder.add_row(row.key(), row.value(), row.version(), row.metadata());
    if (choice == RowTap::Choice::kGiveDeleted) builder.add_deleted(row.key(), 0);
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
