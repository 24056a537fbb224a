// `cairn get` and `delta`: one row of a collection, and what changed in it.
#include <CLI/CLI.hpp>

#include "commands.h"
#include "json_scan.h"
#include "options.h"
#include "report.h"
#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

struct GetOptions : Target {
  std::string key;
  bool number = false;
};

std::string hint_for_missing(Collection& collection, const GetOptions& options) {
  if (options.number) return "";
  try {
    const Key number = key_of(options.key, true);
    if (collection.get(number.value.bytes())) {
      return "\nThere is one with the number " + number.json + " as its key: give --number.";
    }
  } catch (const Error&) {
    // Not a number: no hint.
  }
  return "";
}

int run_get(const GetOptions& options) {
  const Key key = key_of(options.key, options.number);
  Database database = open_to_read(options);
  Collection collection = open_collection(database, options);
  const auto value = collection.get(key.value.bytes());
  if (!value) {
    const std::string text = "There is no row with the key " + printable(key.json) + " in " +
                             in_quotes(options.collection) + "." +
                             hint_for_missing(collection, options) + "\n";
    std::fputs(text.c_str(), stderr);
    return kDifference;
  }
  const Buffer json = value_to_json(value->bytes());
  if (options.json) {
    print(std::string(json.text()) + "\n");
    return kFine;
  }
  Facts facts;
  for_each_member(json.text(), [&facts](std::string_view name, std::string_view field) {
    facts.add(printable(name), cell_of(field).text);
  });
  facts.print();
  return kFine;
}

// --- delta ---

struct DeltaOptions : Target {
  uint64_t since = 0;
  std::optional<uint64_t> reset_epoch;
  bool metadata = false;
};

Cursor open_delta(Collection& collection, const DeltaOptions& options) {
  const Buffer info = collection.info();
  const uint64_t current = info.table<fb::CollectionInfo>().position()->reset_epoch();
  Request request;
  fb::DeltaRequestBuilder delta(request.builder());
  delta.add_since(options.since);
  delta.add_reset_epoch(options.reset_epoch.value_or(current));
  delta.add_metadata(options.metadata);
  return collection.delta(request.finish(delta.Finish()));
}

Json head_json(const fb::CursorHead& head) {
  Json out{{"position", to_json(head.position())}, {"reload", head.reload()}};
  if (head.reload()) {
    out["reason"] = view_of(head.reload_reason());
    return {{"delta", out}};
  }
  out["changed"] = head.changed();
  out["deleted"] = head.deleted();
  out["transactions"] = Json::array();
  if (head.transaction_ids() != nullptr) {
    for (const auto* id : *head.transaction_ids()) out["transactions"].push_back(view_of(id));
  }
  out["metadata"] = Json::object();
  if (head.metadata() != nullptr) {
    for (const auto* entry : *head.metadata()) {
      out["metadata"][std::string(view_of(entry->key()))] = parsed(json_of(entry->value()));
    }
  }
  return {{"delta", out}};
}

void print_delta(const fb::CursorHead& head, Cursor& cursor) {
  if (head.reload()) {
    print("reload: " + printable(view_of(head.reload_reason())) + "\n");
    return;
  }
  RowTable table(terminal_width(stdout), true);
  const uint64_t rows = for_each_row(cursor, [&table](std::string_view line) { table.add(line); });
  table.finish();
  if (rows > 0) print("\n");
  print(grouped(head.changed()) + " changed, " + grouped(head.deleted()) +
        " deleted; the row version is " + std::to_string(head.position()->row_version()) + ".\n");
}

int run_delta(const DeltaOptions& options) {
  Database database = open_to_read(options);
  Collection collection = open_collection(database, options);
  Cursor cursor = open_delta(collection, options);
  const Buffer buffer = cursor.head();
  const auto& head = buffer.table<fb::CursorHead>();
  if (options.json) {
    print_json(head_json(head));
    if (!head.reload()) for_each_row(cursor, print_line);
  } else {
    print_delta(head, cursor);
  }
  return head.reload() ? kDifference : kFine;
}

}  // namespace

void add_get(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<GetOptions>();
  CLI::App* command = app.add_subcommand("get", "Print one row; exits with 1 if it is not there");
  add_target(*command, *options, Collections::kOne);
  command->add_option("KEY", options->key, "The row's key")->required();
  command->add_flag("--number", options->number, "The key is a number, not a text");
  command->callback(choose(chosen, options, run_get));
}

void add_delta(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DeltaOptions>();
  CLI::App* command = app.add_subcommand(
      "delta", "Print what changed since a row version; exits with 1 if that needs a reload");
  add_target(*command, *options, Collections::kOne);
  command->add_option("--since", options->since, "The row version that the reader has")
      ->required()
      ->check(whole_number())
      ->type_name("N");
  command
      ->add_option("--reset-epoch", options->reset_epoch,
                   "The reset epoch that goes with it (default: the current one)")
      ->check(whole_number())
      ->type_name("N");
  command->add_flag("--metadata", options->metadata, "Give row metadata too");
  command->footer(
      "With --json the first line is {\"delta\": ...}, then each line is {\"key\": K, \"value\": "
      "V}\n"
      "for a row that changed or {\"key\": K, \"op\": \"delete\"}.");
  command->callback(choose(chosen, options, run_delta));
}

}  // namespace cairn::cli
