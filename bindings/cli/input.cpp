// Reading with the C library's streams: a file, a pipe and the standard input are alike.
#include "input.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace cairn::cli {
namespace {

constexpr size_t kChunkBytes = size_t{256} << 10;

[[noreturn]] void fail_to_read(const std::string& name) {
  throw Error("Cannot read " + name + ": " + std::strerror(errno) + ".");
}

}  // namespace

Input::Input(const std::string& path) : name_(path == "-" ? "standard input" : path) {
  file_.reset(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (file_ == nullptr) fail_to_read(name_);
  std::error_code ignored;
  if (path != "-" && std::filesystem::is_regular_file(path, ignored)) {
    size_ = std::filesystem::file_size(path, ignored);
  }
}

void Input::fill() {
  chunk_.resize(kChunkBytes);
  errno = 0;
  chunk_.resize(std::fread(chunk_.data(), 1, chunk_.size(), file_.get()));
  if (std::ferror(file_.get()) != 0) fail_to_read(name_);
  if (!started_ && chunk_.starts_with("\xEF\xBB\xBF")) chunk_.erase(0, 3);
  started_ = true;
}

std::string_view Input::peek() {
  if (!peeked_) fill();
  peeked_ = true;
  return chunk_;
}

std::string_view Input::next_chunk() {
  if (!peeked_) fill();
  peeked_ = false;
  bytes_read_ += chunk_.size();
  return chunk_;
}

void Input::fail(const Place& place, const std::string& message, cairn_status status,
                 const std::string& hint) const {
  throw Error(status, name_ + ":" + std::to_string(place.line) + ": " + message, hint);
}

bool Lines::next(std::string_view& line) {
  carried_.clear();
  for (;;) {
    if (rest_.empty()) rest_ = input_.next_chunk();
    const size_t end = rest_.find('\n');
    const size_t size = end == std::string_view::npos ? rest_.size() : end + 1;
    if (carried_.size() + size > kMaxRowBytes) {
      input_.fail({number_ + 1, 1}, "The line is longer than 64 MiB.", CAIRN_TOO_LARGE);
    }
    const bool whole = end != std::string_view::npos || rest_.empty();
    line = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (!whole || !carried_.empty()) {
      carried_ += line;
      line = carried_;
    }
    if (!whole) continue;
    if (line.empty()) return false;
    ++number_;
    return true;
  }
}

}  // namespace cairn::cli
