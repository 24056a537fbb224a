// Messages between nodes that keep the rules: to one and to all, of any size, in order; who comes
// and who goes; the locks of leaders; files that are left, and folders that cannot be used.
#include "core/coordination/peers.h"

#include <unistd.h>

#include <fstream>
#include <thread>

#include "core/coordination/frames.h"
#include "support/peers.h"

namespace cairn::unit {
namespace {

namespace fs = std::filesystem;
using Messages = std::vector<std::string>;

Status status_of_start(const std::string& database, const std::string& node) {
  try {
    Node started(database, node);
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(';'), std::string::npos) << "says what to do";
    return error.status();
  }
  return Status::kOk;
}

#if CAIRN_THREADS

bool see_each_other(Node& a, const std::string& a_name, Node& b, const std::string& b_name) {
  return a.sees(b_name) && b.sees(a_name);
}

TEST_F(PeersTest, MessagesGoBothWays) {
  for (auto [first, second] : {std::pair("a", "b"), std::pair("b", "a")}) {
    Node one(database(), first), other(database(), second);
    ASSERT_TRUE(see_each_other(one, first, other, second));
    one.send(second, "to the second");
    other.send(first, "to the first");
    one.send(second, "");
    EXPECT_TRUE(other.has_received(2));
    EXPECT_TRUE(one.has_received(1));
    EXPECT_EQ(other.messages(), (Messages{"to the second", ""}));
    EXPECT_EQ(one.messages(), Messages{"to the first"});
    one.leave();
    EXPECT_TRUE(other.sees_not(first));
  }
}

TEST_F(PeersTest, AMessageGoesToOneOrToAll) {
  Node a(database(), "a"), b(database(), "b"), c(database(), "c");
  ASSERT_TRUE(see_each_other(a, "a", b, "b"));
  ASSERT_TRUE(see_each_other(a, "a", c, "c"));
  ASSERT_TRUE(see_each_other(b, "b", c, "c"));
  b.send("c", "one");
  b.send("nobody", "none");
  b.send("", "all");
  EXPECT_TRUE(a.has_received(1));
  EXPECT_TRUE(c.has_received(2));
  EXPECT_EQ(a.messages(), Messages{"all"});
  EXPECT_EQ(c.messages(), (Messages{"one", "all"}));
  EXPECT_TRUE(b.messages().empty());
}

TEST_F(PeersTest, LongMessagesArriveWhole) {
  Node a(database(), "a"), b(database(), "b"), c(database(), "c");
  ASSERT_TRUE(see_each_other(a, "a", b, "b"));
  ASSERT_TRUE(see_each_other(a, "a", c, "c"));
  std::string several(size_t{5} << 20, 'x'), most(kMaxMessage, 'y');
  for (size_t i = 0; i < several.size(); ++i) several[i] = static_cast<char>(i * i >> 8);
  a.send("", several);
  b.send("a", several);
  EXPECT_TRUE(b.has_received(1) && c.has_received(1) && a.has_received(1));
  a.send("b", most);
  EXPECT_TRUE(b.has_received(2));
  EXPECT_TRUE(b.messages() == (Messages{several, most}));
  EXPECT_TRUE(c.messages() == Messages{several});
  EXPECT_TRUE(a.messages() == Messages{several});
}

TEST_F(PeersTest, AMessageHasABound) {
  Node a(database(), "a");
  std::string more(kMaxMessage + 1, 'x');
  try {
    a.send("", more);
    ADD_FAILURE() << "too long a message was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::kTooLarge);
  }
}

// Messages of all sizes, from three threads at once, in the order of each. What waits is bounded,
// so the threads wait for the other side now and then.
TEST_F(PeersTest, MessagesOfAThreadStayInOrder) {
  constexpr size_t kThreads = 3, kRounds = 20, kEach = 100;
  Node a(database(), "a"), b(database(), "b");
  ASSERT_TRUE(see_each_other(a, "a", b, "b"));
  for (size_t round = 0; round < kRounds; ++round) {
    std::vector<std::thread> threads;
    for (size_t t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        for (size_t i = 0; i < kEach; ++i) {
          std::string message(1, static_cast<char>('0' + t));
          message += std::to_string(round * kEach + i) + "," + std::string(i * i, '.');
          (t == 0 ? b : a).send(t == 0 ? "a" : "b", message);
        }
      });
    for (std::thread& thread : threads) thread.join();
    ASSERT_TRUE(a.has_received((round + 1) * kEach));
    ASSERT_TRUE(b.has_received((round + 1) * kEach * 2));
  }
  size_t next[kThreads] = {};
  for (Node* node : {&a, &b})
    for (const std::string& message : node->messages()) {
      size_t thread = static_cast<size_t>(message[0] - '0');
      EXPECT_EQ(std::stoul(message.substr(1)), next[thread]++);
    }
  EXPECT_EQ(a.times_gone("b") + b.times_gone("a"), 0u);
}

TEST_F(PeersTest, APathMayBeLong) {
  std::string folder = fs::path(database()).parent_path();
  for (int i = 0; i < 5; ++i) folder += "/" + std::string(60, static_cast<char>('a' + i));
  fs::create_directories(folder);
  std::string path = folder + "/database", first(64, 'a'), second(64, 'b');
  Node a(path, first), b(path, second);
  EXPECT_GT(path.size(), size_t{300});
  ASSERT_TRUE(see_each_other(a, first, b, second));
  a.send(second, "far");
  EXPECT_TRUE(b.has_received(1));
}

TEST_F(PeersTest, AllNamesOfAFileLeadToTheSamePeers) {
  std::string folder = fs::path(database()).parent_path();
  std::ofstream(database()) << "a file";
  fs::create_symlink("database", folder + "/link");
  Node a(database(), "a"), b(folder + "/link", "b"), c(folder + "/./link", "c");
  EXPECT_TRUE(see_each_other(a, "a", b, "b"));
  EXPECT_TRUE(see_each_other(a, "a", c, "c"));
}

TEST_F(PeersTest, WhoLeavesIsGoneAndTakesItsSocketAlong) {
  Node a(database(), "a"), b(database(), "b");
  ASSERT_TRUE(see_each_other(a, "a", b, "b"));
  EXPECT_TRUE(fs::is_socket(socket_of("a")));
  EXPECT_EQ(fs::status(peers_folder()).permissions(), fs::perms::owner_all);
  a.send("b", "the last one");
  a.leave();
  EXPECT_TRUE(b.sees_not("a"));
  EXPECT_EQ(b.messages(), Messages{"the last one"}) << "before it was gone";
  EXPECT_FALSE(fs::exists(socket_of("a")));
  EXPECT_TRUE(fs::exists(peers_folder() + "/leaders"));
  b.leave();
  EXPECT_EQ(std::distance(fs::directory_iterator(peers_folder()), {}), 1) << "leaders alone";
}

TEST_F(PeersTest, ManyStartAtOnce) {
  constexpr size_t kNodes = 12;
  std::vector<std::unique_ptr<Node>> nodes(kNodes);
  std::vector<std::thread> threads;
  auto name_of = [](size_t i) { return "node-" + std::to_string(i); };
  for (size_t i = 0; i < kNodes; ++i)
    threads.emplace_back([&, i] { nodes[i] = std::make_unique<Node>(database(), name_of(i)); });
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < kNodes; ++i)
    for (size_t j = 0; j < kNodes; ++j)
      EXPECT_TRUE(i == j || nodes[i]->sees(name_of(j))) << i << " " << j;
  for (auto& node : nodes) node->send("", "all");
  for (size_t i = 0; i < kNodes; ++i) {
    EXPECT_TRUE(nodes[i]->has_received(kNodes - 1));
    for (size_t j = 0; j < kNodes; ++j) {
      EXPECT_EQ(nodes[i]->times_come(name_of(j)), i == j ? 0u : 1u);
      EXPECT_EQ(nodes[i]->times_gone(name_of(j)), 0u);
    }
  }
}

TEST_F(PeersTest, ACallbackMaySend) {
  std::unique_ptr<Peers> echo;
  Peers::Options options;
  options.database_path = database();
  options.node = "echo";
  options.received = [&](Bytes message) { echo->send("a", message); };
  echo = std::make_unique<Peers>(options);
  Node a(database(), "a");
  ASSERT_TRUE(a.sees("echo"));
  for (size_t i = 1; i <= 1000; ++i) {
    a.send("echo", std::to_string(i));
    ASSERT_TRUE(a.has_received(i));
  }
  echo.reset();
}

TEST_F(PeersTest, OneLeadsACollection) {
  Node a(database(), "a"), b(database(), "b");
  EXPECT_TRUE(a.peers().try_lead(3));
  EXPECT_TRUE(a.peers().try_lead(3));
  EXPECT_FALSE(b.peers().try_lead(3));
  EXPECT_TRUE(b.peers().try_lead(4));
  b.peers().stop_leading(3);
  EXPECT_FALSE(b.peers().try_lead(3));
  a.peers().stop_leading(3);
  EXPECT_TRUE(b.peers().try_lead(3));
  b.leave();
  EXPECT_TRUE(a.peers().try_lead(3));
  EXPECT_TRUE(a.peers().try_lead(4));
}

TEST_F(PeersTest, WhoIsGoneInAnOrderlyWayLeadsNoMore) {
  Node a(database(), "a");
  for (size_t i = 1; i <= 20; ++i) {
    Node b(database(), "b");
    ASSERT_TRUE(a.sees("b"));
    EXPECT_TRUE(b.peers().try_lead(3));
    std::thread leaving([&] { b.leave(); });
    EXPECT_TRUE(a.has_gone("b", i));
    EXPECT_TRUE(a.peers().try_lead(3));
    a.peers().stop_leading(3);
    leaving.join();
  }
}

TEST_F(PeersTest, ASocketThatWasLeftIsRemoved) {
  { Node first(database(), "first"); }
  {
    // Bound once and closed: its file stays.
    LocalListener listener;
    ASSERT_FALSE(listener.listen(peers_folder(), "other.sock"));
    fs::rename(socket_of("other"), socket_of("left"));
  }
  ASSERT_TRUE(fs::exists(socket_of("left")));
  Node a(database(), "a"), b(database(), "b");
  ASSERT_TRUE(see_each_other(a, "a", b, "b"));
  EXPECT_FALSE(fs::exists(socket_of("left"))) << "found on the way to the other node";
}

TEST_F(PeersTest, ASocketThatWasRemovedIsMadeAgain) {
  Node a(database(), "a");
  ASSERT_TRUE(fs::remove(socket_of("a")));
  Node b(database(), "b");
  EXPECT_TRUE(see_each_other(a, "a", b, "b"));
  EXPECT_TRUE(comes_true([&] { return fs::is_socket(socket_of("a")); }));
}

TEST_F(PeersTest, OtherFilesInTheFolderDoNoHarm) {
  fs::create_directory(peers_folder());
  for (const char* name : {"x", ".sock", "a b.sock", "leaders.sock.old"})
    std::ofstream(peers_folder() + "/" + name) << "text";
  fs::create_directory(socket_of("folder"));
  Node a(database(), "a"), b(database(), "b");
  EXPECT_TRUE(see_each_other(a, "a", b, "b"));
  EXPECT_TRUE(fs::exists(peers_folder() + "/a b.sock"));
}

TEST_F(PeersTest, AFolderThatCannotBeUsedIsAnError) {
  EXPECT_EQ(status_of_start(database() + "/no/database", "a"), Status::kCannotOpen);
  std::ofstream(peers_folder()) << "a file";
  EXPECT_EQ(status_of_start(database(), "a"), Status::kCannotOpen);
  fs::remove(peers_folder());
  fs::create_directories(socket_of("a") + "/full");
  EXPECT_NE(status_of_start(database(), "a"), Status::kOk) << "the socket's name is taken";
  EXPECT_FALSE(fs::exists(socket_of("a") + ".new"));
}

TEST_F(PeersTest, AFolderThatMayNotBeWrittenIsAnError) {
  if (geteuid() == 0) GTEST_SKIP() << "the superuser may write everywhere";
  fs::create_directory(peers_folder());
  fs::permissions(peers_folder(), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(status_of_start(database(), "a"), Status::kCannotOpen);
}

TEST_F(PeersTest, ANodeHasAPlainName) {
  for (std::string node : {std::string(), std::string("../a"), std::string("a b"),
                           std::string(65, 'a'), std::string("a\0", 2)})
    EXPECT_EQ(status_of_start(database(), node), Status::kInvalidArgument) << node;
  EXPECT_FALSE(fs::exists(peers_folder()));
}

#else

TEST_F(PeersTest, ABuildWithoutThreadsSaysWhatToDo) {
  EXPECT_EQ(status_of_start(database(), "a"), Status::kUnsupported);
  EXPECT_FALSE(fs::exists(peers_folder()));
}

#endif

}  // namespace
}  // namespace cairn::unit
