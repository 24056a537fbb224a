// Nodes for the tests of coordination, which write down what they are told, in a folder that ends
// with the test; and bare connections that say what no node would. Any thread may ask a node.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/coordination/peers.h"
#include "core/platform/local_socket.h"

namespace cairn::unit {

// Long enough for any machine: what is waited for comes at once, or is an error.
inline constexpr std::chrono::seconds kPatience{60};

// Waits for what nobody tells of; false if it does not come true.
bool comes_true(const std::function<bool()>& ready);

class PeersTest : public ::testing::Test {
 protected:
  PeersTest();
  // Fails where a descriptor is still open.
  ~PeersTest() override;

  std::string database() const { return folder_ + "/database"; }
  std::string peers_folder() const { return database() + "-peers"; }
  std::string socket_of(const std::string& node) const {
    return peers_folder() + "/" + node + ".sock";
  }

 private:
  std::string folder_;
  size_t descriptors_;
};

class Node {
 public:
  Node(const std::string& database, const std::string& name);

  Peers& peers() { return *peers_; }
  void leave() { peers_.reset(); }
  void send(const std::string& to, const std::string& message);
  // Keeps the thread of the node from receiving, from the next message on.
  void hold();
  void let_go();

  // Each waits until it is so, and is false if that does not happen.
  bool sees(const std::string& node);
  bool sees_not(const std::string& node);
  bool has_come(const std::string& node, size_t times);
  bool has_gone(const std::string& node, size_t times);
  bool has_received(size_t messages);

  std::vector<std::string> messages();
  // How often a node has come or gone so far.
  size_t times_come(const std::string& node);
  size_t times_gone(const std::string& node);

 private:
  void note(std::vector<std::string>& list, std::string text);
  bool wait_until(const std::function<bool()>& ready);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> messages_, come_, gone_;
  bool holding_ = false;
  std::unique_ptr<Peers> peers_;
};

// A connection to a node, in the hands of somebody who need not keep the rules.
class Stranger {
 public:
  Stranger(const std::string& folder, const std::string& node);

  void write(const std::string& bytes);
  // A frame of this message.
  void say(const std::string& message);
  void say_hello(const std::string& node);
  // Reads until the other side ends the connection; how much came, or -1 where it does not end it.
  int64_t read_to_end();
  // Waits for the first bytes; false if none come.
  bool read_some();

 private:
  std::optional<size_t> read();

  LocalSocket socket_;
};

std::string little_endian(uint64_t value, size_t size);

}  // namespace cairn::unit
