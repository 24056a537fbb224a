// `cairn query`: rows that match, in an order, a page at a time; or how the engine gets them.
#include <CLI/CLI.hpp>
#include <limits>

#include "commands.h"
#include "expression.h"
#include "json_scan.h"
#include "options.h"
#include "report.h"
#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

constexpr uint64_t kTableRows = 50;
constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

struct QueryOptions : Target {
  std::optional<std::string> where;  // an empty text is an error, not an absent one
  std::vector<std::string> order;
  std::optional<std::string> fields;
  std::optional<std::string> after;
  std::optional<uint64_t> limit;
  uint64_t offset = 0;
  bool keys = false;
  bool versions = false;
  bool metadata = false;
  bool explain = false;

  // Whether the engine chooses a way to the rows, and has something to say about it.
  bool is_planned() const { return where || !order.empty() || after; }

  // How many rows are shown, and how many are asked for: one more tells whether there are others.
  uint64_t shown() const { return limit.value_or(json || explain ? kNoLimit : kTableRows); }
  uint64_t asked() const { return limit || shown() == kNoLimit ? shown() : shown() + 1; }
};

// --- the request ---

using Builder = flatbuffers::FlatBufferBuilder;
using Portable = flatbuffers::Offset<flatbuffers::Vector<uint8_t>>;

Portable portable(Builder& builder, std::string_view json) {
  const Buffer value = value_from_json(json);
  return builder.CreateVector(value.bytes().data(), value.bytes().size());
}

flatbuffers::Offset<fb::Expression> build_where(Builder& builder, const QueryOptions& options) {
  if (!options.where) return 0;
  return build(builder, parse_expression({"--where", *options.where}));
}

flatbuffers::Offset<fb::OrderBy> build_clause(Builder& builder, const OrderClause& clause) {
  const auto expression = build(builder, clause.expression);
  return fb::CreateOrderBy(builder, expression, clause.direction, clause.nulls, clause.string_sort);
}

using Clauses = flatbuffers::Vector<flatbuffers::Offset<fb::OrderBy>>;

flatbuffers::Offset<Clauses> build_order(Builder& builder, const QueryOptions& options) {
  if (options.order.empty()) return 0;
  std::vector<flatbuffers::Offset<fb::OrderBy>> clauses;
  for (const std::string& text : options.order) {
    for (const OrderClause& clause : parse_order({"--order", text})) {
      clauses.push_back(build_clause(builder, clause));
    }
  }
  return builder.CreateVector(clauses);
}

Buffer boundary_of(const std::string& json) {
  try {
    return value_from_json(json);
  } catch (const Error& error) {
    throw Error(error.status(), std::string("--after: ") + error.what());
  }
}

flatbuffers::Offset<fb::Cursor> build_after(Builder& builder, const QueryOptions& options) {
  if (!options.after) return 0;
  const Buffer boundary = boundary_of(*options.after);
  const Buffer json =
      value_to_json(boundary.bytes());  // written by the engine, so it can be walked
  Portable values;
  Portable key;
  bool valid = json.text().starts_with('{');
  if (valid) {
    for_each_member(json.text(), [&](std::string_view name, std::string_view value) {
      if (name == "values" && value.starts_with('[')) {
        values = portable(builder, value);
      } else if (name == "key") {
        key = portable(builder, value);
      } else {
        valid = false;
      }
    });
  }
  if (!valid || values.IsNull()) {
    throw Error(CAIRN_INVALID_ARGUMENT, "--after: expected an object with values and key.",
                R"(Such as '{"values": [3, "Bern"], "key": 2661552}': a value for each --order.)");
  }
  return fb::CreateCursor(builder, values, key);
}

Cursor open_query(Collection& collection, const QueryOptions& options) {
  Request request;
  Builder& builder = request.builder();
  const auto where = build_where(builder, options);
  const auto order = build_order(builder, options);
  const auto after = build_after(builder, options);
  Portable fields;
  if (options.fields) {
    fields = portable(builder, json_array(parse_names({"--fields", *options.fields})));
  }
  const auto subset =
      fb::CreateSubset(builder, 0, where, order, options.asked(), options.offset, after);
  fb::LoadRequestBuilder load(builder);
  load.add_subset(subset);
  load.add_versions(options.versions);
  load.add_metadata(options.metadata);
  load.add_keys_only(options.keys);
  if (!fields.IsNull()) load.add_fields(fields);
  return collection.load(request.finish(load.Finish()));
}

// --- how the engine gets the rows ---

const char* name_of(fb::Access access) {
  switch (access) {
    case fb::Access::Nothing:
      return "nothing";
    case fb::Access::Scan:
      return "scan";
    case fb::Access::Keys:
      return "keys";
    default:
      return "index";
  }
}

const char* name_of(fb::Sorting sorting) {
  switch (sorting) {
    case fb::Sorting::None:
      return "none";
    case fb::Sorting::Top:
      return "top";
    default:
      return "all";
  }
}

Json texts_json(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* texts) {
  Json out = Json::array();
  if (texts == nullptr) return out;
  for (const auto* text : *texts) out.push_back(view_of(text));
  return out;
}

Json explanation_json(const fb::Explanation& explanation) {
  return {{"access", name_of(explanation.access())},
          {"indexes", texts_json(explanation.indexes())},
          {"ordered_by_index", explanation.ordered_by_index()},
          {"sorting", name_of(explanation.sorting())},
          {"entries_read", explanation.entries_read()},
          {"rows_read", explanation.rows_read()},
          {"rows_matched", explanation.rows_matched()},
          {"rows_decoded", explanation.rows_decoded()},
          {"questions", explanation.questions()},
          {"notes", texts_json(explanation.notes())}};
}

template <class Body>
void for_each_text(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* texts,
                   Body body) {
  if (texts == nullptr) return;
  for (const auto* text : *texts) body(view_of(text));
}

void print_explanation(const fb::Explanation& explanation) {
  std::string indexes;
  for_each_text(explanation.indexes(), [&indexes](std::string_view signature) {
    indexes += (indexes.empty() ? "" : ", ") + in_quotes(signature);
  });
  Facts facts;
  facts.add("access", name_of(explanation.access()));
  facts.add("indexes", indexes.empty() ? "none" : indexes);
  facts.add("ordered by index", explanation.ordered_by_index() ? "yes" : "no");
  facts.add("sorting", name_of(explanation.sorting()));
  facts.add("entries read", grouped(explanation.entries_read()));
  facts.add("rows read", grouped(explanation.rows_read()));
  facts.add("rows matched", grouped(explanation.rows_matched()));
  facts.add("rows decoded", grouped(explanation.rows_decoded()));
  for_each_text(explanation.notes(),
                [&facts](std::string_view note) { facts.add("note", printable(note)); });
  facts.print();
}

int explain(const QueryOptions& options, Cursor& cursor) {
  while (cursor.next()) {
  }
  const Buffer explanation = cursor.explain();
  const auto& table = explanation.table<fb::Explanation>();
  if (options.json) {
    print_json(explanation_json(table));
  } else {
    print_explanation(table);
  }
  return kFine;
}

// --- rows ---

void print_notes(Cursor& cursor) {
  const Buffer explanation = cursor.explain();
  for_each_text(explanation.table<fb::Explanation>().notes(), [](std::string_view note) {
    std::fprintf(stderr, "note: %s\n", printable(note).c_str());
  });
}

// Gives the number of rows, with one that is not shown if there are more.
uint64_t print_rows(const QueryOptions& options, Cursor& cursor) {
  if (options.json) {
    if (!options.keys) return for_each_row(cursor, print_line);
    return for_each_row(cursor, [](std::string_view line) {
      print("{\"key\":" + std::string(row_line(line).key) + "}\n");
    });
  }
  RowTable table(terminal_width(stdout), false);
  uint64_t shown = 0;
  const uint64_t rows = for_each_row(cursor, [&](std::string_view line) {
    if (shown++ < options.shown()) table.add(line);
  });
  table.finish();
  return rows;
}

void report_query(const QueryOptions& options, uint64_t rows, uint64_t all, double seconds) {
  std::string text =
      counted(std::min(rows, options.shown()), "row", "rows") + " in " + human_seconds(seconds);
  if (rows > options.shown()) {
    text += options.is_planned() ? "; there are more:" : ", of " + grouped(all) + ";";
    text += " --limit N shows more, --json gives all";
  }
  std::fprintf(stderr, "%s\n", text.c_str());
}

int run_query(const QueryOptions& options) {
  const double started = seconds_now();
  Database database = open_to_read(options);
  Collection collection = open_collection(database, options);
  Cursor cursor = open_query(collection, options);
  if (options.explain) return explain(options, cursor);
  const uint64_t rows = print_rows(options, cursor);
  finish_output();
  if (options.is_planned()) print_notes(cursor);
  const uint64_t all = collection.info().table<fb::CollectionInfo>().rows();
  report_query(options, rows, all, seconds_now() - started);
  return kFine;
}

const char* const kQueryHelp =
    "Predicates:\n"
    "  population >= 1e5 and (country in (\"CH\", \"AT\") or name ilike \"saint%\")\n"
    "  = == != <> < <= > >=   [not] in (1, 2, \"x\")   [not] in tags   [not] between a and b\n"
    "  [not] like \"a%_\"   [not] ilike   is [not] null   is [not] undefined (or: missing)\n"
    "  and or not ( )   + - * /   address.city   `a field's odd name`\n"
    "  5 -1.5 1e6 123n \"text\" 'text' true false null date\"2024-05-01T10:00:00Z\" x\"00ff\"\n"
    "  upper lower length concat coalesce caseWhen date datetime strftime\n"
    "Keywords and functions may be in upper case. A comparison with null, or with a field that is\n"
    "not there, is neither true nor false, and so is its not: such a row does not match.\n\n"
    "Orders: FIELD[:asc|desc][:nulls-first|nulls-last][:lexical|locale], several with commas. "
    "Unless\n"
    "told otherwise: ascending, nulls first, texts by UTF-16 unit. Rows that tie come by their "
    "key.\n\n"
    "With --json each line is {\"key\": K, \"value\": V}; with --explain there is one line.";

void add_selection(CLI::App& command, QueryOptions& options) {
  command.add_option("--where", options.where, "Only rows for which this is true")
      ->type_name("PREDICATE");
  command
      .add_option("--order", options.order,
                  "In this order (default: of insertion); may be given several times")
      ->allow_extra_args(false)
      ->type_name("ORDER");
  command
      .add_option("--limit", options.limit,
                  "At most so many rows (default: 50 in a table, all with --json or --explain)")
      ->check(whole_number())
      ->type_name("N");
  command.add_option("--offset", options.offset, "Leave out so many rows")
      ->check(whole_number())
      ->type_name("N");
  command
      .add_option("--after", options.after,
                  "Only rows that come after this place in the order: {\"values\": [a value for "
                  "each --order], \"key\": K}")
      ->type_name("JSON");
}

}  // namespace

void add_query(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<QueryOptions>();
  CLI::App* command = app.add_subcommand("query", "Print rows, or how the engine gets at them");
  add_target(*command, *options, Collections::kOne);
  add_selection(*command, *options);
  auto* fields =
      command->add_option("--fields", options->fields, "Only these fields, parted by commas");
  fields->type_name("NAMES");
  command->add_flag("--keys", options->keys, "Keys alone")->excludes(fields);
  command->add_flag("--versions", options->versions, "Give row versions too");
  command->add_flag("--metadata", options->metadata, "Give row metadata too");
  command->add_flag("--explain", options->explain,
                    "Print no rows, but which indexes were used and how much was read");
  command->footer(kQueryHelp);
  command->callback(choose(chosen, options, run_query));
}

}  // namespace cairn::cli
