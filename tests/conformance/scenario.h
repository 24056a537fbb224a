// Running the steps of one conformance scenario. One thread.
#pragma once

#include <string>

#include "database.h"
#include "reference.h"

namespace cairn::testing {

// Runs the steps over databases of one kind, with files in `folder`, and closes everything. `main`
// is the file of the database main where it is not empty. Throws where the engine does not do what
// a step says.
void run_steps(const Json& steps, Kind kind, const std::string& folder,
               const std::string& main = "");

}  // namespace cairn::testing
