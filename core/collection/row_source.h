// Where a cursor's rows come from, and what may be asked of it. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/query/host_answers.h"
#include "core/query/subset.h"
#include "core/storage/store.h"
#include "core/value/batch_builder.h"

namespace cairn {

// Sees the rows that a cursor comes to, and decides what goes into its batches. It lives as long as
// the cursor.
class RowTap {
 public:
  enum class Choice : uint8_t { kSkip, kGive, kGiveDeleted };

  virtual ~RowTap() = default;
  // A row as it is stored; `shapes` knows its shape. All are borrowed for the call.
  virtual Choice see(Bytes key, int64_t number, Bytes stored, ShapeReader& shapes) = 0;
  // Of a delta, before its rows: a row that is not there any more, whether or not its key is.
  virtual void gone(Bytes key, int64_t number, ShapeReader& shapes) = 0;
};

struct LoadRequest {
  BatchOptions batch;
  Subset subset;
  bool host = false;  // the caller answers questions
  bool keys_only = false;
  std::optional<std::vector<std::string>> fields;  // top fields to give; else all
  RowTap* tap = nullptr;
};

// How rows were found, and what was read for that.
struct QueryReport {
  fb::Access access = fb::Access::Scan;
  std::vector<std::string> indexes;  // signatures
  bool ordered_by_index = false;
  fb::Sorting sorting = fb::Sorting::None;
  uint64_t entries_read = 0;
  uint64_t rows_read = 0;
  uint64_t rows_matched = 0;
  uint64_t rows_decoded = 0;
  uint64_t questions = 0;
  std::vector<std::string> notes;
};

// A source remembers how far it has come; it holds no statement between calls.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // What knows the shapes of the rows that are given; `stored` knows those of the file.
  virtual ShapeReader& shapes(ShapeReader& stored) { return stored; }
  // Adds rows to the builder until it is full; false when there are no more.
  virtual bool fill(Connection& connection, ShapeReader& shapes, BatchBuilder& builder,
                    const Interruptible& interruptible) = 0;
  // What has to be answered before fill() goes on; it has added nothing then.
  virtual std::optional<HostQuestion> question() { return std::nullopt; }
  virtual void answer(Bytes) { throw Error(Status::kWrongState, "there is no question to answer"); }
  virtual QueryReport report() const { return {}; }
};

}  // namespace cairn
