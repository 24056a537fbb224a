#include "core/replica/front.h"

namespace cairn {

uint64_t Front::send(ReplicaEvent event) {
  uint64_t number = event.number = ++last_;
  fb::EventKind kind = event.kind;
  std::vector<Row> rows;
  if (kind == fb::EventKind::SourceWrite) rows = decode_(as_bytes(event.batch));
  send_(std::move(event));
  for (const Row& row : rows) write(row, number);
  if (kind == fb::EventKind::SourceTruncate) truncate(number);
  if (kind != fb::EventKind::Start) return number;
  starting_ = number;
  rows_.clear();
  written_.clear();
  truncated_ = 0;
  pending_.clear();
  mentioned_.reset();
  return number;
}

uint64_t Front::mutate(ReplicaEvent event) {
  std::vector<Row> rows = decode_(as_bytes(event.batch));
  uint64_t number = send(std::move(event));
  pending_[number] = std::move(rows);
  return number;
}

void Front::write(const Row& row, uint64_t number) {
  written_[row.key] = number;
  put(row);
}

void Front::truncate(uint64_t number) {
  truncated_ = number;
  rows_.clear();
}

void Front::take(const ReplicaEffect& effect) {
  using enum fb::EffectKind;
  if (effect.kind == Started && effect.seen == starting_) starting_ = 0;
  if (starting_ != 0) return;  // of the run before
  switch (effect.kind) {
    case Rows:
    case Changes:
    case Replace:
      return take_rows(effect);
    case Confirm:
    case Reject:
      pending_.erase(effect.seen);
      return;
    case Saved:
      // No later effect is older than this.
      std::erase_if(written_, [&](const auto& entry) { return entry.second <= effect.seen; });
      return;
    default:
      return;
  }
}

void Front::take_rows(const ReplicaEffect& effect) {
  if (effect.kind == fb::EffectKind::Replace && effect.first) mentioned_.emplace();
  if (effect.batch) {
    for (const Row& row : decode_({effect.batch->data(), effect.batch->size()})) {
      if (mentioned_) mentioned_->insert(row.key);
      if (!is_older(row.key, effect.seen)) put(row);
    }
  }
  if (effect.kind == fb::EffectKind::Replace && effect.last) end_replace(effect.seen);
}

// Whether the source has written the key since, or everything.
bool Front::is_older(const std::string& key, uint64_t seen) const {
  if (truncated_ > seen) return true;
  auto written = written_.find(key);
  return written != written_.end() && written->second > seen;
}

void Front::end_replace(uint64_t seen) {
  if (!mentioned_) return;
  std::erase_if(rows_, [&](const auto& row) {
    return !mentioned_->contains(row.first) && !is_older(row.first, seen);
  });
  mentioned_.reset();
}

void Front::put(const Row& row) {
  if (row.value) {
    rows_[row.key] = *row.value;
  } else {
    rows_.erase(row.key);
  }
}

std::optional<std::string> Front::see(const std::string& key) const {
  for (auto pending = pending_.rbegin(); pending != pending_.rend(); ++pending)
    for (auto row = pending->second.rbegin(); row != pending->second.rend(); ++row)
      if (row->key == key) return row->value;
  auto row = rows_.find(key);
  if (row == rows_.end()) return std::nullopt;
  return row->second;
}

}  // namespace cairn
