// Fails the Nth allocation of this program, once or from then on: of operator new, of malloc and
// realloc as the engine calls them (by the linker's --wrap), and of SQLite. They are counted in any
// case. To be installed before SQLite is used; one thread at a time.
#pragma once

#include <cstdint>

namespace cairn::testing {

void install_failing_memory();
void fail_allocation(int64_t nth, bool lasting);
// Lets all allocations succeed again, and gives whether one has failed.
bool allow_allocations();
// Allocations that have not been freed.
int64_t live_allocations();

}  // namespace cairn::testing
