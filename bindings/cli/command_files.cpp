// `cairn backup`, `restore` and `compact`: about the database's file as a whole.
#include <CLI/CLI.hpp>

#include "commands.h"
#include "options.h"
#include "report.h"
#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

struct BackupCommand : Target {
  std::string file;
};

Json report_json(const fb::BackupReport& report) {
  Json json = {{"rows", report.rows()}, {"file_bytes", report.file_bytes()}};
  if (report.replaced() != nullptr) json["replaced"] = view_of(report.replaced());
  return json;
}

std::string amount(const fb::BackupReport& report) {
  return counted(report.rows(), "row", "rows") + ", " + human_bytes(report.file_bytes());
}

int run_backup(const BackupCommand& options) {
  Database database = open_to_write(options);
  const double started = seconds_now();
  const Buffer result = database.backup(options.file);
  const auto& report = result.table<fb::BackupReport>();
  if (options.json) {
    print_json(report_json(report));
    return kFine;
  }
  print("Backed up " + amount(report) + " to " + in_quotes(options.file) + " in " +
        human_seconds(seconds_now() - started) + "; it has passed its check.\n");
  return kFine;
}

int run_restore(const BackupCommand& options) {
  const Buffer result = restore(options.file, options.database);
  const auto& report = result.table<fb::BackupReport>();
  if (options.json) {
    print_json(report_json(report));
    return kFine;
  }
  print("Restored " + amount(report) + " to " + in_quotes(options.database) +
        "; the backup has passed its check.\n");
  if (report.replaced() != nullptr)
    print("What was there is kept as " + in_quotes(view_of(report.replaced())) + ".\n");
  return kFine;
}

int run_compact(const Target& target) {
  Database database = open_to_write(target);
  const uint64_t before = database.info().table<fb::DatabaseInfo>().file_bytes();
  database.compact();
  const uint64_t after = database.info().table<fb::DatabaseInfo>().file_bytes();
  if (target.json) {
    print_json({{"bytes_before", before}, {"bytes_after", after}});
    return kFine;
  }
  print("Compacted " + human_bytes(before) + " to " + human_bytes(after) + ".\n");
  return kFine;
}

}  // namespace

void add_backup(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<BackupCommand>();
  CLI::App* command = app.add_subcommand(
      "backup", "Copy a database to a file while it is in use, and check the copy");
  add_target(*command, *options, Collections::kNone);
  command->add_option("FILE", options->file, "Where the backup goes; an older one is replaced")
      ->required()
      ->type_name("PATH");
  command->callback(choose(chosen, options, run_backup));
}

void add_restore(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<BackupCommand>();
  CLI::App* command = app.add_subcommand(
      "restore",
      "Put a backup in a database's place, if it passes its check; what is there is kept");
  command->add_option("FILE", options->file, "The backup")->required()->type_name("PATH");
  add_target(*command, *options, Collections::kNone);
  command->callback(choose(chosen, options, run_restore));
}

void add_compact(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Target>();
  CLI::App* command = app.add_subcommand("compact", "Write a database's file anew without gaps");
  add_target(*command, *options, Collections::kNone);
  command->callback(choose(chosen, options, run_compact));
}

}  // namespace cairn::cli
