// An open file, socket or end of a pipe that belongs to this process alone. A program that is
// started does not get it, and a forked child loses it at once: in the child's hands a lock or a
// connection would outlive the process that made it. One thread at a time per object.
#pragma once

#include <cstdint>
#include <functional>
#include <system_error>
#include <utility>

namespace cairn {

class Descriptor {
 public:
  Descriptor() = default;
  // Takes what `open` gives: a descriptor, or -1 with errno. No fork comes in between.
  Descriptor(const std::function<int()>& open, std::error_code& code);
  Descriptor(Descriptor&& other) noexcept { swap(other); }
  Descriptor& operator=(Descriptor&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Descriptor();

  // -1 where nothing is open, and in a forked child.
  int get() const;
  bool is_open() const { return get() >= 0; }

 private:
  void swap(Descriptor& other) {
    std::swap(handle_, other.handle_);
    std::swap(generation_, other.generation_);
  }

  int handle_ = -1;
  uint64_t generation_ = 0;
};

}  // namespace cairn
