// Starts the helper program in a process of its own, and meets it at a barrier: the helper says
// that it is ready and waits until it is told to go. One thread per object.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace cairn::testing {

class Process {
 public:
  // Starts `helper` with arguments. Throws std::runtime_error if that fails.
  explicit Process(const std::vector<std::string>& arguments);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Waits until the helper is ready, or has ended.
  void wait_until_ready();
  // Lets the helper go on.
  void go();
  // Waits for output and gives the number of bytes that came, at most `most`; 0 when it has ended.
  size_t read_output(size_t most);
  // Ends the helper as a crash would.
  void kill();
  // Waits for the end of the helper; its exit code, or -1 if it did not exit by itself.
  int wait();

  // Starts a helper and sees it through.
  static int run(const std::vector<std::string>& arguments);

 private:
  pid_t pid_ = -1;
  int to_helper_ = -1;
  int from_helper_ = -1;
};

}  // namespace cairn::testing
