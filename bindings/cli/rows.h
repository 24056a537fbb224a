// Rows of a file in one of three formats, in parts of bounded size that the engine can read. A part
// remembers where each of its rows stands, so that an error can name the line. For one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input.h"

namespace cairn::cli {

enum class Format { kNdjson, kJson, kCsv };

struct RowPlace {
  size_t offset;  // in the part's text
  size_t size;
  Place place;
};

// Rows as the engine reads them: a JSON object in each line, or all in one JSON array.
struct Part {
  std::string text;
  std::vector<RowPlace> rows;

  bool full() const;
  void clear();
  void begin_row(const Place& place) { rows.push_back({text.size(), 0, place}); }
  void end_row() { rows.back().size = text.size() - rows.back().offset; }
  std::string_view row(size_t index) const;
};

class RowSource {
 public:
  virtual ~RowSource() = default;

  // Fills `part` with the next rows. False when there are none.
  virtual bool next(Part& part) = 0;
};

struct RowOptions {
  std::string format;     // "ndjson", "json", "csv"; empty: by the name, then by the contents
  std::string key_field;  // CSV: its header must have it
  bool text = false;      // CSV: numbers stay text
};

Format choose_format(const RowOptions& options, const std::string& path, Input& input);

std::unique_ptr<RowSource> open_rows(Format format, const RowOptions& options, Input& input);
std::unique_ptr<RowSource> open_ndjson(Input& input);
std::unique_ptr<RowSource> open_json(Input& input);
std::unique_ptr<RowSource> open_csv(const RowOptions& options, Input& input);

}  // namespace cairn::cli
