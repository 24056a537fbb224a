// The time of day. Any thread.
#pragma once

#include <cstdint>

namespace cairn {

// Milliseconds since 1970-01-01T00:00:00Z.
int64_t now_ms();

}  // namespace cairn
