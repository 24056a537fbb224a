// A batch that the engine refuses is given to it again row by row, behind as many line ends and
// spaces as stand before the row in the file: so its own message names the right line and column.
#include "batch_reader.h"

namespace cairn::cli {
namespace {

constexpr uint64_t kMaxPadding = uint64_t{16} << 20;

std::string padding(const Place& place) {
  if (place.line + place.column > kMaxPadding) return "";
  return std::string(place.line - 1, '\n') + std::string(place.column - 1, ' ');
}

// The engine counts rows within what it was given, which says nothing to the user.
std::string without_row_number(std::string message) {
  if (!message.starts_with("row ")) return message;
  const size_t end = message.find_first_not_of("0123456789", 4);
  if (end == std::string::npos || message.compare(end, 2, ": ") != 0) return message;
  return message.substr(end + 2);
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

// Throws if the row alone is refused too. Only then is it worth the many spaces before it.
void BatchReader::explain_row(size_t index) const {
  try {
    batch_of_row(part_.row(index), key_field_, {});
  } catch (const Error&) {
    explain_at(part_.rows[index].place, part_.row(index));
  }
}

void BatchReader::explain_at(const Place& place, std::string_view row) const {
  try {
    batch_of_row(row, key_field_, place);
  } catch (const Error& error) {
    input_.fail(place, without_row_number(error.what()), error.status());
  }
}

Buffer batch_of_row(std::string_view row, const std::string& key_field, const Place& place) {
  std::string text = padding(place) + std::string(row);
  if (row.find('\n') == std::string_view::npos) return batch_from_json(text, key_field);
  // Only in an array may a row go over several lines. Its bracket takes the place of a space.
  if (text.front() == ' ') text.erase(0, 1);
  return batch_from_json("[" + text + "]", key_field);
}

void add_rows(Transaction& transaction, BatchReader& reader, Progress& progress) {
  while (const auto batch = reader.next()) {
    transaction.add(batch->bytes());
    progress.update(reader.bytes(), reader.rows(), reader.bytes());
  }
}

}  // namespace cairn::cli
