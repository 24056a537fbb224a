// Memory for the texts that evaluating makes: handed out piece by piece, and given back all at
// once. One thread at a time.
#pragma once

#include <deque>
#include <string>

#include "core/value/object.h"

namespace cairn {

class Scratch {
 public:
  // An empty text to write to; it stays where it is until clear().
  std::string& text() {
    if (used_ == texts_.size()) texts_.emplace_back();
    std::string& text = texts_[used_++];
    text.clear();
    return text;
  }
  // Keeps a text that was written; throws kTooLarge where all of them take too much memory.
  Bytes keep(const std::string& text) {
    expect_room(text.size());
    bytes_ += text.size();
    return as_bytes(text);
  }
  // For a text that still grows.
  void expect_room(size_t size) const {
    if (size > kMostBytes - bytes_)
      throw ValueError("evaluating it takes more than 64 MiB", Status::kTooLarge);
  }

  void clear() {
    used_ = 0;
    bytes_ = 0;
  }

 private:
  static constexpr size_t kMostBytes = 64u << 20;

  std::deque<std::string> texts_;
  size_t used_ = 0;
  size_t bytes_ = 0;
};

}  // namespace cairn
