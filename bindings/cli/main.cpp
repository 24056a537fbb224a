// The command-line tool `cairn`: reads the command line, runs one command, and turns what went
// wrong into a message, a hint and an exit code.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "commands.h"
#include "report.h"
#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

const char* const kHelp =
    "A key on the command line is a text; with --number it is a number. Keys and files that begin\n"
    "with a dash follow `--`.\n\n"
    "Exit codes: 0 fine; 1 a difference, a problem, a loss, a key that is not there, or a delta "
    "that\n"
    "needs a reload; 2 trouble, with a message on the standard error (with --json it is\n"
    "{\"error\": {\"status\", \"message\", \"hint\"}}).\n\n"
    "Example:\n"
    "  cairn import places.db cities cities.ndjson --key id\n"
    "  cairn query places.db cities --where 'population > 1e6' --order name --limit 5\n"
    "  cairn diff places.db cities newer.ndjson --key id";

// What to do, where neither the engine's message nor the tool says it.
const char* hint_for(cairn_status status) {
  switch (status) {
    case CAIRN_BUSY:
      return "Another program is writing; try again, or wait longer with --busy-timeout MS.";
    case CAIRN_SCHEMA_MISMATCH:
      return "Leave --schema-version away to keep the stored version, or give --reset to empty the "
             "collection first.";
    case CAIRN_READ_ONLY:
      return "Check the rights on the file and its folder: readers, too, keep a small file there.";
    case CAIRN_DISK_FULL:
      return "Make room and run the command again; nothing was written.";
    case CAIRN_TRUNCATED:
      return "`cairn salvage DB NEW` recovers what the file still has.";
    case CAIRN_CORRUPT:
      return "`cairn check DB` lists the damage; `cairn salvage DB NEW` recovers what it still "
             "has.";
    case CAIRN_NOT_A_DATABASE:
    case CAIRN_FOREIGN_DATABASE:
      return "Check the path: the file was left as it is.";
    case CAIRN_NEWER_FORMAT:
      return "Use a newer version of this tool.";
    default:
      return "";
  }
}

// A message may quote what it is about, which can be megabytes.
std::string message_of(const Error& error) {
  constexpr size_t kMaxWidth = 600;
  return cut_to(printable(error.what()), kMaxWidth);
}

void report_error(const Error& error, bool json) {
  const std::string hint = error.hint().empty() ? hint_for(error.status()) : error.hint();
  if (json) {
    Json details;
    if (error.status() != CAIRN_OK) details["status"] = cairn_status_name(error.status());
    details["message"] = message_of(error);
    if (!hint.empty()) details["hint"] = hint;
    const Json whole{{"error", details}};
    const std::string line = whole.dump(-1, ' ', false, Json::error_handler_t::replace);
    std::fprintf(stderr, "%s\n", line.c_str());
    return;
  }
  std::fprintf(stderr, "cairn: %s\n%s", message_of(error).c_str(), error.excerpt().c_str());
  if (!hint.empty()) std::fprintf(stderr, "hint: %s\n", hint.c_str());
}

int run(const Chosen& chosen) {
  try {
    if (cairn_abi_version() != CAIRN_ABI_VERSION) {
      throw Error("The library has another ABI version than this tool: install them together.");
    }
    const int code = chosen.run();
    finish_output();
    return code;
  } catch (const Error& error) {
    std::fflush(stdout);
    report_error(error, chosen.json);
  } catch (const std::bad_alloc&) {
    report_error(Error(CAIRN_OUT_OF_MEMORY, "There is not enough memory."), chosen.json);
  } catch (const std::exception& error) {
    report_error(Error(CAIRN_INTERNAL, error.what()), chosen.json);
  }
  return kTrouble;
}

std::string version_text() {
  return std::string("cairn ") + cairn_version() + " (ABI " + std::to_string(cairn_abi_version()) +
         ")";
}

void add_commands(CLI::App& app, Chosen& chosen) {
  for (const auto add :
       {add_import, add_export, add_list, add_info, add_get, add_query, add_index, add_put,
        add_remove, add_diff, add_reconcile, add_delta, add_watch, add_check, add_digest,
        add_backup, add_restore, add_compact, add_salvage}) {
    add(app, chosen);
  }
}

int main_with(int argc, char** argv) {
  CLI::App app("Keeps collections on disk: import, look at, compare and edit them.", "cairn");
  app.set_version_flag("--version", version_text());
  app.footer(kHelp);
  app.require_subcommand(1);
  Chosen chosen;
  add_commands(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version are no errors; CLI11's own codes are not ours.
    return app.exit(error) == 0 ? kFine : kTrouble;
  }
  return run(chosen);
}

}  // namespace
}  // namespace cairn::cli

int main(int argc, char** argv) {
  cairn::cli::prepare_terminal();
  try {
    return cairn::cli::main_with(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cairn: %s\n", error.what());
    return cairn::cli::kTrouble;
  }
}
