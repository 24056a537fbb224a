// The commands of the tool. Each add_ function declares one on the command line; when it is chosen
// it leaves its work in `chosen`, which main() runs. For the main thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "session.h"

namespace CLI {
class App;
}

namespace cairn::cli {

// Exit codes. Trouble of any kind is an Error, which main() turns into kTrouble.
inline constexpr int kFine = 0;
inline constexpr int kDifference = 1;  // a difference, a problem, or not found
inline constexpr int kTrouble = 2;

// What the command line asks for: the work, and whether it is for a script.
struct Chosen {
  std::function<int()> run;
  bool json = false;
};

void add_import(CLI::App& app, Chosen& chosen);
void add_export(CLI::App& app, Chosen& chosen);
void add_list(CLI::App& app, Chosen& chosen);
void add_info(CLI::App& app, Chosen& chosen);
void add_get(CLI::App& app, Chosen& chosen);
void add_query(CLI::App& app, Chosen& chosen);
void add_index(CLI::App& app, Chosen& chosen);
void add_put(CLI::App& app, Chosen& chosen);
void add_remove(CLI::App& app, Chosen& chosen);
void add_diff(CLI::App& app, Chosen& chosen);
void add_reconcile(CLI::App& app, Chosen& chosen);
void add_delta(CLI::App& app, Chosen& chosen);
void add_watch(CLI::App& app, Chosen& chosen);
void add_check(CLI::App& app, Chosen& chosen);
void add_digest(CLI::App& app, Chosen& chosen);
void add_backup(CLI::App& app, Chosen& chosen);
void add_restore(CLI::App& app, Chosen& chosen);
void add_compact(CLI::App& app, Chosen& chosen);
void add_salvage(CLI::App& app, Chosen& chosen);

// Has `run(options)` called when the command is chosen. Options have a
// flag `json`, as Target does.
template <class Options>
std::function<void()> choose(Chosen& chosen, std::shared_ptr<Options> options,
                             int (*run)(const Options&)) {
  return [&chosen, options, run] {
    chosen.json = options->json;
    chosen.run = [options, run] { return run(*options); };
  };
}

}  // namespace cairn::cli
