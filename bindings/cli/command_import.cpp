// `cairn import`: rows of a file into a collection, in one transaction and bounded memory.
#include <CLI/CLI.hpp>

#include "batch_reader.h"
#include "commands.h"
#include "options.h"
#include "report.h"
#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

struct ImportOptions : Target {
  std::string file;
  RowOptions rows;
  WriteSettings settings;
};

struct Imported {
  Buffer result;  // CommitResult
  uint64_t rows;
  double seconds;
};

// Everything is closed when it returns, so that the file has its final size.
Imported import_rows(const ImportOptions& options) {
  const double started = seconds_now();
  BatchReader reader(options.file, options.rows);
  Progress progress("importing", reader.file_size());
  reader.prepare();
  Database database = open_or_create(options);
  Collection collection = open_or_create_collection(database, options, options.settings);
  Transaction transaction = collection.begin({});
  add_rows(transaction, reader, progress);
  progress.say("committing " + grouped(reader.rows()) + " rows");
  Buffer result = transaction.commit();
  return {std::move(result), reader.rows(), seconds_now() - started};
}

void print_summary(const ImportOptions& options, const Imported& imported, const FileSize& size) {
  const auto& result = imported.result.table<fb::CommitResult>();
  print("Imported " + counted(imported.rows, "row", "rows") + " into " +
        in_quotes(options.collection) + " in " + human_seconds(imported.seconds) + " (" +
        human_rate(imported.rows, imported.seconds) + ").\n");
  Facts facts;
  facts.add("inserted", grouped(result.inserted()));
  facts.add("updated", grouped(result.updated()));
  facts.add("unchanged", grouped(result.unchanged()));
  facts.add("row version", grouped(result.position()->row_version()));
  facts.add("file", human_bytes(size.file));
  if (size.journal > 0) facts.add("journal", human_bytes(size.journal));
  facts.print();
}

int run_import(const ImportOptions& options) {
  const Imported imported = import_rows(options);
  const FileSize size = size_on_disk(options);
  if (!options.json) {
    print_summary(options, imported, size);
    return kFine;
  }
  Json out{{"collection", options.collection}, {"rows", imported.rows}};
  out.update(to_json(imported.result.table<fb::CommitResult>()));
  out["seconds"] = imported.seconds;
  out["file_bytes"] = size.file;
  out["journal_bytes"] = size.journal;
  print_json(out);
  return kFine;
}

}  // namespace

void add_import(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command = app.add_subcommand(
      "import",
      "Insert or replace the rows of a file, in one transaction; makes what is not there");
  add_target(*command, *options, Collections::kOne);
  add_row_options(*command, options->file, "FILE", options->rows);
  command
      ->add_option("--schema-version", options->settings.schema_version,
                   "The collection's schema version (default: the stored one, or 1)")
      ->check(whole_number())
      ->type_name("N");
  command->add_flag("--local", options->settings.local,
                    "The collection has no sync source: this is the only copy of its data");
  command->add_flag("--reset", options->settings.reset,
                    "Empty the collection first if its stored schema version is another one");
  command->footer(kFormatHelp);
  command->callback(choose(chosen, options, run_import));
}

}  // namespace cairn::cli
