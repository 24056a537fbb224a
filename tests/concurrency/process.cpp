// Starting and meeting of helper processes; see process.h.
#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

extern char** environ;

namespace cairn::testing {
namespace {

void close_fd(int* fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments) {
  int in[2], out[2];
  // Close-on-exec: a helper must not hold another one's barrier open.
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  std::string program = CAIRN_CONCURRENCY_HELPER;
  std::vector<std::string> copies = arguments;
  std::vector<char*> pointers = {program.data()};
  for (std::string& copy : copies) pointers.push_back(copy.data());
  pointers.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  const int failed =
      posix_spawn(&pid_, program.c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  to_helper_ = in[1];
  from_helper_ = out[0];
  if (failed) throw std::runtime_error("cannot start " + program);
}

Process::~Process() {
  close_fd(&to_helper_);
  close_fd(&from_helper_);
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

void Process::wait_until_ready() {
  char byte;
  while (read(from_helper_, &byte, 1) < 0) {
  }
}

void Process::go() { close_fd(&to_helper_); }

size_t Process::read_output(size_t most) {
  std::string bytes(most, '\0');
  ssize_t size;
  do {
    size = read(from_helper_, bytes.data(), most);
  } while (size < 0 && errno == EINTR);
  return size < 0 ? 0 : static_cast<size_t>(size);
}

void Process::kill() { ::kill(pid_, SIGKILL); }

int Process::wait() {
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) return -1;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int Process::run(const std::vector<std::string>& arguments) {
  Process process(arguments);
  process.go();
  return process.wait();
}

}  // namespace cairn::testing
