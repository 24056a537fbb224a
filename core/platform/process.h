// What has to be known of the process. Any thread.
#pragma once

#include <cstdint>

namespace cairn {

// A number that differs between a process and its forked children. SQLite connections must not be
// carried across a fork, so handles remember it.
uint64_t process_generation();

}  // namespace cairn
