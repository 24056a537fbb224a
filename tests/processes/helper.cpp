// The other processes of these tests. Usage: helper MODE DATABASE [ARGUMENT...].
//   write DATABASE NAME FIRST COUNT [os]   mutations FIRST to COUNT of a local-only collection;
//   says
//                                          "NUMBER\n" when one is confirmed
//   follow DATABASE                        until the standard input ends; then says what it has
//   source DATABASE ENTRIES                follows a log into a synced collection until it is there
#include <poll.h>
#include <unistd.h>

#include <iostream>

#include "node.h"
#include "scenario.h"

namespace cairn::processes {
namespace {

constexpr int kOutstanding = 32;

void write(const std::vector<std::string>& arguments) {
  bool to_os = arguments.size() > 5 && arguments[5] == "os";
  Node node(arguments.at(1), true, to_os ? Durability::kOs : Durability::kDefault);
  const std::string& name = arguments.at(2);
  int next = std::stoi(arguments.at(3)), count = std::stoi(arguments.at(4)), confirmed = next;
  auto react = [&](const ReplicaEffect& effect) {
    if (effect.kind == fb::EffectKind::Reject)
      throw std::runtime_error("rejected: " + effect.message);
    if (effect.kind != fb::EffectKind::Confirm) return;
    ++confirmed;
    std::string line = number_of(effect.id) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) throw std::runtime_error("no pipe");
  };
  while (confirmed < count) {
    for (; next < count && next - confirmed < kOutstanding; ++next)
      node.mutate(mutation(name, next));
    node.run(20, react);
  }
}

bool input_has_ended() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return ::poll(&input, 1, 0) > 0;
}

void follow(const std::vector<std::string>& arguments) {
  Node node(arguments.at(1), true);
  auto react = [](const ReplicaEffect&) {};
  while (!input_has_ended()) node.run(20, react);
  for (int i = 0; i < 20; ++i) node.run(20, react);  // what was committed last is noticed by a tick
  std::cout << digest_of(node.front().rows()) << std::endl;
}

void source(const std::vector<std::string>& arguments) {
  Node node(arguments.at(1), false);
  int entries = std::stoi(arguments.at(2));
  std::optional<int> at;
  uint64_t restart = 0;
  auto react = [&](const ReplicaEffect& effect) {
    if (effect.kind == fb::EffectKind::RestartSource) restart = effect.number;
    if (effect.kind == fb::EffectKind::RestartSource || effect.kind == fb::EffectKind::Started)
      at = cursor_of(effect.metadata);
  };
  while (cursor_of(node.collection().metadata().entries) < entries) {
    node.run(1, react);
    if (restart != 0) {
      ReplicaEvent done;
      done.kind = fb::EventKind::EffectDone;
      done.effect = std::exchange(restart, 0);
      node.send(std::move(done));
    }
    if (!at || *at >= entries) continue;
    usleep(1000);  // so that there is something to interrupt
    for (ReplicaEvent& event : log_entry((*at)++)) node.send(std::move(event));
  }
}

int run(const std::vector<std::string>& arguments) {
  const std::string& mode = arguments.at(0);
  if (mode == "write") write(arguments);
  if (mode == "follow") follow(arguments);
  if (mode == "source") source(arguments);
  return 0;
}

}  // namespace
}  // namespace cairn::processes

int main(int count, char** arguments) {
  try {
    return cairn::processes::run({arguments + 1, arguments + count});
  } catch (const std::exception& e) {
    std::cerr << "helper: " << e.what() << "\n";
    return 2;
  }
}
