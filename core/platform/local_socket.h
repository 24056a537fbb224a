// Connections between the processes of one machine, at names in a folder, and the waiting for many
// of them. Nothing here blocks but SocketWait::wait. One thread at a time per object where nothing
// else is said. Windows: everything gives `function_not_supported`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>

#include "core/platform/descriptor.h"

namespace cairn {

// One end of a connection. One thread may read while another one writes.
class LocalSocket {
 public:
  LocalSocket() = default;
  explicit LocalSocket(Descriptor handle) : handle_(std::move(handle)) {}

  // Connects to the listener of this name. `connection_refused` means that there is none, and never
  // will be: the name may be removed.
  static LocalSocket connect(const std::string& folder, const std::string& name,
                             std::error_code& code);

  // How many bytes have been read, 0 where there are none yet; nothing at the end.
  std::optional<size_t> read(std::span<uint8_t> room);
  // Writes one after the other what fits now, and gives how much that was; nothing where the other
  // side reads no more.
  std::optional<size_t> write(std::span<const uint8_t> head, std::span<const uint8_t> body);
  // Ends the connection, for both sides, while a thread may still read or wait.
  void shut();

  const Descriptor& handle() const { return handle_; }

 private:
  Descriptor handle_;
};

// Takes connections at a name, which it removes in the end.
class LocalListener {
 public:
  LocalListener() = default;
  LocalListener(const LocalListener&) = delete;
  LocalListener& operator=(const LocalListener&) = delete;
  ~LocalListener();

  // Begins to listen, and replaces what has the name. The name appears with the listener behind it;
  // until then it has the suffix kUnfinished.
  std::error_code listen(const std::string& folder, const std::string& name);
  // The next connection; `operation_would_block` where there is none.
  LocalSocket accept(std::error_code& code);

  const Descriptor& handle() const { return handle_; }

  static constexpr const char* kUnfinished = ".new";

 private:
  Descriptor handle_;
  std::string path_;
};

// Waits until one of many can be read or written.
class SocketWait {
 public:
  explicit SocketWait(std::error_code& code);
  SocketWait(const SocketWait&) = delete;
  SocketWait& operator=(const SocketWait&) = delete;
  ~SocketWait();

  // Forgets what was waited for.
  void clear();
  // Waits for bytes or the end, and for room to write where that is asked. Gives a number to ask
  // by.
  size_t add(const Descriptor& handle, bool for_room);
  void wait(int milliseconds);
  bool has_bytes(size_t number) const;
  bool has_room(size_t number) const;

  // Ends the waiting, or the next one. Any thread.
  void wake();

 private:
  struct Set;

  std::unique_ptr<Set> set_;
  Descriptor woken_, waker_;
};

}  // namespace cairn
