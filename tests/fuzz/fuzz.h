// What the fuzz targets share: taking an input apart, calls of the C API whose answers are checked,
// and the count of objects at the end of an input. One thread.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "api.h"
#include "core/value/bytes.h"

namespace cairn::fuzz {

// Says what is wrong and ends the program, which libFuzzer reports as a finding.
[[noreturn]] void fail(const std::string& what);

inline void expect(bool condition, const char* what) {
  if (!condition) fail(what);
}

// An input, taken apart from its start. Past its end come zeros and empty parts, so that every
// input says something.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : left_(data, size) {}

  bool done() const { return left_.empty(); }
  uint8_t byte() {
    Bytes taken = take(1);
    return taken.empty() ? 0 : taken[0];
  }
  // Bytes after their size in two bytes. A copy of exactly that size, so that a sanitizer sees
  // reads beyond it.
  std::vector<uint8_t> sized() {
    size_t size = byte();
    size |= static_cast<size_t>(byte()) << 8;
    return copy(take(size));
  }
  std::vector<uint8_t> rest() { return copy(take(left_.size())); }

 private:
  Bytes take(size_t size) {
    Bytes taken = left_.first(std::min(size, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }
  static std::vector<uint8_t> copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

  Bytes left_;
};

// The parts of an input as Input reads them, for seeds.
std::string sized(std::string_view bytes);

// Which answers a target's calls may give; each target says that for itself.
bool may_answer(cairn_status status);

// Checks what a call answered: a status that may be, and an error exactly where it is one.
cairn_status checked(cairn_status status, cairn_error* error);

// Calls a function whose last parameter is an error.
template <typename Function, typename... Arguments>
cairn_status answer(Function function, Arguments... arguments) {
  cairn_error* error = nullptr;
  cairn_status status = function(arguments..., &error);
  return checked(status, error);
}

// Calls a function that gives an object or bytes, which are there exactly with CAIRN_OK and for a
// question.
template <typename Owner, typename Function, typename... Arguments>
Owner give(Function function, Arguments... arguments) {
  typename Owner::pointer out = nullptr;
  cairn_status status = answer(function, arguments..., &out);
  Owner owner(out);
  expect((status == CAIRN_OK || status == CAIRN_QUESTION) == (out != nullptr),
         "a result does not go with its status");
  return owner;
}

inline std::string_view text_of(const testing::BufferPtr& buffer) {
  return as_text({cairn_buffer_data(buffer.get()), cairn_buffer_size(buffer.get())});
}

// The rest of a cursor's batches; stops at an error. Questions are answered.
std::vector<testing::BufferPtr> batches_of(cairn_cursor* cursor);

// At its end all objects of the library that were made meanwhile have to be gone.
class NoLeaks {
 public:
  NoLeaks() : before_(cairn_live_objects()) {}
  NoLeaks(const NoLeaks&) = delete;
  NoLeaks& operator=(const NoLeaks&) = delete;
  ~NoLeaks() { expect(cairn_live_objects() == before_, "objects are left at the end of an input"); }

 private:
  int64_t before_;
};

}  // namespace cairn::fuzz
