// A batch that the engine refuses is given to it again row by row, behind as many line ends and
// spaces as stand before the row in the file: so the engine's own message names the right line.
#include "batch_reader.h"

namespace cairn::cli {
namespace {

constexpr uint64_t kMaxPadding = uint64_t{16} << 20;

std::string padding(const Place& place) {
  if (place.line + place.column > kMaxPadding) return "";
  return std::string(place.line - 1, '\n') + std::string(place.column - 1, ' ');
}

}  // namespace

BatchReader::BatchReader(const std::string& path, const RowOptions& options)
    : input_(path), key_field_(options.key_field) {
  source_ = open_rows(choose_format(options, path, input_), options, input_);
}

bool BatchReader::prepare() {
  first_ = read();
  return first_.has_value();
}

std::optional<Buffer> BatchReader::next() {
  if (!first_) return read();
  std::optional<Buffer> batch = std::move(first_);
  first_.reset();
  return batch;
}

std::optional<Buffer> BatchReader::read() {
  if (ended_ || !source_->next(part_)) {
    ended_ = true;
    return std::nullopt;
  }
  rows_ += part_.rows.size();
  try {
    return batch_from_json(part_.text, key_field_);
  } catch (const Error& error) {
    explain(error);
  }
}

void BatchReader::explain(const Error& error) const {
  for (size_t i = 0; i < part_.rows.size(); ++i) explain_row(i);
  throw Error(error.status(), input_.name() + ": " + error.what());
}

// Throws if the row alone is refused too.
void BatchReader::explain_row(size_t index) const {
  const Place place = part_.rows[index].place;
  try {
    batch_from_json(padding(place) + std::string(part_.row(index)), key_field_);
  } catch (const Error& error) {
    input_.fail(place, error.what(), error.status());
  }
}

void add_rows(Transaction& transaction, BatchReader& reader, Progress& progress) {
  while (const auto batch = reader.next()) {
    transaction.add(batch->bytes());
    progress.update(reader.bytes(), reader.rows(), reader.bytes());
  }
}

}  // namespace cairn::cli
