// Writes beside the target and renames, so that a reader of the target never sees half an export.
#include "output_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine.h"
#include "terminal.h"

namespace cairn::cli {
namespace {

namespace fs = std::filesystem;

// A link keeps pointing where it points: its target is replaced.
std::string behind_links(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::canonical(path, error);
  return error ? path : target.string();
}

bool is_special(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status);
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(path) {
  if (path_.empty() || path_ == "-") {
    path_.clear();
    file_ = stdout;
    return;
  }
  if (is_special(path_)) {
    file_ = std::fopen(path_.c_str(), "wb");
  } else {
    path_ = behind_links(path_);
    temporary_ = path_ + "." + std::to_string(process_id()) + ".tmp";
    file_ = std::fopen(temporary_.c_str(), "wbx");
  }
  if (file_ == nullptr) {
    temporary_.clear();
    fail();
  }
  delete_when_stopped(temporary_);
}

OutputFile::~OutputFile() {
  if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  if (!temporary_.empty()) std::remove(temporary_.c_str());
  delete_when_stopped("");
}

void OutputFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail();
  bytes_ += text.size();
}

void OutputFile::commit() {
  if (std::fflush(file_) != 0) fail();
  if (temporary_.empty()) return;
  if (!sync_to_disk(file_)) fail();
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (!closed || std::rename(temporary_.c_str(), path_.c_str()) != 0) fail();
  temporary_.clear();
}

void OutputFile::fail() const {
  const std::string name = path_.empty() ? "the standard output" : path_;
  throw Error("Cannot write " + name + ": " + std::strerror(errno) + ".");
}

}  // namespace cairn::cli
