#include "support/peers.h"

#include <unistd.h>

#include <algorithm>

#include "core/coordination/frames.h"
#include "core/platform/worker.h"

namespace cairn::unit {
namespace {

namespace fs = std::filesystem;

size_t open_descriptors() {
  return static_cast<size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

size_t times(const std::vector<std::string>& list, const std::string& text) {
  return static_cast<size_t>(std::count(list.begin(), list.end(), text));
}

}  // namespace

bool comes_true(const std::function<bool()>& ready) {
  auto until = std::chrono::steady_clock::now() + kPatience;
  for (; std::chrono::steady_clock::now() < until; pause_ms(1))
    if (ready()) return true;
  return ready();
}

PeersTest::PeersTest() : descriptors_(open_descriptors()) {
  std::string pattern = fs::temp_directory_path() / "cairn-peers-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  folder_ = pattern;
}

PeersTest::~PeersTest() {
  EXPECT_EQ(open_descriptors(), descriptors_);
  fs::remove_all(folder_);
}

Node::Node(const std::string& database, const std::string& name) {
  Peers::Options options;
  options.database_path = database;
  options.node = name;
  options.received = [this](Bytes message) {
    note(messages_, std::string(as_text(message)));
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !holding_; });
  };
  options.came = [this](const std::string& node) { note(come_, node); };
  options.gone = [this](const std::string& node) { note(gone_, node); };
  peers_ = std::make_unique<Peers>(std::move(options));
}

void Node::send(const std::string& to, const std::string& message) {
  peers_->send(to, as_bytes(message));
}

void Node::hold() {
  std::unique_lock lock(mutex_);
  holding_ = true;
}

void Node::let_go() {
  std::unique_lock lock(mutex_);
  holding_ = false;
  changed_.notify_all();
}

bool Node::sees(const std::string& node) {
  return wait_until([&] { return times(come_, node) == times(gone_, node) + 1; });
}

bool Node::sees_not(const std::string& node) {
  return wait_until([&] { return times(come_, node) == times(gone_, node); });
}

bool Node::has_come(const std::string& node, size_t wanted) {
  return wait_until([&] { return times(come_, node) >= wanted; });
}

bool Node::has_gone(const std::string& node, size_t wanted) {
  return wait_until([&] { return times(gone_, node) >= wanted; });
}

bool Node::has_received(size_t messages) {
  return wait_until([&] { return messages_.size() >= messages; });
}

std::vector<std::string> Node::messages() {
  std::unique_lock lock(mutex_);
  return messages_;
}

size_t Node::times_come(const std::string& node) {
  std::unique_lock lock(mutex_);
  return times(come_, node);
}

size_t Node::times_gone(const std::string& node) {
  std::unique_lock lock(mutex_);
  return times(gone_, node);
}

void Node::note(std::vector<std::string>& list, std::string text) {
  std::unique_lock lock(mutex_);
  list.push_back(std::move(text));
  changed_.notify_all();
}

bool Node::wait_until(const std::function<bool()>& ready) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, ready);
}

Stranger::Stranger(const std::string& folder, const std::string& node) {
  std::error_code code;
  socket_ = LocalSocket::connect(folder, node + ".sock", code);
  EXPECT_FALSE(code) << code.message();
}

void Stranger::write(const std::string& bytes) {
  EXPECT_EQ(socket_.write(as_bytes(bytes), {}), bytes.size());
}

void Stranger::say(const std::string& message) {
  write(little_endian(message.size(), 4) + message);
}

void Stranger::say_hello(const std::string& node) {
  say(std::string(as_text(hello_of(node).bytes())));
}

std::optional<size_t> Stranger::read() {
  std::vector<uint8_t> room(size_t{64} << 10);
  return socket_.read(room);
}

int64_t Stranger::read_to_end() {
  int64_t total = 0;
  bool ended = comes_true([&] {
    std::optional<size_t> size;
    while ((size = read()) && *size != 0) total += static_cast<int64_t>(*size);
    return !size;
  });
  return ended ? total : -1;
}

bool Stranger::read_some() {
  return comes_true([&] { return read().value_or(0) != 0; });
}

std::string little_endian(uint64_t value, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

}  // namespace cairn::unit
