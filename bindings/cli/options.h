// Options that several commands share: which database and collection, which rows, whole numbers.
// Declared once, so that they mean the same everywhere. For the main thread.
#pragma once

#include <string>

#include "rows.h"
#include "session.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace cairn::cli {

// Declares DB, --json and --busy-timeout, and COLLECTION where the command takes one.
enum class Collections { kNone, kOne, kOptional };
void add_target(CLI::App& command, Target& target, Collections collections);

// Declares the file under the name that the help gives it, --key, --format and --text.
void add_row_options(CLI::App& command, std::string& file, const char* file_name,
                     RowOptions& options);

// Lets only unsigned numbers of 64 bits through: the parser of the command line takes others too.
const CLI::Validator& whole_number();

// How files are read, for the help.
extern const char* const kFormatHelp;

}  // namespace cairn::cli
