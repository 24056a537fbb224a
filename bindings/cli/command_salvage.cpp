// `cairn salvage`: what a damaged database still has, into a new one.
#include <CLI/CLI.hpp>

#include "commands.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

struct SalvageCommand {
  std::string damaged;
  std::string out;
  uint32_t max_keys = 100;
  bool json = false;
};

const char* const kSalvageHelp =
    "Every row whose hash fits its value is recovered, with its metadata, in its order. DAMAGED "
    "is\n"
    "read as it is and never changed; its journal, DAMAGED-wal, is read if it stands beside it. "
    "No\n"
    "other program may have it open. OUT must not be there yet: it appears when it is complete "
    "and\n"
    "checked. The metadata of synced collections is left out, so that they load anew; that of "
    "local\n"
    "ones is kept. Rows whose collection is not known any more go to \"rows_7\" or \"unknown\".\n\n"
    "Exit codes: 0 nothing is known to be lost; 1 something is lost, OUT has the rest; 2 trouble,\n"
    "there is no OUT.";

Json collection_json(const fb::SalvagedCollection& one) {
  Json keys = Json::array();
  if (one.damaged_keys() != nullptr) keys = parsed(json_of(one.damaged_keys()));
  return {{"name", view_of(one.name())},
          {"named", one.named()},
          {"state_found", one.state_found()},
          {"schema_version", one.schema_version()},
          {"local", one.local()},
          {"rows", one.rows()},
          {"expected", one.expected()},
          {"lost", one.lost()},
          {"damaged", one.damaged()},
          {"damaged_keys", keys},
          {"metadata_lost", one.metadata_lost()},
          {"metadata_entries", one.metadata_entries()},
          {"whole", one.whole()}};
}

void print_json_report(const fb::SalvageReport& report) {
  Json collections = Json::array();
  for (const auto* one : *report.collections()) collections.push_back(collection_json(*one));
  print_json({{"complete", report.complete()},
              {"rows", report.rows()},
              {"collections", collections},
              {"pages", report.pages()},
              {"damaged_pages", report.damaged_pages()},
              {"page_size", report.page_size()},
              {"shapes", report.shapes()},
              {"journal_used", report.journal_used()}});
}

// What there is to say of a collection beside its numbers.
std::string note_of(const fb::SalvagedCollection& one) {
  std::string note;
  const auto add = [&note](const std::string& text) { note += (note.empty() ? "" : "; ") + text; };
  if (!one.named()) add("its name is lost");
  if (!one.state_found()) add("its row count and schema version are lost");
  if (!one.whole()) add("pages of it are damaged");
  if (one.metadata_lost() > 0) {
    add(counted(one.metadata_lost(), "row", "rows") + " without row metadata");
  }
  return note;
}

void print_collections(const fb::SalvageReport& report) {
  const auto number = [](uint64_t value) { return Cell{grouped(value), true}; };
  Table table(terminal_width(stdout));
  for (const char* heading : {"collection", "recovered", "lost", "damaged", "note"}) {
    table.column(heading);
  }
  for (const auto* one : *report.collections()) {
    const Cell lost = one->state_found() ? number(one->lost()) : Cell{"?", true};
    table.add({{printable(view_of(one->name())), false},
               number(one->rows()),
               lost,
               number(one->damaged()),
               {note_of(*one), false}});
  }
  table.finish();
}

void print_damaged_keys(const fb::SalvageReport& report) {
  for (const auto* one : *report.collections()) {
    if (one->damaged_keys() == nullptr) continue;
    print("damaged in " + in_quotes(view_of(one->name())) + ":");
    for (const auto& key : parsed(json_of(one->damaged_keys()))) {
      print(" " + printable(key.dump(-1, ' ', false, Json::error_handler_t::replace)));
    }
    print("\n");
  }
}

void print_report(const SalvageCommand& options, const fb::SalvageReport& report, double seconds) {
  print_collections(report);
  print_damaged_keys(report);
  print("Recovered " + counted(report.rows(), "row", "rows") + " into " + in_quotes(options.out) +
        " in " + human_seconds(seconds) + ", from " + counted(report.pages(), "page", "pages") +
        (report.journal_used() ? " and the journal" : "") + "; " +
        counted(report.damaged_pages(), "page is", "pages are") + " damaged.\n");
  print(report.complete() ? "Nothing is known to be lost.\n"
                          : "Not everything could be recovered; keep the damaged file.\n");
}

int run_salvage(const SalvageCommand& options) {
  Request request;
  fb::SalvageOptionsBuilder builder(request.builder());
  builder.add_max_keys(options.max_keys);
  const double started = seconds_now();
  Progress progress("salvage", 0);
  progress.say("reading " + in_quotes(options.damaged));
  const Buffer result = salvage(options.damaged, options.out, request.finish(builder.Finish()));
  progress.clear();
  const auto& report = result.table<fb::SalvageReport>();
  if (options.json) {
    print_json_report(report);
  } else {
    print_report(options, report, seconds_now() - started);
  }
  return report.complete() ? kFine : kDifference;
}

}  // namespace

void add_salvage(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<SalvageCommand>();
  CLI::App* command =
      app.add_subcommand("salvage", "Recover what a damaged database still has into a new one");
  command->add_option("DAMAGED", options->damaged, "The damaged file")
      ->required()
      ->type_name("PATH");
  command->add_option("OUT", options->out, "The new database; nothing may be there yet")
      ->required()
      ->type_name("PATH");
  command
      ->add_option("--max-keys", options->max_keys,
                   "How many keys of damaged rows to list, per collection")
      ->capture_default_str()
      ->check(whole_number())
      ->type_name("N");
  command->add_flag("--json", options->json, "Print JSON, for scripts");
  command->footer(kSalvageHelp);
  command->callback(choose(chosen, options, run_salvage));
}

}  // namespace cairn::cli
