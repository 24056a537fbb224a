// Files that are read: in chunks of bounded size, or line by line. For one thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "engine.h"

namespace cairn::cli {

// The engine takes no larger row, so nothing larger is gathered.
inline constexpr size_t kMaxRowBytes = size_t{64} << 20;

// A position in a file, from 1.
struct Place {
  uint64_t line = 1;
  uint64_t column = 1;  // in bytes
};

// A file, or the standard input for "-". A byte order mark at its beginning is left out.
class Input {
 public:
  explicit Input(const std::string& path);

  // The bytes that the next call of next_chunk() gives; empty at the end.
  std::string_view peek();

  // The next bytes, valid until the following call; empty at the end.
  std::string_view next_chunk();

  const std::string& name() const { return name_; }
  uint64_t size() const { return size_; }              // 0 where it is not known
  uint64_t bytes_read() const { return bytes_read_; }  // of the chunks given so far

  // Ends the command with a message that begins with the file and the line.
  [[noreturn]] void fail(const Place& place, const std::string& message,
                         cairn_status status = CAIRN_MALFORMED, const std::string& hint = "") const;

 private:
  struct Close {
    void operator()(std::FILE* file) const {
      if (file != stdin) std::fclose(file);
    }
  };

  void fill();

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t size_ = 0;
  uint64_t bytes_read_ = 0;
  std::string chunk_;
  bool peeked_ = false;
  bool started_ = false;
};

// The lines of an input.
class Lines {
 public:
  explicit Lines(Input& input) : input_(input) {}

  // The next line with its end, valid until the following call. False at the end of the input.
  bool next(std::string_view& line);

  // The number of the line that was given last.
  uint64_t number() const { return number_; }

 private:
  Input& input_;
  std::string_view rest_;
  std::string carried_;
  uint64_t number_ = 0;
};

}  // namespace cairn::cli
