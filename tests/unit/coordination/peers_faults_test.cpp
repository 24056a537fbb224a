// Peers that die, stop reading, break the rules or are forked: nobody else comes to harm.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/peers.h"

#if CAIRN_THREADS

namespace cairn::unit {
namespace {

using PeersFaultsTest = PeersTest;
constexpr size_t kMiB = size_t{1} << 20;

// A process of its own that runs `body`, says that it is ready and waits for its end. It has to be
// made before this process has other threads, and ends with the object.
class Child {
 public:
  explicit Child(const std::function<void()>& body) {
    EXPECT_EQ(pipe(ready_), 0);
    pid_ = fork();
    if (pid_ != 0) return;
    body();
    char byte = 'y';
    (void)!write(ready_[1], &byte, 1);
    while (true) pause();
  }
  ~Child() {
    signal(SIGKILL);
    waitpid(pid_, nullptr, 0);
    for (int end : ready_) close(end);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  bool is_ready() {
    char byte = 0;
    return read(ready_[0], &byte, 1) == 1;
  }
  void signal(int number) { kill(pid_, number); }
  void stop() {
    signal(SIGSTOP);
    waitpid(pid_, nullptr, WUNTRACED);  // it does not stop at once
  }

 private:
  int ready_[2] = {-1, -1};
  pid_t pid_ = -1;
};

TEST_F(PeersFaultsTest, AProcessThatDiesIsGoneAndLeadsNoMore) {
  Child child([&] {
    auto* node = new Node(database(), "child");
    node->peers().try_lead(5);
    if (node->sees("a")) node->send("a", "before the end");
  });
  Node a(database(), "a");
  ASSERT_TRUE(child.is_ready());
  ASSERT_TRUE(a.sees("child"));
  EXPECT_FALSE(a.peers().try_lead(5));
  child.signal(SIGKILL);
  EXPECT_TRUE(a.sees_not("child"));
  EXPECT_EQ(a.messages(), std::vector<std::string>{"before the end"});
  EXPECT_TRUE(comes_true([&] { return a.peers().try_lead(5); }));
  EXPECT_TRUE(comes_true([&] { return !std::filesystem::exists(socket_of("child")); }));
}

TEST_F(PeersFaultsTest, AProcessThatDiesIsGoneThoughAChildOfItLives) {
  int never[2];
  ASSERT_EQ(pipe(never), 0);
  Child child([&] {
    auto* node = new Node(database(), "child");
    node->peers().try_lead(5);
    node->sees("a");
    close(never[1]);
    char byte;
    if (fork() == 0) _exit(static_cast<int>(read(never[0], &byte, 1)));  // ends with the test
  });
  Node a(database(), "a");
  ASSERT_TRUE(child.is_ready());
  ASSERT_TRUE(a.sees("child"));
  child.signal(SIGKILL);
  EXPECT_TRUE(a.sees_not("child"));
  EXPECT_TRUE(comes_true([&] { return a.peers().try_lead(5); }));
  for (int end : never) close(end);
}

TEST_F(PeersFaultsTest, AForkedChildTouchesNothingOfItsParent) {
  auto a = std::make_unique<Node>(database(), "a");
  Node b(database(), "b");
  ASSERT_TRUE(a->sees("b") && b.sees("a"));
  ASSERT_TRUE(a->peers().try_lead(5));
  pid_t child = fork();
  if (child == 0) {
    bool leads = a->peers().try_lead(5) || a->peers().try_lead(6);
    a->peers().stop_leading(5);
    a->send("", "from the child");
    a->leave();
    _exit(leads ? 1 : 0);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(std::filesystem::exists(socket_of("a")));
  EXPECT_FALSE(b.peers().try_lead(5));
  a->send("b", "from the parent");
  EXPECT_TRUE(b.has_received(1));
  EXPECT_EQ(b.messages(), std::vector<std::string>{"from the parent"});
  EXPECT_EQ(b.times_gone("a"), 0u);
}

// A process that was stopped is not lost; it goes on where it was.
TEST_F(PeersFaultsTest, AProcessThatPausesGoesOn) {
  Child child([&] {
    auto* node = new Node(database(), "child");
    node->sees("a");
  });
  Node a(database(), "a");
  ASSERT_TRUE(child.is_ready());
  ASSERT_TRUE(a.sees("child"));
  child.stop();
  Node b(database(), "b"), z(database(), "z");
  EXPECT_TRUE(a.sees("b") && a.sees("z"));
  for (int i = 0; i < 100; ++i) a.send("child", std::string(1000, 'x'));
  EXPECT_EQ(a.times_gone("child") + b.times_come("child") + z.times_come("child"), 0u);
  child.signal(SIGCONT);
  EXPECT_TRUE(b.sees("child") && z.sees("child"));
  EXPECT_EQ(a.times_gone("child"), 0u);
}

// The bound holds for what was taken from the sender: what the other side can still read.
TEST_F(PeersFaultsTest, WhoDoesNotReadIsCutOff) {
  Node node(database(), "node");
  Stranger stranger(peers_folder(), "node");
  stranger.say_hello("a-stranger");
  ASSERT_TRUE(node.sees("a-stranger"));
  std::string message(kMiB, 'x');
  size_t sent = 0;
  for (; node.times_gone("a-stranger") == 0 && sent < 1000; ++sent) node.send("", message);
  EXPECT_TRUE(node.sees_not("a-stranger"));
  int64_t read = stranger.read_to_end();
  EXPECT_GE(read, 0);
  EXPECT_LT(read, static_cast<int64_t>(16 * kMiB)) << "of " << sent << " MiB";
}

TEST_F(PeersFaultsTest, WhoReadsAgainComesAgain) {
  for (auto [slow_name, fast_name] : {std::pair("a", "b"), std::pair("b", "a")}) {
    Node slow(database(), slow_name), fast(database(), fast_name);
    ASSERT_TRUE(slow.sees(fast_name) && fast.sees(slow_name));
    slow.hold();
    std::string message(kMiB, 'x');
    for (int i = 0; i < 20; ++i) fast.send(slow_name, message);
    EXPECT_TRUE(fast.has_gone(slow_name, 1));
    slow.let_go();
    EXPECT_TRUE(slow.has_gone(fast_name, 1));
    ASSERT_TRUE(slow.has_come(fast_name, 2) && fast.has_come(slow_name, 2));
    size_t before = slow.messages().size();
    EXPECT_LT(before, size_t{20});
    fast.send(slow_name, "again");
    EXPECT_TRUE(slow.has_received(before + 1));
    EXPECT_EQ(slow.messages().back(), "again");
  }
}

TEST_F(PeersFaultsTest, ABrokenRuleEndsTheConnection) {
  std::string hello = "CairnPrs" + little_endian(1, 2);
  const std::string openings[] = {
      "GET / HTTP/1.1\r\n\r\n",
      std::string(1000, '\0'),
      std::string(1000, '\xff'),
      little_endian(UINT32_MAX, 4),
      little_endian(0, 4),
      little_endian(10, 4) + hello,
      little_endian(16, 4) + hello + "../../",
      little_endian(75, 4) + hello + std::string(65, 'a'),
      little_endian(14, 4) + hello + "node",                             // its own name
      little_endian(14, 4) + "CairnPrs" + little_endian(2, 2) + "abcd",  // another version
      little_endian(14, 4) + hello + "zzzz",                             // asks for a connection
  };
  Node node(database(), "node"), other(database(), "other");
  ASSERT_TRUE(node.sees("other") && other.sees("node"));
  for (const std::string& opening : openings) {
    Stranger stranger(peers_folder(), "node");
    stranger.write(opening);
    EXPECT_EQ(stranger.read_to_end(), 0) << opening.substr(0, 40);
  }
  other.send("node", "still there");
  EXPECT_TRUE(node.has_received(1));
  EXPECT_EQ(node.times_come("abcd") + node.times_come("zzzz") + node.times_come("node"), 0u);
}

TEST_F(PeersFaultsTest, ABrokenRuleAfterTheHelloIsSeenAsGone) {
  Node node(database(), "node");
  {
    Stranger stranger(peers_folder(), "node");
    stranger.say_hello("long");
    stranger.say("a message");
    stranger.write(little_endian(UINT32_MAX, 4) + "and so on");
    EXPECT_GT(stranger.read_to_end(), 0) << "its hello";
    EXPECT_TRUE(node.has_gone("long", 1));
  }
  {
    Stranger stranger(peers_folder(), "node");
    stranger.say_hello("half");
    stranger.write(little_endian(1000, 4) + std::string(999, 'x'));
    EXPECT_TRUE(stranger.read_some());
  }
  EXPECT_TRUE(node.has_gone("half", 1));
  {
    Stranger stranger(peers_folder(), "node");
    stranger.write(little_endian(14, 4) + "Cairn");
  }
  EXPECT_EQ(node.messages(), std::vector<std::string>{"a message"});
  Node other(database(), "other");
  EXPECT_TRUE(node.sees("other"));
}

// Strangers that say nothing do not keep others out for ever, nor use up descriptors.
TEST_F(PeersFaultsTest, ManyWhoSayNothingDoNoHarm) {
  Node node(database(), "node"), other(database(), "other");
  ASSERT_TRUE(node.sees("other") && other.sees("node"));
  std::vector<std::unique_ptr<Stranger>> strangers;
  for (int i = 0; i < 100; ++i)
    strangers.push_back(std::make_unique<Stranger>(peers_folder(), "node"));
  other.send("node", "still there");
  EXPECT_TRUE(node.has_received(1));
  Node late(database(), "late");
  EXPECT_TRUE(other.sees("late"));
  strangers.clear();
  EXPECT_TRUE(node.sees("late"));
}

// Who connects anew has left before, and what it had said comes first.
TEST_F(PeersFaultsTest, AConnectionReplacesTheOneBefore) {
  Node node(database(), "node");
  for (size_t i = 1; i <= 50; ++i) {
    Stranger stranger(peers_folder(), "node");
    stranger.say_hello("again");
    stranger.say(std::to_string(i));
  }
  ASSERT_TRUE(node.has_received(50));
  EXPECT_TRUE(node.has_gone("again", 50));
  for (size_t i = 0; i < 50; ++i) EXPECT_EQ(node.messages()[i], std::to_string(i + 1));
  EXPECT_EQ(node.times_come("again"), 50u);
  EXPECT_EQ(node.times_gone("again"), 50u);
}

}  // namespace
}  // namespace cairn::unit

#endif
