// `cairn export`: all rows of a collection as NDJSON or as a JSON array.
#include <CLI/CLI.hpp>

#include "commands.h"
#include "json_scan.h"
#include "options.h"
#include "output_file.h"
#include "progress.h"
#include "report.h"
#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

struct ExportOptions : Target {
  std::string out;
  std::string format;
  bool with_keys = false;
};

bool is_array(const ExportOptions& options) {
  if (!options.format.empty()) return options.format == "json";
  return options.out.ends_with(".json");
}

// Rows as the file's format wants them.
class RowWriter {
 public:
  RowWriter(OutputFile& file, bool array, bool with_keys)
      : file_(file), array_(array), with_keys_(with_keys) {}

  void add(std::string_view line) {
    text_ += !array_ ? "" : rows_ == 0 ? "[\n" : ",\n";
    text_ += with_keys_ ? line : row_line(line).value;
    if (!array_) text_ += '\n';
    ++rows_;
  }

  void flush() {
    file_.write(text_);
    text_.clear();
  }

  void finish() {
    if (array_) text_ += rows_ == 0 ? "[]\n" : "\n]\n";
    flush();
  }

  uint64_t rows() const { return rows_; }

 private:
  OutputFile& file_;
  bool array_;
  bool with_keys_;
  std::string text_;
  uint64_t rows_ = 0;
};

uint64_t export_rows(const ExportOptions& options, OutputFile& file) {
  Database database = open_to_read(options);
  Collection collection = open_collection(database, options);
  const Buffer info = collection.info();
  Request request;
  fb::LoadRequestBuilder load(request.builder());
  load.add_metadata(options.with_keys);
  Cursor cursor = collection.load(request.finish(load.Finish()));
  Progress progress("exporting", info.table<fb::CollectionInfo>().rows());
  RowWriter writer(file, is_array(options), options.with_keys);
  while (const auto batch = cursor.next()) {
    const Buffer lines = batch_to_json(batch->bytes());
    for_each_line(lines.text(), [&writer](std::string_view line) { writer.add(line); });
    writer.flush();
    progress.update(writer.rows(), writer.rows(), file.bytes());
  }
  writer.finish();
  return writer.rows();
}

// The standard output may be the export itself: then the summary goes beside it.
void report(const ExportOptions& options, uint64_t rows, uint64_t bytes, double seconds) {
  std::FILE* stream = options.out.empty() || options.out == "-" ? stderr : stdout;
  std::string text;
  if (options.json) {
    text = Json{{"collection", options.collection},
                {"rows", rows},
                {"bytes", bytes},
                {"seconds", seconds}}
               .dump();
  } else {
    text = "Exported " + counted(rows, "row", "rows") + " of " + in_quotes(options.collection) +
           ", " + human_bytes(bytes) + ", in " + human_seconds(seconds) + " (" +
           human_rate(rows, seconds) + ").";
  }
  std::fprintf(stream, "%s\n", text.c_str());
}

int run_export(const ExportOptions& options) {
  const double started = seconds_now();
  OutputFile file(options.out);
  const uint64_t rows = export_rows(options, file);
  file.commit();
  report(options, rows, file.bytes(), seconds_now() - started);
  return kFine;
}

}  // namespace

void add_export(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand("export", "Write all rows to a file, or print them");
  add_target(*command, *options, Collections::kOne);
  command
      ->add_option("--out", options->out,
                   "The file; it appears when it is complete (default: the standard output)")
      ->type_name("FILE");
  command
      ->add_option("--format", options->format,
                   "ndjson: a value in each line; json: an array (default: by the file's name)")
      ->check(CLI::IsMember({"ndjson", "json"}))
      ->type_name("FORMAT");
  command->add_flag(
      "--with-keys", options->with_keys,
      "Write {\"key\": K, \"value\": V} with the row's metadata, not the value alone");
  command->footer("What it writes can be read by `cairn import` with the same --key.");
  command->callback(choose(chosen, options, run_export));
}

}  // namespace cairn::cli
