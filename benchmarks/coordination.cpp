// Replicas and coordination: how soon a mutation in one process is in another, how many mutations
// several processes confirm, and what a replica costs over a plain transaction. The other processes
// are this program again: cairn_benchmarks --peer DATABASE NAME DURABILITY COUNT.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "benchmarks/suites.h"
#include "benchmarks/support/comparison.h"
#include "benchmarks/support/instance.h"

namespace cairn::bench {
namespace {

constexpr int kOutstanding = 32;

int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
      .count();
}

std::string local_options(const std::string& durability) {
  return R"({"local": true, "durability": ")" + durability + "\"}";
}

Buffer mutation(Instance& instance, const std::string& id) {
  return instance.event(R"("kind": "Mutate", "id": ")" + id + R"(", "mutation_ids": [")" + id +
                        R"("], "batch": [{"key": ")" + id + R"(", "value": {"n": 1}}])");
}

// A process of this program, with pipes to and from it.
class Peer {
 public:
  Peer(const std::string& path, const std::string& name, const std::string& durability, int count) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
      throw std::runtime_error("no pipe");
    const std::string number = std::to_string(count);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(to[0], STDIN_FILENO);
      dup2(from[1], STDOUT_FILENO);
      execl("/proc/self/exe", "cairn_benchmarks", "--peer", path.c_str(), name.c_str(),
            durability.c_str(), number.c_str(), nullptr);
      _exit(127);
    }
    close(to[0]);
    close(from[1]);
    to_ = to[1];
    from_ = from[0];
  }
  ~Peer() {
    close(to_);
    close(from_);
    waitpid(pid_, nullptr, 0);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void go() {
    if (::write(to_, "g", 1) != 1) throw std::runtime_error("a peer has ended");
  }
  int64_t answer() {
    int64_t value = 0;
    if (::read(from_, &value, sizeof value) != sizeof value)
      throw std::runtime_error("a peer has ended");
    return value;
  }

 private:
  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
};

void say(int64_t value) {
  if (::write(STDOUT_FILENO, &value, sizeof value) != sizeof value) std::exit(3);
}

// One mutation for each byte that comes in; says when it was begun.
void mutate_when_told(Instance& instance, const std::string& name) {
  char byte;
  for (int i = 0; ::read(STDIN_FILENO, &byte, 1) == 1; ++i) {
    const Buffer event = mutation(instance, name + std::to_string(i));
    bool confirmed = false;
    const int64_t begun = steady_ns();
    instance.send(event);
    while (!confirmed)
      instance.drain([&](const fb::ReplicaEffect& effect) {
        confirmed |= effect.kind() == fb::EffectKind::Confirm;
      });
    say(begun);
  }
}

void mutate_many(Instance& instance, const std::string& name, int count) {
  int sent = 0, confirmed = 0;
  while (confirmed < count) {
    for (; sent < count && sent - confirmed < kOutstanding; ++sent)
      instance.send(mutation(instance, name + std::to_string(sent)));
    instance.run(20, [&](const fb::ReplicaEffect& effect) {
      confirmed += effect.kind() == fb::EffectKind::Confirm ? 1 : 0;
    });
  }
}

// Runs an instance until an effect is what is waited for.
void run_until(Instance& instance, const std::function<bool(const fb::ReplicaEffect&)>& is_it) {
  bool found = false;
  const auto begun = Clock::now();
  while (!found) {
    instance.run(50, [&](const fb::ReplicaEffect& effect) { found |= is_it(effect); });
    if (Clock::now() - begun > std::chrono::seconds(30))
      throw std::runtime_error("an effect does not come");
  }
}

// From a mutation in another process to its row here, in milliseconds.
std::vector<double> latencies(const std::string& path, int count) {
  Instance instance(path, local_options("Os"), "Native");
  Peer peer(path, "a", "Os", 0);
  std::vector<double> times;
  peer.answer();
  run_until(instance, [](const auto& effect) { return effect.kind() == fb::EffectKind::Ready; });
  for (int i = 0; i < count; ++i) {
    int64_t arrived = 0;
    peer.go();
    run_until(instance, [&](const fb::ReplicaEffect& effect) {
      arrived = steady_ns();
      return effect.kind() == fb::EffectKind::Changes && effect.batch() != nullptr;
    });
    times.push_back(static_cast<double>(arrived - peer.answer()) / 1e6);
  }
  return times;
}

void latency_benchmark(benchmark::State& state, const Context& context, double quantile,
                       const Subject& subject) {
  const std::string path = context.settings.directory + "/latency";
  Figure figure(subject);
  for (auto _ : state) {
    remove_database(path);
    std::vector<double> times = latencies(path, context.settings.quick ? 20 : 500);
    std::sort(times.begin(), times.end());
    figure.add(times[static_cast<size_t>(quantile * static_cast<double>(times.size() - 1))]);
    state.SetIterationTime(times.back() / 1e3);
  }
  figure.report(state);
  remove_database(path);
}

// Microseconds per confirmed mutation, of all writers together.
double rate(const std::string& path, int writers, const std::string& durability, int count) {
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < writers; ++i)
    peers.push_back(std::make_unique<Peer>(path, std::string(1, static_cast<char>('a' + i)),
                                           durability, count));
  for (auto& peer : peers) peer->answer();  // ready
  const double time = seconds([&] {
    for (auto& peer : peers) peer->go();
    for (auto& peer : peers) peer->answer();
  });
  return time * 1e6 / (writers * count);
}

void rate_benchmark(benchmark::State& state, const Context& context, int writers,
                    const std::string& durability, const Subject& subject) {
  const std::string path = context.settings.directory + "/rate";
  Figure figure(subject);
  for (auto _ : state) {
    remove_database(path);
    const double time = rate(path, writers, durability, context.settings.quick ? 50 : 2000);
    figure.add(time);
    state.SetIterationTime(time / 1e6);
  }
  figure.report(state);
  remove_database(path);
}

double through_replica(const std::string& path, const std::vector<Buffer>& batches) {
  Instance instance(path, "{}", "Single");
  instance.drain([](const fb::ReplicaEffect&) {});
  return seconds([&] {
    instance.send(instance.event(R"("kind": "SourceBegin")"));
    for (const Buffer& batch : batches) instance.send_batch(batch);
    instance.send(instance.event(R"("kind": "SourceCommit")"));
    bool saved = false;
    while (!saved)
      instance.drain([&](const fb::ReplicaEffect& effect) {
        saved |= effect.kind() == fb::EffectKind::Saved;
      });
  });
}

double plain(const std::string& path, const std::vector<Buffer>& batches) {
  const Database database = open_database(path, "{}");
  const Collection collection = open_collection(database, kCollection);
  return seconds([&] { apply_batches(collection, batches); });
}

void replica_benchmark(benchmark::State& state, const Context& context, const Subject& subject) {
  const size_t count = context.settings.mutations();
  const std::vector<Buffer> batches = insert_batches(context.todo(), row_range(0, count));
  const std::string path = context.settings.directory + "/replica";
  Comparison comparison(subject);
  for (auto _ : state) {
    remove_database(path);
    const double cairn = through_replica(path, batches);
    remove_database(path);
    comparison.add(cairn, plain(path, batches), static_cast<double>(count));
    state.SetIterationTime(cairn);
  }
  comparison.report(state);
  remove_database(path);
}

template <typename Run>
void add_benchmark(const Context& context, const std::string& name, int repetitions, Run run) {
  benchmark::RegisterBenchmark(name.c_str(), run)
      ->UseManualTime()
      ->Iterations(context.settings.repetitions(repetitions))
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace

int run_peer(int count, char** arguments) {
  if (count != 6) return 2;
  const std::string name = arguments[3];
  const int mutations = std::atoi(arguments[5]);
  Instance instance(arguments[2], local_options(arguments[4]), "Native");
  instance.run(0, [](const fb::ReplicaEffect&) {});
  say(0);
  char byte;
  if (mutations == 0) {
    mutate_when_told(instance, name);
  } else if (::read(STDIN_FILENO, &byte, 1) == 1) {
    mutate_many(instance, name, mutations);
    say(0);
  }
  return 0;
}

void register_coordination(const Context& context) {
  for (const auto& [name, quantile] : {std::pair{"median", 0.5}, {"p99", 0.99}}) {
    const Subject subject{
        std::string("from a mutation in one process to its row in another, ") + name, "ms",
        "mutation", "", 3.0};
    add_benchmark(context, std::string("coordination/latency/") + name, 3,
                  [&context, quantile = quantile, subject](benchmark::State& state) {
                    latency_benchmark(state, context, quantile, subject);
                  });
  }
  for (const std::string durability : {"Disk", "Os"}) {
    for (const int writers : {1, 2, 4}) {
      const Subject subject{"confirmed mutations of " + std::to_string(writers) +
                                (writers == 1 ? " process, " : " processes, ") + durability,
                            "us", "mutation", "", 0};
      add_benchmark(context, "coordination/rate/" + durability + "/" + std::to_string(writers), 5,
                    [&context, writers, durability, subject](benchmark::State& state) {
                      rate_benchmark(state, context, writers, durability, subject);
                    });
    }
  }
  const Subject subject{"a source's transaction of 10,000 rows through a replica", "us", "row",
                        "begin, add, commit of the same batches", 1.2};
  add_benchmark(context, "coordination/replica", 11, [&context, subject](benchmark::State& state) {
    replica_benchmark(state, context, subject);
  });
}

}  // namespace cairn::bench
