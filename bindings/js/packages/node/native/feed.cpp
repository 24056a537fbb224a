// Batches that are handed from thread to thread; see feed.h.
#include "feed.h"

namespace cairn::node {

void Feed::add(Input batch) {
  std::lock_guard lock(mutex_);
  batches_.push_back(std::move(batch));
  changed_.notify_one();
}

void Feed::end(bool whole) {
  std::lock_guard lock(mutex_);
  ended_ = true;
  whole_ = whole;
  changed_.notify_one();
}

// A pool's thread must not wait for ever: where the process ends, others wait for that thread.
Feed::Next Feed::take(const Input** batch) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [&] { return ended_ || taken_ < batches_.size(); });
  if (ended_ && !whole_) return Next::kBroken;
  if (taken_ == batches_.size()) return ended_ ? Next::kWhole : Next::kLater;
  *batch = &batches_[taken_++];
  return Next::kBatch;
}

}  // namespace cairn::node
