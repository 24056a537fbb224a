#include "core/platform/worker.h"

#include "core/platform/process.h"

namespace cairn {

#if CAIRN_THREADS

void Worker::start(std::function<void()> job, int every_ms) {
  job_ = std::move(job);
  every_ms_ = every_ms;
  generation_ = process_generation();
  thread_ = std::thread([this] { run(); });
}

void Worker::wake() {
  MutexLock lock(mutex_);
  woken_ = true;
  changed_.notify_one();
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  if (generation_ != process_generation()) return thread_.detach();
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void Worker::run() {
  MutexLock lock(mutex_);
  while (true) {
    auto is_called = [this] { return woken_ || stopping_; };
    if (every_ms_ == 0) changed_.wait(lock, is_called);
    if (every_ms_ != 0)
      changed_.wait_until(lock, Clock::now() + std::chrono::milliseconds(every_ms_), is_called);
    if (stopping_) return;
    woken_ = false;
    lock.unlock();
    job_();
    lock.lock();
  }
}

void pause_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

#else

void Worker::start(std::function<void()>, int) {}
void Worker::wake() {}
void Worker::stop() {}

// There is nobody to wait for within the process, and other processes get their turn all the same.
void pause_ms(int milliseconds) {
  auto until = Worker::Clock::now() + std::chrono::milliseconds(milliseconds);
  while (Worker::Clock::now() < until) {
  }
}

#endif

}  // namespace cairn
