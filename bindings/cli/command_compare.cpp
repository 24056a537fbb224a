// `cairn diff` and `reconcile`: a collection against a full snapshot in a file. Both are the same
// transaction; diff rolls it back.
#include <CLI/CLI.hpp>

#include "batch_reader.h"
#include "commands.h"
#include "json_scan.h"
#include "options.h"
#include "report.h"
#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

struct CompareOptions : Target {
  std::string file;
  RowOptions rows;
  bool counts_only = false;
  bool allow_empty = false;
};

// An empty snapshot deletes everything; more often it is a download that failed.
void require_rows(bool has_rows, const CompareOptions& options) {
  if (has_rows || options.allow_empty) return;
  throw Error("The snapshot has no rows, so every row of " + in_quotes(options.collection) +
                  " would be deleted. Nothing was changed.",
              "Give --allow-empty if that is meant.");
}

Buffer compare(const CompareOptions& options, bool dry_run, BatchReader& reader) {
  Progress progress(dry_run ? "comparing" : "reconciling", reader.file_size());
  const bool has_rows = reader.prepare();
  if (!dry_run) require_rows(has_rows, options);
  Database database = open_to_write(options);
  Collection collection = open_collection(database, options);
  Request request;
  fb::TransactionOptionsBuilder builder(request.builder());
  builder.add_mode(fb::TransactionMode::Reconcile);
  builder.add_dry_run(dry_run);
  builder.add_report_keys(dry_run && !options.counts_only);
  Transaction transaction = collection.begin(request.finish(builder.Finish()));
  add_rows(transaction, reader, progress);
  progress.say(dry_run ? "counting" : "committing");
  return transaction.commit();
}

// --- diff ---

Json counts_json(const fb::CommitResult& result) {
  return {{"inserted", result.inserted()},
          {"updated", result.updated()},
          {"deleted", result.deleted()},
          {"unchanged", result.unchanged()}};
}

Json difference_json(const fb::CommitResult& result, bool keys) {
  Json out = counts_json(result);
  if (!keys) return out;
  const auto list = [](const flatbuffers::Vector<uint8_t>* array) {
    return array == nullptr ? Json::array() : parsed(json_of(array));
  };
  out["inserted_keys"] = list(result.inserted_keys());
  out["updated_keys"] = list(result.updated_keys());
  out["deleted_keys"] = list(result.deleted_keys());
  return out;
}

void print_keys(const char* sign, const flatbuffers::Vector<uint8_t>* keys) {
  if (keys == nullptr) return;
  for_each_item(json_of(keys), [sign](std::string_view key) {
    print(std::string(sign) + " " + printable(key) + "\n");
  });
}

bool differs(const fb::CommitResult& result) {
  return result.inserted() + result.updated() + result.deleted() > 0;
}

int run_diff(const CompareOptions& options) {
  BatchReader reader(options.file, options.rows);
  const Buffer buffer = compare(options, true, reader);
  const auto& result = buffer.table<fb::CommitResult>();
  if (options.json) {
    print_json(difference_json(result, !options.counts_only));
  } else {
    print_keys("+", result.inserted_keys());
    print_keys("~", result.updated_keys());
    print_keys("-", result.deleted_keys());
    print(describe_counts(result) + "\n");
  }
  return differs(result) ? kDifference : kFine;
}

// --- reconcile ---

int run_reconcile(const CompareOptions& options) {
  const double started = seconds_now();
  BatchReader reader(options.file, options.rows);
  const Buffer buffer = compare(options, false, reader);
  const double seconds = seconds_now() - started;
  const auto& result = buffer.table<fb::CommitResult>();
  if (options.json) {
    Json out{{"collection", options.collection}, {"rows", reader.rows()}};
    out.update(to_json(result));
    out["seconds"] = seconds;
    print_json(out);
    return kFine;
  }
  print("Reconciled " + in_quotes(options.collection) + " with " +
        counted(reader.rows(), "row", "rows") + " in " + human_seconds(seconds) + ": " +
        describe_counts(result) + "; the row version is " +
        std::to_string(result.position()->row_version()) + ".\n");
  return kFine;
}

}  // namespace

void add_diff(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app.add_subcommand(
      "diff", "Show how a snapshot differs from a collection; exits with 1 if it does");
  add_target(*command, *options, Collections::kOne);
  add_row_options(*command, options->file, "SNAPSHOT", options->rows);
  command->add_flag("--counts", options->counts_only, "Print the counts alone, not the keys");
  command->footer(std::string("Prints + for a row that only the snapshot has, ~ for one with "
                              "another value, - for one\nthat only the collection has. Nothing is "
                              "changed, but writers wait meanwhile.\n\n") +
                  kFormatHelp);
  command->callback(choose(chosen, options, run_diff));
}

void add_reconcile(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app.add_subcommand(
      "reconcile", "Turn a collection into what a snapshot has, with the fewest changes");
  add_target(*command, *options, Collections::kOne);
  add_row_options(*command, options->file, "SNAPSHOT", options->rows);
  command->add_flag("--allow-empty", options->allow_empty,
                    "Delete every row if the snapshot has none");
  command->footer(kFormatHelp);
  command->callback(choose(chosen, options, run_reconcile));
}

}  // namespace cairn::cli
