// Which format a file has, and NDJSON: a row a line.
#include "rows.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace cairn::cli {
namespace {

constexpr size_t kPartBytes = size_t{2} << 20;
constexpr size_t kPartRows = 65536;

constexpr std::string_view kSpace = " \t\r\n";

class NdjsonRows : public RowSource {
 public:
  explicit NdjsonRows(Input& input) : input_(input), lines_(input) {}

  bool next(Part& part) override {
    part.clear();
    std::string_view line;
    while (!part.full() && lines_.next(line)) add(line, part);
    return !part.rows.empty();
  }

 private:
  void add(std::string_view line, Part& part) {
    const size_t start = line.find_first_not_of(kSpace);
    if (start == std::string_view::npos) return;
    const Place place{lines_.number(), start + 1};
    if (line[start] != '{') {
      input_.fail(place, "A row must be a JSON object, one in each line.", CAIRN_MALFORMED,
                  "For a JSON array of objects give --format json.");
    }
    part.begin_row(place);
    part.text += line.substr(start, line.find_last_not_of(kSpace) + 1 - start);
    part.end_row();
    part.text += '\n';
  }

  Input& input_;
  Lines lines_;
};

std::string lower_extension(const std::string& path) {
  const size_t dot = path.find_last_of("./");
  if (dot == std::string::npos || path[dot] != '.') return "";
  std::string extension = path.substr(dot + 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

std::optional<Format> format_named(const std::string& name) {
  if (name == "ndjson" || name == "jsonl") return Format::kNdjson;
  if (name == "json") return Format::kJson;
  if (name == "csv") return Format::kCsv;
  return std::nullopt;
}

}  // namespace

bool Part::full() const { return text.size() >= kPartBytes || rows.size() >= kPartRows; }

void Part::clear() {
  text.clear();
  rows.clear();
}

std::string_view Part::row(size_t index) const {
  return std::string_view(text).substr(rows[index].offset, rows[index].size);
}

Format choose_format(const RowOptions& options, const std::string& path, Input& input) {
  if (const auto format = format_named(options.format)) return *format;
  if (const auto format = format_named(lower_extension(path))) return *format;
  const std::string_view beginning = input.peek();
  const size_t first = beginning.find_first_not_of(kSpace);
  if (first == std::string_view::npos || beginning[first] == '{') return Format::kNdjson;
  if (beginning[first] == '[') return Format::kJson;
  throw Error("It is not clear which format " + input.name() + " has.",
              "Give --format ndjson, --format json or --format csv.");
}

std::unique_ptr<RowSource> open_ndjson(Input& input) { return std::make_unique<NdjsonRows>(input); }

std::unique_ptr<RowSource> open_rows(Format format, const RowOptions& options, Input& input) {
  switch (format) {
    case Format::kJson:
      return open_json(input);
    case Format::kCsv:
      return open_csv(options, input);
    default:
      return open_ndjson(input);
  }
}

}  // namespace cairn::cli
