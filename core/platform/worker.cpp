#include "core/platform/worker.h"

#include "core/platform/process.h"

namespace cairn {

#if CAIRN_THREADS

void Worker::start(std::function<void()> job) {
  job_ = std::move(job);
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
    changed_.wait(lock, [this] { return woken_ || stopping_; });
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

void Worker::start(std::function<void()>) {}
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
