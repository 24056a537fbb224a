#include "core/replica/source_rows.h"

#include "core/value/batch_reader.h"

namespace cairn {

void SourceRows::wrote(Bytes batch, uint64_t event) {
  try {
    NoShapes shapes;
    BatchReader reader(batch, shapes);
    while (reader.next_key()) {
      std::string key(as_text(reader.key()));
      if (reader.op() == fb::Op::Delete) {
        events_.erase(key);
      } else {
        events_[std::move(key)] = event;
      }
    }
  } catch (const Error& error) {
    if (!error.is_about_bytes()) throw;
  }
}

bool SourceRows::see(Bytes key, int64_t number, uint64_t saved, bool came) {
  auto written = events_.find(std::string(as_text(key)));
  bool is_from_source = written != events_.end();
  // What it wrote later may delete the row and bring it back under another number.
  if (is_from_source && written->second <= saved) events_.erase(written);
  if (is_from_source || came) numbers_.add(number);
  return numbers_.has(number);
}

std::vector<std::string> SourceRows::keys_not_read_back() const {
  std::vector<std::string> keys;
  for (const auto& [key, event] : events_) keys.push_back(key);
  return keys;
}

std::vector<int64_t> SourceRows::numbers() const {
  std::vector<int64_t> numbers;
  numbers_.visit([&](int64_t number) { numbers.push_back(number); });
  return numbers;
}

void SourceRows::replace(RowSet found, uint64_t saved) {
  numbers_ = std::move(found);
  std::erase_if(events_, [&](const auto& entry) { return entry.second <= saved; });
}

}  // namespace cairn
