// Rows of a file as row batches, one part after another, so that a file of any size takes bounded
// memory. Errors name the file, the line and the column. For one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine.h"
#include "progress.h"
#include "rows.h"

namespace cairn::cli {

class BatchReader {
 public:
  BatchReader(const std::string& path, const RowOptions& options);

  // The next row batch, of inserts.
  std::optional<Buffer> next();

  // Reads the first batch already, so that most mistakes show before anything is opened. False when
  // there are no rows.
  bool prepare();

  uint64_t rows() const { return rows_; }
  uint64_t bytes() const { return input_.bytes_read(); }
  uint64_t file_size() const { return input_.size(); }

 private:
  std::optional<Buffer> read();
  [[noreturn]] void explain(const Error& error) const;
  void explain_row(size_t index) const;
  void explain_at(const Place& place, std::string_view row) const;

  Input input_;
  std::string key_field_;
  std::unique_ptr<RowSource> source_;
  Part part_;
  std::optional<Buffer> first_;  // read by prepare(), not yet given
  bool ended_ = false;
  uint64_t rows_ = 0;
};

// A row batch of one row, of any number of lines, that stands at `place` in its file: so the
// engine's messages name that place.
Buffer batch_of_row(std::string_view row, const std::string& key_field, const Place& place);

// Adds all rows to a transaction.
void add_rows(Transaction& transaction, BatchReader& reader, Progress& progress);

}  // namespace cairn::cli
