#include "core/platform/descriptor.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "core/platform/mutex.h"
#include "core/platform/process.h"

#if !defined(_WIN32)
#include <pthread.h>
#include <unistd.h>
#endif

namespace cairn {

#if !defined(_WIN32)

namespace {

// Every open descriptor of this kind. Never destroyed, since a fork may come at the very end.
struct Registry {
  Mutex mutex;
  std::vector<int> handles;
};

Registry& registry() {
  static auto* everything = new Registry;
  return *everything;
}

void lock_registry() { registry().mutex.lock(); }
void unlock_registry() { registry().mutex.unlock(); }

void close_all_in_child() {
  for (int handle : registry().handles) ::close(handle);
  registry().handles.clear();
  unlock_registry();
}

const int fork_handlers = pthread_atfork(&lock_registry, &unlock_registry, &close_all_in_child);

}  // namespace

Descriptor::Descriptor(const std::function<int()>& open, std::error_code& code) {
  MutexLock lock(registry().mutex);
  std::vector<int>& handles = registry().handles;
  // Before anything is open that would be lost if memory ran out.
  if (handles.size() == handles.capacity()) handles.reserve(2 * handles.size() + 16);
  handle_ = open();
  generation_ = process_generation();
  if (handle_ < 0) {
    code = {errno, std::generic_category()};
    return;
  }
  code.clear();
  handles.push_back(handle_);
}

Descriptor::~Descriptor() {
  if (!is_open()) return;
  MutexLock lock(registry().mutex);
  std::vector<int>& handles = registry().handles;
  auto place = std::find(handles.begin(), handles.end(), handle_);
  if (place != handles.end()) {
    *place = handles.back();
    handles.pop_back();
  }
  ::close(handle_);
}

#else

Descriptor::Descriptor(const std::function<int()>&, std::error_code& code) {
  code = std::make_error_code(std::errc::function_not_supported);
}

Descriptor::~Descriptor() = default;

#endif

int Descriptor::get() const { return generation_ == process_generation() ? handle_ : -1; }

}  // namespace cairn
