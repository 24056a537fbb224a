// What a delta names: rows by their numbers, then keys that are gone. One thread at a time.
#pragma once

#include <string>
#include <vector>

#include "core/collection/candidates.h"
#include "core/collection/row_source.h"

namespace cairn {

class DeltaSource : public RowSource {
 public:
  DeltaSource(int64_t collection, std::vector<int64_t> rows, std::vector<std::string> deleted)
      : rows_(Candidates::numbered(collection, std::move(rows))), deleted_(std::move(deleted)) {}
  bool fill(Connection& connection, ShapeReader& shapes, BatchBuilder& builder,
            const Interruptible& interruptible) override;

 private:
  Candidates rows_;
  bool has_rows_ = true;
  std::vector<std::string> deleted_;
  size_t at_ = 0;
};

}  // namespace cairn
