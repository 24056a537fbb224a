// The one file of the tool that includes headers of the operating system.
#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace cairn::cli {
namespace {

// Read by a signal handler: fixed memory, and empty first while it changes.
std::array<char, 4096> temporary_file{};

extern "C" void stop(int signal) {
  if (temporary_file[0] != '\0') unlink(temporary_file.data());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

size_t width_from_environment() {
  const char* columns = std::getenv("COLUMNS");
  if (columns == nullptr) return 0;
  const long width = std::strtol(columns, nullptr, 10);
  return width > 0 && width < 100000 ? static_cast<size_t>(width) : 0;
}

}  // namespace

void prepare_terminal() {
  // Only the classes of characters: numbers keep their form whatever the user's locale.
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) std::setlocale(LC_CTYPE, "en_US.UTF-8");
}

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

bool can_redraw(std::FILE* stream) {
  const char* kind = std::getenv("TERM");
  return is_terminal(stream) && kind != nullptr && std::strcmp(kind, "dumb") != 0;
}

size_t terminal_width(std::FILE* stream) {
  if (const size_t width = width_from_environment(); width > 0) return width;
  if (!is_terminal(stream)) return 0;
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

size_t character_width(char32_t character) {
  const int width = wcwidth(static_cast<wchar_t>(character));
  return width < 0 ? 1 : static_cast<size_t>(width);
}

unsigned long process_id() { return static_cast<unsigned long>(getpid()); }

void delete_when_stopped(const std::string& path) {
  if (path.size() >= temporary_file.size()) return;
  temporary_file[0] = '\0';
  if (path.empty()) return;
  std::memcpy(temporary_file.data() + 1, path.data() + 1, path.size());
  temporary_file[0] = path[0];
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // What the caller had ignored, as nohup does, stays ignored.
    if (std::signal(signal, stop) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

bool sync_to_disk(std::FILE* stream) { return fsync(fileno(stream)) == 0; }

double seconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace cairn::cli
