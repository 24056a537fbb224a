// `cairn put` and `remove`: edits of one row, in a collection that is there.
#include <CLI/CLI.hpp>
#include <iostream>
#include <iterator>

#include "batch_reader.h"
#include "commands.h"
#include "json_scan.h"
#include "options.h"
#include "report.h"
#include "text.h"

namespace cairn::cli {
namespace {

struct PutOptions : Target {
  std::string value;
  std::string key_field;
};

std::string value_text(const PutOptions& options) {
  if (options.value != "-") return options.value;
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

// A batch may hold many rows; this command is for one.
Buffer one_row(const PutOptions& options) {
  const std::string text = value_text(options);
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text[first] != '{') {
    throw Error(CAIRN_MALFORMED, "The row must be a JSON object, such as {\"id\": 1}.",
                "`cairn import` takes files with many rows.");
  }
  Buffer batch = batch_of_row(text, options.key_field, {});
  if (batch.table<fb::RowBatch>().count() == 1) return batch;
  throw Error(CAIRN_MALFORMED, "There is more than one row.",
              "`cairn import DB COLLECTION - --key FIELD` takes many.");
}

Buffer put_row(const PutOptions& options) {
  const Buffer batch = one_row(options);
  Database database = open_to_write(options);
  Collection collection = open_collection(database, options);
  Request request;
  fb::TransactionOptionsBuilder builder(request.builder());
  builder.add_report_keys(true);
  Transaction transaction = collection.begin(request.finish(builder.Finish()));
  transaction.add(batch.bytes());
  return transaction.commit();
}

void print_put(const fb::CommitResult& result) {
  if (result.outcome() == fb::Outcome::Unchanged) {
    print("Unchanged: the row is stored like this already.\n");
    return;
  }
  const bool inserted = result.inserted() > 0;
  const auto* keys = inserted ? result.inserted_keys() : result.updated_keys();
  for_each_item(json_of(keys), [inserted](std::string_view key) {
    print((inserted ? "Inserted " : "Updated ") + printable(key));
  });
  print("; the row version is " + std::to_string(result.position()->row_version()) + ".\n");
}

int run_put(const PutOptions& options) {
  const Buffer buffer = put_row(options);
  const auto& result = buffer.table<fb::CommitResult>();
  if (options.json) {
    print_json(to_json(result));
  } else {
    print_put(result);
  }
  return kFine;
}

// --- remove ---

struct RemoveOptions : Target {
  std::string key;
  bool number = false;
};

int run_remove(const RemoveOptions& options) {
  const Key key = key_of(options.key, options.number);
  Database database = open_to_write(options);
  Collection collection = open_collection(database, options);
  if (!collection.get(key.value.bytes())) {
    const std::string text = "There is no row with the key " + printable(key.json) + " in " +
                             in_quotes(options.collection) + ".\n";
    std::fputs(text.c_str(), stderr);
    return kDifference;
  }
  const uint64_t row_version = collection.remove(key.value.bytes());
  if (options.json) {
    print_json({{"deleted", 1}, {"key", parsed(key.json)}, {"row_version", row_version}});
  } else {
    print("Deleted " + printable(key.json) + "; the row version is " + std::to_string(row_version) +
          ".\n");
  }
  return kFine;
}

}  // namespace

void add_put(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<PutOptions>();
  CLI::App* command = app.add_subcommand("put", "Insert or replace one row");
  add_target(*command, *options, Collections::kOne);
  command->add_option("JSON", options->value, "The row, an object; - for the standard input")
      ->required();
  command->add_option("--key", options->key_field, "The field that holds the row's key")
      ->required()
      ->type_name("FIELD");
  command->callback(choose(chosen, options, run_put));
}

void add_remove(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<RemoveOptions>();
  CLI::App* command =
      app.add_subcommand("remove", "Delete one row; exits with 1 if it is not there");
  add_target(*command, *options, Collections::kOne);
  command->add_option("KEY", options->key, "The row's key")->required();
  command->add_flag("--number", options->number, "The key is a number, not a text");
  command->callback(choose(chosen, options, run_remove));
}

}  // namespace cairn::cli
