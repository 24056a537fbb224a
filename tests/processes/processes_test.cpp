// Real processes on one file, which are killed again and again: nothing that was confirmed is lost,
// nothing is applied twice, and who stays alive ends with what the file has. CAIRN_MUTATIONS sets
// how many mutations each writer makes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <iostream>

#include "scenario.h"
#include "support/collections.h"

namespace cairn::processes {
namespace {

using Clock = std::chrono::steady_clock;

// A helper with pipes to and from it.
class Child {
 public:
  explicit Child(std::vector<std::string> arguments) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
      throw std::runtime_error("no pipe");
    pid_ = fork();
    if (pid_ == 0) {
      dup2(to[0], STDIN_FILENO);
      dup2(from[1], STDOUT_FILENO);
      std::vector<char*> words{const_cast<char*>(CAIRN_PROCESSES_HELPER)};
      for (std::string& argument : arguments) words.push_back(argument.data());
      words.push_back(nullptr);
      execv(words[0], words.data());
      _exit(127);
    }
    close(to[0]);
    close(from[1]);
    input_ = to[1];
    output_ = from[0];
  }
  ~Child() {
    end_input();
    kill();
    close(output_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void end_input() {
    if (input_ >= 0) close(std::exchange(input_, -1));
  }
  void kill() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    if (pid_ > 0) waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  // Whole lines that have come, waiting a while for them. At the end `ended()`.
  std::vector<std::string> lines(int milliseconds) {
    pollfd one{output_, POLLIN, 0};
    if (poll(&one, 1, milliseconds) > 0) {
      char bytes[4096];
      ssize_t size = read(output_, bytes, sizeof bytes);
      ended_ = size <= 0;
      if (size > 0) buffer_.append(bytes, static_cast<size_t>(size));
    }
    std::vector<std::string> lines;
    for (size_t end; (end = buffer_.find('\n')) != std::string::npos; buffer_.erase(0, end + 1))
      lines.push_back(buffer_.substr(0, end));
    return lines;
  }
  bool ended() const { return ended_; }

 private:
  pid_t pid_ = -1;
  int input_ = -1, output_ = -1;
  std::string buffer_;
  bool ended_ = false;
};

class Processes : public ::testing::Test {
 protected:
  std::map<std::string, std::string> rows_of_file(bool local) {
    StoreOptions store;
    store.path = path();
    auto database = std::make_shared<Database>(Store::open_file(store), Durability::kDefault);
    CollectionOptions options;
    options.local = local;
    auto cursor = Cursor::load(Collection::open(database, "rows", options), {});
    std::map<std::string, std::string> rows;
    unit::MemoryShapes shapes;
    for (CursorStep step = cursor->next(); step.batch; step = cursor->next())
      for (const unit::BatchRow& row : unit::read_batch(unit::bytes_of(*step.batch), shapes))
        rows[*row.key.get<std::string>()] = unit::canonical_of(row.value);
    EXPECT_TRUE(database->check({}).problems.empty());
    return rows;
  }
  std::string path() const { return folder_ / "db"; }

  unit::TempFolder folder_;
};

struct Writer {
  std::string name;
  int confirmed = 0;  // mutations are confirmed in their order
  std::unique_ptr<Child> child;
};

TEST_F(Processes, WritersThatAreKilledLoseNothingThatWasConfirmed) {
  const char* set = getenv("CAIRN_MUTATIONS");
  const int count = set == nullptr ? 1000 : atoi(set);
  Child first({"follow", path()}), second({"follow", path()});
  std::vector<Writer> writers(4);
  auto start = [&](Writer& writer) {
    writer.child = std::make_unique<Child>(std::vector<std::string>{
        "write", path(), writer.name, std::to_string(writer.confirmed), std::to_string(count)});
  };
  for (size_t i = 0; i < writers.size(); ++i) {
    writers[i].name = std::string(1, static_cast<char>('a' + i));
    start(writers[i]);
  }
  unit::Random random(7);
  auto began = Clock::now(), next_kill = began + std::chrono::milliseconds(200);
  int kills = 0;
  auto take = [&](Writer& writer, int milliseconds) {
    for (const std::string& line : writer.child->lines(milliseconds)) {
      EXPECT_EQ(std::stoi(line), writer.confirmed);
      ++writer.confirmed;
    }
  };
  auto is_done = [&](const Writer& writer) { return writer.confirmed == count; };
  while (!std::all_of(writers.begin(), writers.end(), is_done)) {
    ASSERT_LT(Clock::now() - began, std::chrono::minutes(10));
    for (Writer& writer : writers) take(writer, 5);
    if (Clock::now() < next_kill) continue;
    next_kill += std::chrono::milliseconds(200);
    Writer& victim = writers[random.below(writers.size())];
    if (is_done(victim)) continue;
    victim.child->kill();
    ++kills;
    while (!victim.child->ended()) take(victim, 100);
    start(victim);
  }
  std::vector<std::string> expected;
  for (Writer& writer : writers) {
    EXPECT_EQ(writer.child->wait(), 0);
    for (std::string& key : keys_after(writer.name, count)) expected.push_back(std::move(key));
  }
  std::map<std::string, std::string> rows = rows_of_file(true);
  std::vector<std::string> keys;
  for (const auto& [key, value] : rows) keys.push_back(key);
  std::sort(expected.begin(), expected.end());
  EXPECT_TRUE(keys == expected) << keys.size() << " rows, not " << expected.size();
  for (Child* follower : {&first, &second}) {
    follower->end_input();
    std::vector<std::string> lines;
    while (lines.empty() && !follower->ended()) lines = follower->lines(20000);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.back(), digest_of(rows));
  }
  auto took = std::chrono::duration<double>(Clock::now() - began).count();
  std::cout << 4 * count << " mutations, " << kills << " kills, " << took << " s\n";
}

TEST_F(Processes, SourcesWhoseLeaderIsKilledBringTheWholeLog) {
  constexpr int kEntries = 1500;
  std::vector<std::unique_ptr<Child>> children(4);
  auto start = [&](std::unique_ptr<Child>& child) {
    child = std::make_unique<Child>(
        std::vector<std::string>{"source", path(), std::to_string(kEntries)});
  };
  for (auto& child : children) start(child);
  unit::Random random(11);
  auto began = Clock::now();
  int kills = 0;
  // Each ends by itself when the log is there.
  for (bool done = false; !done;) {
    ASSERT_LT(Clock::now() - began, std::chrono::minutes(5));
    usleep(200 * 1000);
    for (auto& child : children) {
      child->lines(0);
      done |= child->ended();
    }
    if (done) break;
    auto& victim = children[random.below(children.size())];
    victim->kill();
    ++kills;
    start(victim);
  }
  for (auto& child : children) EXPECT_EQ(child->wait(), 0);
  EXPECT_EQ(rows_of_file(false), rows_of_log(kEntries));
  std::cout << kEntries << " entries, " << kills << " kills\n";
}

}  // namespace
}  // namespace cairn::processes
