#include "core/platform/clock.h"

#include <chrono>

namespace cairn {

int64_t now_ms() {
  using std::chrono::system_clock;
  auto since = system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

}  // namespace cairn
