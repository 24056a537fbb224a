// The row sources of cursors: a range of all rows, given keys, and what a delta names. One thread
// at a time.
#pragma once

#include <string>
#include <vector>

#include "core/collection/cursor.h"

namespace cairn {

// All rows in the order of their insertion, some left out at the start and the end.
class ScanSource : public RowSource {
 public:
  // `values_only`: neither row versions nor metadata are asked for.
  ScanSource(int64_t collection, bool values_only, uint64_t limit, uint64_t offset)
      : collection_(collection), values_only_(values_only), limit_(limit), offset_(offset) {}
  bool fill(Connection& connection, BatchBuilder& builder,
            const Interruptible& interruptible) override;

 private:
  bool fill_chunk(Connection& connection, BatchBuilder& builder,
                  const Interruptible& interruptible);

  int64_t collection_;
  bool values_only_;
  uint64_t limit_;
  uint64_t offset_;
  int64_t after_ = 0;
};

// The rows of given keys in that order; keys without a row are left out.
class KeysSource : public RowSource {
 public:
  KeysSource(int64_t collection, std::vector<std::string> keys, uint64_t limit, uint64_t offset)
      : collection_(collection), keys_(std::move(keys)), limit_(limit), offset_(offset) {}
  bool fill(Connection& connection, BatchBuilder& builder,
            const Interruptible& interruptible) override;

 private:
  int64_t collection_;
  std::vector<std::string> keys_;
  uint64_t limit_;
  uint64_t offset_;
  size_t at_ = 0;
};

// What changed: rows by their numbers, then keys that are gone.
class DeltaSource : public RowSource {
 public:
  DeltaSource(int64_t collection, std::vector<int64_t> rows, std::vector<std::string> deleted)
      : collection_(collection), rows_(std::move(rows)), deleted_(std::move(deleted)) {}
  bool fill(Connection& connection, BatchBuilder& builder,
            const Interruptible& interruptible) override;

 private:
  int64_t collection_;
  std::vector<int64_t> rows_;
  std::vector<std::string> deleted_;
  size_t at_ = 0;
};

}  // namespace cairn
