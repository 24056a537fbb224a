// Databases of older formats, as the engine of that time wrote them. Any thread.
#pragma once

#include <string>

namespace cairn::testing {

// What the engine of that time gave as the digest of all collections.
inline constexpr const char* kFormat1Digest = "a31e2174cb13a76fb861044cb6416db3";

// Makes the database of format 1 at a path where there is nothing yet.
void make_format1(const std::string& path);

}  // namespace cairn::testing
