// What Peers does: the files in the folder, the connections, and the thread that serves them. Of
// two nodes the one whose name is smaller connects to the other, so that there is one connection;
// the greater one asks for that with a connection of its own, which is closed at once. Where
// nothing else is said, the functions are for the thread.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/coordination/peer_link.h"
#include "core/coordination/peers.h"
#include "core/platform/local_socket.h"
#include "core/platform/mutex.h"
#include "core/platform/range_lock.h"
#include "core/platform/worker.h"

namespace cairn {

class PeerLoop {
 public:
  explicit PeerLoop(Peers::Options options);
  ~PeerLoop();

  // Any thread.
  bool try_lead(int64_t collection) { return leaders_->try_lock(collection); }
  void stop_leading(int64_t collection) { leaders_->unlock(collection); }
  void send(std::string_view to, Bytes message);

 private:
  using Clock = PeerLink::Clock;

  void run();
  void turn();
  void wait();
  void accept();
  void serve(PeerLink& link, bool has_bytes, bool has_room);
  PeerLink::Reading read(PeerLink& link);
  bool take(PeerLink& link, Bytes message);
  bool greet(PeerLink& link, const std::string& node);
  void establish(PeerLink& link, const std::string& node);
  void replace(const std::string& node);
  void end(PeerLink& link);

  void scan();
  void end_strangers();
  void look_at(const std::string& path);
  void connect(const std::string& node);
  bool has_link(const std::string& node) const;
  std::string path_of(const std::string& node) const;
  void say_hello(PeerLink& link);  // under the lock

  const Peers::Options options_;
  const std::string folder_;
  const ByteBuffer hello_;
  std::unique_ptr<RangeLock> leaders_;
  std::unique_ptr<SocketWait> wait_;
  std::vector<std::unique_ptr<PeerLink>> links_;
  LocalListener listener_;
  bool accepting_ = true;
  Clock::time_point next_scan_ = Clock::now();
  std::atomic<bool> stopping_{false};

  Mutex mutex_;
  std::map<std::string, PeerLink*, std::less<>> peers_;  // those that can be sent to

  Worker worker_;
};

}  // namespace cairn
