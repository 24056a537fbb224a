// Runs worlds by their seeds: cairn_simulation FIRST COUNT, or cairn_simulation --one SEED, which
// tells all that happens. Ends with a line that counts them; what fails is told with its seed.
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>

#include "world.h"

int main(int count, char** arguments) {
  using cairn::simulation::World;
  bool one = count == 3 && std::strcmp(arguments[1], "--one") == 0;
  if (count != 3) {
    std::cerr << "usage: cairn_simulation FIRST COUNT | --one SEED\n";
    return 2;
  }
  uint64_t first = std::strtoull(one ? arguments[2] : arguments[1], nullptr, 10);
  uint64_t worlds = one ? 1 : std::strtoull(arguments[2], nullptr, 10);
  uint64_t failed = 0;
  for (uint64_t seed = first; seed < first + worlds; ++seed) {
    std::string failure = World(seed, one).run();
    if (failure.empty()) continue;
    if (++failed <= 20) std::cout << failure << std::endl;
  }
  std::cout << worlds - failed << " passed, " << failed << " failed" << std::endl;
  return failed == 0 && worlds != 0 ? 0 : 1;
}
