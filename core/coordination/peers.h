// Carries messages between the processes of one machine that have one database file open, and holds
// the locks by which they elect leaders. Any thread; the callbacks come on a thread of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/value/bytes.h"

namespace cairn {

class PeerLoop;

class Peers {
 public:
  // The callbacks must not throw, and must not destroy the object; they may call all else. Each may
  // be empty. No lock of this object is held. A peer has come before its first message, and has
  // gone after its last one.
  struct Options {
    std::string database_path;
    // Not used by any other object that ever was: 1 to 64 characters of 0-9, a-z, A-Z and hyphen.
    std::string node;
    std::function<void(Bytes message)> received;
    // A connection has ended: the process left or died, or it was cut, and then the peer comes
    // again. Messages may have been lost. The locks of a process that was killed are free a few
    // milliseconds later at times, since systems choose in which order they close its files: who
    // wants to lead tries more than once.
    std::function<void(const std::string& node)> gone;
    std::function<void(const std::string& node)> came;
  };

  // Throws kInvalidArgument for a node that is no such text, kCannotOpen, kDiskFull or kIo where
  // the folder beside the database cannot be used, and kUnsupported in builds and on systems that
  // cannot do this.
  explicit Peers(Options options);
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;
  // Ends the connections, and gives back the locks. In a forked child it touches nothing.
  ~Peers();

  // Takes the lock of a collection, from 0 on, if nobody else has it; does not wait. True as well
  // where this object has it already. The lock ends with the process.
  bool try_lead(int64_t collection);
  void stop_leading(int64_t collection);

  // Hands a message to the peer `to`, or to all where that is empty; who is not connected gets
  // nothing. Does not wait: where more than 8 MiB are waiting for a peer, behind the message that
  // is on its way, the connection is cut. Messages of one thread arrive in their order. Throws
  // kTooLarge above 64 MiB + 64 KiB.
  void send(std::string_view to, Bytes message);

 private:
  std::unique_ptr<PeerLoop> loop_;
  uint64_t generation_;
};

}  // namespace cairn
