// `cairn index`: the indexes of a collection, listed, made and removed.
#include <CLI/CLI.hpp>

#include "commands.h"
#include "expression.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

// Rows that one call takes in: a transaction each, between which other programs can write.
constexpr uint64_t kChunkRows = 20000;

struct IndexOptions : Target {
  std::optional<std::string> add;
  std::optional<std::string> name;
  std::optional<std::string> where;
  std::optional<std::string> remove;
};

int list_indexes(const IndexOptions& options) {
  Database database = open_to_read(options);
  Collection collection = open_collection(database, options);
  const Buffer info = collection.info();
  const auto* indexes = info.table<fb::CollectionInfo>().indexes();
  const bool none = indexes == nullptr || indexes->size() == 0;
  if (!options.json) {
    print_indexes(indexes);
    if (none) print("There are no indexes.\n");
  } else if (!none) {
    for (const auto* index : *indexes) print_json(to_json(*index));
  }
  return kFine;
}

std::string signature_of(const IndexOptions& options) {
  if (options.name) return *options.name;
  return options.where ? *options.add + " where " + *options.where : *options.add;
}

Bytes build_request(Request& request, const IndexOptions& options) {
  auto& builder = request.builder();
  std::vector<flatbuffers::Offset<fb::Expression>> expressions;
  for (const Expression& expression : parse_expressions({"--add", *options.add})) {
    expressions.push_back(build(builder, expression));
  }
  flatbuffers::Offset<fb::Expression> where;
  if (options.where) where = build(builder, parse_expression({"--where", *options.where}));
  const auto signature = builder.CreateString(signature_of(options));
  const auto all = builder.CreateVector(expressions);
  return request.finish(fb::CreateIndexRequest(builder, signature, all, 0, where, 0, kChunkRows));
}

// Calls until the index is ready. Whoever stops it finds what was done when it is called again.
Buffer make_index(const IndexOptions& options) {
  Request request;
  const Bytes bytes = build_request(request, options);
  Database database = open_to_write(options);
  Collection collection = open_collection(database, options);
  Progress progress("indexing", collection.info().table<fb::CollectionInfo>().rows());
  for (;;) {
    Buffer buffer = collection.ensure_index(bytes);
    const auto& index = buffer.table<fb::IndexInfo>();
    if (index.ready()) return buffer;
    progress.update(index.rows_done(), index.rows_done(), 0);
  }
}

int add_one(const IndexOptions& options) {
  const double started = seconds_now();
  const Buffer buffer = make_index(options);
  const double seconds = seconds_now() - started;
  const auto& index = buffer.table<fb::IndexInfo>();
  if (options.json) {
    Json out = to_json(index);
    out["seconds"] = seconds;
    print_json(out);
    return kFine;
  }
  print("The index " + in_quotes(view_of(index.signature())) +
        " is ready: " + counted(index.entries(), "entry", "entries") + " of " +
        counted(index.rows_total(), "row", "rows") + ", in " + human_seconds(seconds) + ".\n");
  return kFine;
}

int remove_one(const IndexOptions& options) {
  Database database = open_to_write(options);
  Collection collection = open_collection(database, options);
  if (!collection.remove_index(*options.remove)) {
    const std::string text = "There is no index " + in_quotes(*options.remove) + " in " +
                             in_quotes(options.collection) + ".\n";
    std::fputs(text.c_str(), stderr);
    return kDifference;
  }
  if (options.json) {
    print_json({{"removed", *options.remove}});
  } else {
    print("Removed the index " + in_quotes(*options.remove) + ".\n");
  }
  return kFine;
}

int run_index(const IndexOptions& options) {
  if (options.add) return add_one(options);
  return options.remove ? remove_one(options) : list_indexes(options);
}

const char* const kIndexHelp =
    "Without --add or --remove it lists the indexes. --add takes fields (createdAt), several of "
    "them\n"
    "for one index (listId,createdAt) or expressions (lower(title)); --where leaves out rows for "
    "which\n"
    "it is not true. `cairn query --help` has the syntax, `cairn query --explain` says which index "
    "a\n"
    "query uses.\n\n"
    "An index is made in parts, between which others can write; no query uses it before it is "
    "ready.\n"
    "When it is stopped, the same command goes on where it was. An index of that name over "
    "something\n"
    "else is replaced.";

}  // namespace

void add_index(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<IndexOptions>();
  CLI::App* command = app.add_subcommand("index", "List, make or remove indexes of a collection");
  add_target(*command, *options, Collections::kOne);
  auto* add = command->add_option("--add", options->add, "Make an index over these");
  add->type_name("FIELD,...");
  command->add_option("--name", options->name, "Its name (default: what it is over)")
      ->needs(add)
      ->type_name("SIGNATURE");
  command->add_option("--where", options->where, "Only of rows for which this is true")
      ->needs(add)
      ->type_name("PREDICATE");
  command
      ->add_option("--remove", options->remove,
                   "Remove the index of this name; exits with 1 if it is not there")
      ->excludes(add)
      ->type_name("SIGNATURE");
  command->footer(kIndexHelp);
  command->callback(choose(chosen, options, run_index));
}

}  // namespace cairn::cli
