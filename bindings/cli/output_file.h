// Where an export goes: the standard output, or a file that appears whole or not at all. For one
// thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace cairn::cli {

// With a path, rows go to a temporary file beside it, which takes its name in commit(). A path that
// names no regular file, such as a pipe, is written directly.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);
  void commit();

  uint64_t bytes() const { return bytes_; }

 private:
  [[noreturn]] void fail() const;

  std::string path_;
  std::string temporary_;  // empty where the path is written directly
  std::FILE* file_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace cairn::cli
