// A progress bar on a terminal's standard error; elsewhere it is silent. For one thread.
#pragma once

#include <cstdint>
#include <string>

namespace cairn::cli {

class Progress {
 public:
  // `total` in whatever unit update() counts `done` in; 0 where it is not known.
  Progress(std::string label, uint64_t total);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(uint64_t done, uint64_t rows, uint64_t bytes);  // 0 bytes are not shown
  void say(const std::string& what);                          // a step that cannot be measured
  void clear();

 private:
  std::string line(uint64_t done, uint64_t rows, uint64_t bytes, double now) const;
  void draw(const std::string& line);

  std::string label_;
  uint64_t total_;
  bool enabled_;
  double started_;
  double drawn_ = 0;
  bool visible_ = false;
};

}  // namespace cairn::cli
