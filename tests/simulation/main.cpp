// Runs worlds by their seeds. Ends with a line that counts them; what fails is told with its seed.
//   cairn_simulation FIRST COUNT            so many worlds
//   cairn_simulation FIRST COUNT --stop     until the first one that fails
//   cairn_simulation SEED 1 --tell          one, and all that happens in it
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>

#include "world.h"

int main(int count, char** arguments) {
  using cairn::simulation::World;
  if (count < 3) {
    std::cerr << "usage: cairn_simulation FIRST COUNT [--stop | --tell]\n";
    return 2;
  }
  auto has = [&](const char* option) {
    return count > 3 && std::strcmp(arguments[3], option) == 0;
  };
  uint64_t first = std::strtoull(arguments[1], nullptr, 10);
  uint64_t end = first + std::strtoull(arguments[2], nullptr, 10);
  uint64_t passed = 0, failed = 0;
  for (uint64_t seed = first; seed < end && !(failed > 0 && has("--stop")); ++seed) {
    std::string failure = World(seed, has("--tell")).run();
    ++(failure.empty() ? passed : failed);
    if (!failure.empty() && failed <= 20) std::cout << failure << std::endl;
  }
  std::cout << passed << " passed, " << failed << " failed" << std::endl;
  return failed == 0 && passed != 0 ? 0 : 1;
}
