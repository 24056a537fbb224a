// The declarations. The help text on formats is their specification for users.
#include "options.h"

#include <CLI/CLI.hpp>
#include <charconv>

namespace cairn::cli {

const char* const kFormatHelp =
    "Formats: the ending of the file's name decides (.ndjson, .jsonl, .json, .csv), else its "
    "first\n"
    "character, unless --format is given.\n"
    "  ndjson  one JSON object in each line\n"
    "  json    an array of objects, or objects one after another\n"
    "  csv     a header line with the names of the fields, then a record a row; UTF-8, commas,\n"
    "          quotes doubled within quotes. An empty field is null, an empty field between "
    "quotes\n"
    "          is an empty text. A field that reads exactly as a number is written (5, -1.25) is "
    "a\n"
    "          number, the key too; all others, such as 007, 1.50, 1e3 or true, are texts. With\n"
    "          --text all fields but the empty ones are texts.\n"
    "In JSON, {\"$date\": \"2026-01-31T12:00:00.000Z\"}, {\"$bigint\": \"123\"}, {\"$bytes\": "
    "BASE64} and\n"
    "{\"$number\": \"NaN\"} stand for what JSON cannot say.\n"
    "Files of any size are read in parts. If a row cannot be used, nothing is written.";

void add_row_options(CLI::App& command, std::string& file, const char* file_name,
                     RowOptions& options) {
  command.add_option(file_name, file, "The file with the rows; - for the standard input")
      ->required()
      ->type_name("PATH");
  command.add_option("--key", options.key_field, "The field that holds each row's key")
      ->required()
      ->type_name("FIELD");
  command.add_option("--format", options.format, "What the file is written in (default: guessed)")
      ->check(CLI::IsMember({"ndjson", "json", "csv"}))
      ->type_name("FORMAT");
  command.add_flag("--text", options.text, "CSV: keep numbers as text");
}

void add_target(CLI::App& command, Target& target, Collections collections) {
  command.add_option("DB", target.database, "The database file")->required()->type_name("PATH");
  if (collections != Collections::kNone) {
    auto* option =
        command.add_option("COLLECTION", target.collection, "The name of the collection");
    option->type_name("NAME");
    if (collections == Collections::kOne) option->required();
  }
  command.add_flag("--json", target.json, "Print JSON, for scripts");
  command
      .add_option("--busy-timeout", target.busy_timeout_ms,
                  "How long to wait for another writer, in milliseconds")
      ->capture_default_str()
      ->check(whole_number())
      ->type_name("MS");
}

const CLI::Validator& whole_number() {
  static const CLI::Validator validator(
      [](std::string& text) -> std::string {
        uint64_t number = 0;
        const char* end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, number);
        if (read.ec == std::errc() && read.ptr == end) return "";
        return text + " is not a whole number from 0 to 18446744073709551615";
      },
      "");
  return validator;
}

}  // namespace cairn::cli
