// Files of an older format, and whether one is wholly of its own. For files that no test has armed
// a fault for; any thread.
#pragma once

#include <string>

namespace cairn::testing {

// Takes from a database that nobody has open what format 2 has added to it.
void make_older(const std::string& path);

// Whether a database that is open in this process has all of the newest format.
bool has_whole_format(const std::string& path);

}  // namespace cairn::testing
