// What a delta names: rows by their numbers, then keys that are gone. One thread at a time.
#pragma once

#include <string>
#include <vector>

#include "core/collection/candidates.h"
#include "core/collection/delta.h"
#include "core/collection/row_source.h"

namespace cairn {

class DeltaSource : public RowSource {
 public:
  DeltaSource(int64_t collection, Delta delta, RowTap* tap)
      : rows_(Candidates::numbered(collection, std::move(delta.rows))),
        gone_(std::move(delta.gone)),
        deleted_(std::move(delta.deleted)),
        tap_(tap) {}
  bool fill(Connection& connection, ShapeReader& shapes, BatchBuilder& builder,
            const Interruptible& interruptible) override;

 private:
  Candidates rows_;
  bool has_rows_ = true;
  std::vector<LogEntry::Deleted> gone_;
  std::vector<std::string> deleted_;
  RowTap* tap_;
  size_t at_ = 0;
};

}  // namespace cairn
