// `cairn list`, `info`, `check` and `digest`: about databases and collections as a whole.
#include <CLI/CLI.hpp>

#include "commands.h"
#include "json_scan.h"
#include "options.h"
#include "report.h"
#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

const char* kind_of(bool local) { return local ? "local" : "synced"; }

Cell number_cell(uint64_t number) { return {grouped(number), true}; }

// A list that is empty may be absent.
template <class Item, class Body>
void for_each(const flatbuffers::Vector<flatbuffers::Offset<Item>>* items, Body body) {
  if (items == nullptr) return;
  for (const Item* item : *items) body(*item);
}

Json summary_json(const fb::CollectionSummary& collection) {
  return {{"name", view_of(collection.name())},
          {"rows", collection.rows()},
          {"schema_version", collection.schema_version()},
          {"local", collection.local()},
          {"row_version", collection.row_version()}};
}

void print_collections(const fb::DatabaseInfo& info) {
  Table table(terminal_width(stdout));
  for (const char* heading : {"collection", "rows", "schema", "kind", "row version"}) {
    table.column(heading);
  }
  for_each(info.collections(), [&table](const fb::CollectionSummary& collection) {
    table.add({{printable(view_of(collection.name())), false},
               number_cell(collection.rows()),
               number_cell(collection.schema_version()),
               {kind_of(collection.local()), false},
               number_cell(collection.row_version())});
  });
  table.finish();
}

int run_list(const Target& target) {
  Database database = open_to_read(target);
  const Buffer info = database.info();
  const auto& table = info.table<fb::DatabaseInfo>();
  if (target.json) {
    for_each(table.collections(),
             [](const fb::CollectionSummary& one) { print_json(summary_json(one)); });
    return kFine;
  }
  print_collections(table);
  if (table.collections() == nullptr || table.collections()->size() == 0) {
    print("There are no collections.\n");
  }
  return kFine;
}

// --- info ---

Json database_json(const fb::DatabaseInfo& info) {
  Json collections = Json::array();
  for_each(info.collections(), [&collections](const fb::CollectionSummary& one) {
    collections.push_back(summary_json(one));
  });
  return {{"path", view_of(info.path())},
          {"format_version", info.format_version()},
          {"engine_version", view_of(info.engine_version())},
          {"sqlite_version", view_of(info.sqlite_version())},
          {"file_bytes", info.file_bytes()},
          {"journal_bytes", info.journal_bytes()},
          {"free_bytes", info.free_bytes()},
          {"shapes", info.shapes()},
          {"collections", collections}};
}

int info_of_database(const Target& target) {
  Database database = open_to_read(target);
  const Buffer info = database.info();
  const auto& table = info.table<fb::DatabaseInfo>();
  if (target.json) {
    print_json(database_json(table));
    return kFine;
  }
  Facts facts;
  facts.add("database", printable(view_of(table.path())));
  facts.add("format", std::to_string(table.format_version()));
  facts.add("engine", std::string(view_of(table.engine_version())) + " (SQLite " +
                          std::string(view_of(table.sqlite_version())) + ")");
  facts.add("file", human_bytes(table.file_bytes()));
  facts.add("journal", human_bytes(table.journal_bytes()));
  facts.add("free", human_bytes(table.free_bytes()));
  facts.add("shapes", grouped(table.shapes()));
  facts.print();
  if (table.collections() != nullptr && table.collections()->size() > 0) print("\n");
  print_collections(table);
  return kFine;
}

Json collection_json(const fb::CollectionInfo& info, const fb::MetadataReport& metadata) {
  Json entries = Json::object();
  for_each(metadata.entries(), [&entries](const fb::MetadataEntry& entry) {
    entries[std::string(view_of(entry.key()))] = parsed(json_of(entry.value()));
  });
  Json indexes = Json::array();
  for_each(info.indexes(),
           [&indexes](const fb::IndexInfo& index) { indexes.push_back(to_json(index)); });
  return {{"name", view_of(info.name())},
          {"rows", info.rows()},
          {"schema_version", info.schema_version()},
          {"local", info.local()},
          {"position", to_json(info.position())},
          {"log_horizon", info.log_horizon()},
          {"indexes", indexes},
          {"metadata", entries}};
}

void print_collection(const fb::CollectionInfo& info, const fb::MetadataReport& metadata) {
  const auto& position = *info.position();
  Facts facts;
  facts.add("collection", printable(view_of(info.name())));
  facts.add("rows", grouped(info.rows()));
  facts.add("schema version", grouped(info.schema_version()));
  facts.add("kind", kind_of(info.local()));
  facts.add("row version", grouped(position.row_version()));
  facts.add("term, seq", grouped(position.term()) + ", " + grouped(position.seq()));
  facts.add("reset epoch", grouped(position.reset_epoch()));
  facts.add("deltas since", grouped(info.log_horizon()));
  facts.print();
  if (info.indexes() != nullptr && info.indexes()->size() > 0) print("\n");
  print_indexes(info.indexes());
  Table table(terminal_width(stdout));
  table.column("metadata");
  table.column("value");
  for_each(metadata.entries(), [&table](const fb::MetadataEntry& entry) {
    table.add({{printable(view_of(entry.key())), false}, cell_of(json_of(entry.value()))});
  });
  if (metadata.entries() != nullptr && metadata.entries()->size() > 0) print("\n");
  table.finish();
}

int info_of_collection(const Target& target) {
  Database database = open_to_read(target);
  Collection collection = open_collection(database, target);
  const Buffer info = collection.info();
  const Buffer metadata = collection.metadata();
  const auto& info_table = info.table<fb::CollectionInfo>();
  const auto& metadata_table = metadata.table<fb::MetadataReport>();
  if (target.json) {
    print_json(collection_json(info_table, metadata_table));
  } else {
    print_collection(info_table, metadata_table);
  }
  return kFine;
}

struct InfoOptions : Target {
  bool one = false;  // an empty name is a name too
};

int run_info(const InfoOptions& options) {
  return options.one ? info_of_collection(options) : info_of_database(options);
}

// --- check ---

struct CheckCommand : Target {
  bool one = false;
  bool rows_only = false;
  uint32_t max_problems = 100;
};

Json report_json(const fb::CheckReport& report) {
  Json problems = Json::array();
  for_each(report.problems(), [&problems](const fb::Problem& problem) {
    problems.push_back({{"collection", view_of(problem.collection())},
                        {"key", parsed(json_of(problem.key()))},
                        {"message", view_of(problem.message())}});
  });
  return {{"ok", report.ok()},
          {"rows", report.rows()},
          {"pages_checked", report.pages_checked()},
          {"problem_count", report.problem_count()},
          {"problems", problems}};
}

void print_report(const fb::CheckReport& report, double seconds) {
  const std::string what = counted(report.rows(), "row", "rows") +
                           (report.pages_checked() ? " and the file's pages" : "") + " in " +
                           human_seconds(seconds);
  if (report.ok()) {
    print("No problems: checked " + what + ".\n");
    return;
  }
  Table table(terminal_width(stdout));
  for (const char* heading : {"collection", "key", "problem"}) table.column(heading);
  for_each(report.problems(), [&table](const fb::Problem& problem) {
    const Cell key = problem.key() == nullptr ? Cell{} : cell_of(json_of(problem.key()));
    table.add({{printable(view_of(problem.collection())), false},
               key,
               {printable(view_of(problem.message())), false}});
  });
  table.finish();
  print(counted(report.problem_count(), "problem", "problems") + ": checked " + what + ".\n");
}

int run_check(const CheckCommand& options) {
  Database database = open_to_read(options);
  if (options.one) require_collection(database, options);
  Request request;
  const auto name = options.one ? request.builder().CreateString(options.collection)
                                : flatbuffers::Offset<flatbuffers::String>();
  fb::CheckOptionsBuilder builder(request.builder());
  if (options.one) builder.add_collection(name);
  builder.add_pages(!options.rows_only);
  builder.add_max_problems(options.max_problems);
  const double started = seconds_now();
  const Buffer result = database.check(request.finish(builder.Finish()));
  const auto& report = result.table<fb::CheckReport>();
  if (options.json) {
    print_json(report_json(report));
  } else {
    print_report(report, seconds_now() - started);
  }
  return report.ok() ? kFine : kDifference;
}

// --- digest ---

int run_digest(const Target& target) {
  Database database = open_to_read(target);
  const Buffer result = database.digest();
  const auto& report = result.table<fb::DigestReport>();
  if (target.json) {
    Json collections = Json::array();
    for_each(report.collections(), [&collections](const fb::CollectionDigest& one) {
      collections.push_back(
          {{"name", view_of(one.name())}, {"rows", one.rows()}, {"digest", view_of(one.digest())}});
    });
    print_json({{"digest", view_of(report.digest())}, {"collections", collections}});
    return kFine;
  }
  Table table(terminal_width(stdout));
  for (const char* heading : {"digest", "rows", "collection"}) table.column(heading);
  for_each(report.collections(), [&table](const fb::CollectionDigest& one) {
    table.add({{std::string(view_of(one.digest())), false},
               number_cell(one.rows()),
               {printable(view_of(one.name())), false}});
  });
  table.add({{std::string(view_of(report.digest())), false}, {}, {"(the database)", false}});
  table.finish();
  return kFine;
}

}  // namespace

void add_list(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Target>();
  CLI::App* command = app.add_subcommand("list", "List the collections of a database");
  add_target(*command, *options, Collections::kNone);
  command->callback(choose(chosen, options, run_list));
}

void add_info(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* command = app.add_subcommand("info", "Describe a database, or one of its collections");
  add_target(*command, *options, Collections::kOptional);
  command->callback([command, options, done = choose(chosen, options, run_info)] {
    options->one = command->count("COLLECTION") > 0;
    done();
  });
}

void add_check(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<CheckCommand>();
  CLI::App* command =
      app.add_subcommand("check", "Check pages, rows, hashes and counts; exits with 1 on problems");
  add_target(*command, *options, Collections::kOptional);
  command->add_flag("--rows-only", options->rows_only, "Do not have SQLite check its pages");
  command->add_option("--max-problems", options->max_problems, "How many problems to list")
      ->capture_default_str()
      ->check(whole_number())
      ->type_name("N");
  command->callback([command, options, done = choose(chosen, options, run_check)] {
    options->one = command->count("COLLECTION") > 0;
    done();
  });
}

void add_digest(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Target>();
  CLI::App* command = app.add_subcommand(
      "digest", "Print digests of the contents: equal for equal rows, whatever their history");
  add_target(*command, *options, Collections::kNone);
  command->callback(choose(chosen, options, run_digest));
}

}  // namespace cairn::cli
