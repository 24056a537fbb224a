#include "core/platform/local_socket.h"

#include <vector>

#include "core/platform/file.h"

#if !defined(_WIN32)
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#endif

namespace cairn {

#if !defined(_WIN32)

namespace {

#if !defined(MSG_NOSIGNAL)
constexpr int MSG_NOSIGNAL = 0;  // such systems have an option of the socket instead
#endif

std::error_code socket_error() { return {errno, std::generic_category()}; }
bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

// For systems that cannot say it when they open something.
[[maybe_unused]] int made_private(int handle) {
  if (handle < 0) return handle;
  ::fcntl(handle, F_SETFD, FD_CLOEXEC);
  ::fcntl(handle, F_SETFL, ::fcntl(handle, F_GETFL) | O_NONBLOCK);
#if defined(SO_NOSIGPIPE)
  int on = 1;
  ::setsockopt(handle, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  return handle;
}

Descriptor open_socket(std::error_code& code) {
#if defined(SOCK_CLOEXEC)
  auto open = [] { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); };
#else
  auto open = [] { return made_private(::socket(AF_UNIX, SOCK_STREAM, 0)); };
#endif
  return Descriptor(open, code);
}

int accept_private(int listener) {
#if defined(SOCK_CLOEXEC)
  return ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
#else
  return made_private(::accept(listener, nullptr, nullptr));
#endif
}

int open_pipe(int* ends) {
#if defined(SOCK_CLOEXEC)
  return ::pipe2(ends, O_CLOEXEC | O_NONBLOCK);
#else
  if (::pipe(ends) != 0) return -1;
  made_private(ends[0]);
  made_private(ends[1]);
  return 0;
#endif
}

// The address of a name in a folder. An address has room for some hundred bytes only, so that a
// longer one goes by way of the opened folder.
class Address {
 public:
  Address(const std::string& folder, const std::string& name, std::error_code& code) {
    code.clear();
    std::string path = folder + "/" + name;
    if (path.size() >= sizeof address_.sun_path) path = short_path(folder, name, code);
    if (!code && path.size() >= sizeof address_.sun_path)
      code = std::make_error_code(std::errc::filename_too_long);
    if (code) return;
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, path.c_str(), path.size() + 1);
  }

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const { return sizeof address_; }

 private:
  std::string short_path(const std::string& folder, const std::string& name,
                         std::error_code& code) {
#if defined(O_PATH)
    folder_ =
        Descriptor([&] { return ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }, code);
    return "/proc/self/fd/" + std::to_string(folder_.get()) + "/" + name;
#else
    (void)code;
    return folder + "/" + name;
#endif
  }

  sockaddr_un address_ = {};
  Descriptor folder_;
};

}  // namespace

LocalSocket LocalSocket::connect(const std::string& folder, const std::string& name,
                                 std::error_code& code) {
  Address address(folder, name, code);
  if (code) return {};
  Descriptor handle = open_socket(code);
  if (code) return {};
  // This does not take time: the listener's queue has room, or it has not.
  if (::connect(handle.get(), address.get(), address.size()) == 0)
    return LocalSocket(std::move(handle));
  code = socket_error();
  return {};
}

std::optional<size_t> LocalSocket::read(std::span<uint8_t> room) {
  ssize_t size = ::recv(handle_.get(), room.data(), room.size(), 0);
  if (size > 0) return static_cast<size_t>(size);
  if (size < 0 && would_block()) return 0;
  return std::nullopt;
}

std::optional<size_t> LocalSocket::write(std::span<const uint8_t> head,
                                         std::span<const uint8_t> body) {
  // The system does not write to it; its structure just cannot say so.
  iovec parts[2] = {{const_cast<uint8_t*>(head.data()), head.size()},
                    {const_cast<uint8_t*>(body.data()), body.size()}};
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  ssize_t size = ::sendmsg(handle_.get(), &message, MSG_NOSIGNAL);
  if (size >= 0) return static_cast<size_t>(size);
  if (would_block()) return 0;
  return std::nullopt;
}

void LocalSocket::shut() { ::shutdown(handle_.get(), SHUT_RDWR); }

LocalListener::~LocalListener() {
  if (handle_.is_open()) (void)remove_file(path_);
}

std::error_code LocalListener::listen(const std::string& folder, const std::string& name) {
  std::error_code code;
  std::string unfinished = name + kUnfinished;
  Address address(folder, unfinished, code);
  if (code) return code;
  Descriptor handle = open_socket(code);
  if (code) return code;
  std::string path = folder + "/" + name, unfinished_path = folder + "/" + unfinished;
  (void)remove_file(unfinished_path);
  if (::bind(handle.get(), address.get(), address.size()) != 0) return socket_error();
  if (::listen(handle.get(), 128) != 0) code = socket_error();
  if (!code) code = rename_file(unfinished_path, path);
  if (code) {
    (void)remove_file(unfinished_path);
    return code;
  }
  handle_ = std::move(handle);
  path_ = std::move(path);
  return {};
}

LocalSocket LocalListener::accept(std::error_code& code) {
  return LocalSocket(Descriptor([&] { return accept_private(handle_.get()); }, code));
}

struct SocketWait::Set {
  std::vector<pollfd> entries;
};

SocketWait::SocketWait(std::error_code& code) : set_(std::make_unique<Set>()) {
  int ends[2] = {-1, -1};
  woken_ = Descriptor([&] { return open_pipe(ends) == 0 ? ends[0] : -1; }, code);
  if (!code) waker_ = Descriptor([&] { return ends[1]; }, code);
}

SocketWait::~SocketWait() = default;

void SocketWait::clear() { set_->entries.clear(); }

size_t SocketWait::add(const Descriptor& handle, bool for_room) {
  auto events = static_cast<short>(for_room ? POLLIN | POLLOUT : POLLIN);
  set_->entries.push_back({handle.get(), events, 0});
  return set_->entries.size() - 1;
}

void SocketWait::wait(int milliseconds) {
  size_t number = add(woken_, false);
  int ready = ::poll(set_->entries.data(), static_cast<nfds_t>(number + 1), milliseconds);
  if (ready < 0)
    for (pollfd& entry : set_->entries) entry.revents = 0;
  uint8_t bytes[64];
  if (has_bytes(number))
    while (::read(woken_.get(), bytes, sizeof bytes) == sizeof bytes) {
    }
}

bool SocketWait::has_bytes(size_t number) const {
  return (set_->entries[number].revents & ~POLLOUT) != 0;
}

bool SocketWait::has_room(size_t number) const {
  return (set_->entries[number].revents & POLLOUT) != 0;
}

// Where the pipe is full, the other end is being woken already.
void SocketWait::wake() {
  uint8_t byte = 0;
  [[maybe_unused]] ssize_t size = ::write(waker_.get(), &byte, 1);
}

#else

namespace {
const std::error_code kNotSupported = std::make_error_code(std::errc::function_not_supported);
}

LocalSocket LocalSocket::connect(const std::string&, const std::string&, std::error_code& code) {
  code = kNotSupported;
  return {};
}

std::optional<size_t> LocalSocket::read(std::span<uint8_t>) { return std::nullopt; }
std::optional<size_t> LocalSocket::write(std::span<const uint8_t>, std::span<const uint8_t>) {
  return std::nullopt;
}
void LocalSocket::shut() {}

LocalListener::~LocalListener() = default;
std::error_code LocalListener::listen(const std::string&, const std::string&) {
  return kNotSupported;
}
LocalSocket LocalListener::accept(std::error_code& code) {
  code = kNotSupported;
  return {};
}

struct SocketWait::Set {};
SocketWait::SocketWait(std::error_code& code) { code = kNotSupported; }
SocketWait::~SocketWait() = default;
void SocketWait::clear() {}
size_t SocketWait::add(const Descriptor&, bool) { return 0; }
void SocketWait::wait(int) {}
bool SocketWait::has_bytes(size_t) const { return false; }
bool SocketWait::has_room(size_t) const { return false; }
void SocketWait::wake() {}

#endif

}  // namespace cairn
