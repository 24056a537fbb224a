// Batches on their way into a transaction that is written in the pool while JavaScript makes the
// next ones. The write lock is held meanwhile, so JavaScript makes them without a turn of its event
// loop.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "payload.h"

namespace cairn::node {

class Feed {
 public:
  enum class Next : uint8_t {
    kBatch,
    kLater,  // there is none yet, and nobody knows when: ask again in another job
    kWhole,  // there are no more
    kBroken  // there are no more, and those before are not to be kept
  };

  // On the JavaScript thread, as the destructor is.
  void add(Input batch);
  void end(bool whole);

  // In the pool: waits for the next batch, which stays as long as the feed.
  Next take(const Input** batch);

 private:
  static constexpr std::chrono::seconds kPatience{1};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Input> batches_;
  size_t taken_ = 0;
  bool ended_ = false;
  bool whole_ = false;
};

}  // namespace cairn::node
