// One connection to another process: messages in, messages out, and what waits to go out. The
// thread that reads may do so while another one writes; what writes needs the lock of PeerLoop.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "core/coordination/frames.h"
#include "core/platform/local_socket.h"

namespace cairn {

class PeerLink {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Side {
    kAccepted,   // the other side has connected
    kConnected,  // this side has, and messages will go over it
    kKnock,      // this side has, to be connected to
  };
  enum class Reading { kQuiet, kMore, kEnded };

  // `node` may be empty where the other side has yet to say who it is.
  PeerLink(LocalSocket socket, Side side, std::string node)
      : socket_(std::move(socket)), side_(side), node_(std::move(node)) {}

  // For the thread that reads.
  Side side() const { return side_; }
  const std::string& node() const { return node_; }
  const Descriptor& handle() const { return socket_.handle(); }
  bool is_greeted() const { return greeted_; }
  bool has_ended() const { return ended_; }
  Clock::time_point made() const { return made_; }
  void set_node(const std::string& node) { node_ = node; }
  void set_greeted() { greeted_ = true; }
  void set_ended() { ended_ = true; }
  // Reads a fair share and hands over each message; where `take` gives false, it has ended. Throws
  // where bytes are malformed.
  Reading read(const std::function<bool(Bytes)>& take);

  // Under the lock. Writes at once if nothing waits; if too much does, ends the connection.
  void send(OutgoingFrame& frame);
  // Writes what waits, as far as there is room.
  void flush();
  bool has_waiting() const { return !waiting_.empty(); }

 private:
  void write_or_keep(OutgoingFrame& frame);
  void keep(OutgoingFrame& frame, size_t sent);
  void cut();

  LocalSocket socket_;
  const Side side_;
  std::string node_;
  bool greeted_ = false;
  bool ended_ = false;
  const Clock::time_point made_ = Clock::now();
  FrameReader frames_;

  std::deque<std::shared_ptr<const ByteBuffer>> waiting_;
  size_t sent_ = 0;    // of the first that waits
  size_t behind_ = 0;  // bytes of those behind the first
  bool cut_ = false;
};

}  // namespace cairn
