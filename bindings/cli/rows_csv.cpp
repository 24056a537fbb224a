// CSV with a header line as rows: a field a column. Lines are given to libcsv one at a time, so
// that every record knows the line on which it begins.
#include <csv.h>

#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "json_scan.h"
#include "rows.h"
#include "text.h"

namespace cairn::cli {
namespace {

// True where a number's own text is exactly this one, so that nothing is lost: not for 007, 1.50,
// +1, 1e3, -0 or integers that a double does not hold.
bool is_canonical_number(std::string_view text) {
  if (text.empty() || text.size() > 32 || text == "-0") return false;
  if (text.find_first_not_of("-.0123456789") != std::string_view::npos) return false;
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return false;
  if (!std::isfinite(number) || std::fabs(number) >= 1e21) return false;
  std::array<char, 64> own{};
  const auto written =
      std::to_chars(own.data(), own.data() + own.size(), number, std::chars_format::fixed);
  return written.ec == std::errc() &&
         text == std::string_view(own.data(), static_cast<size_t>(written.ptr - own.data()));
}

class CsvRows : public RowSource {
 public:
  CsvRows(const RowOptions& options, Input& input)
      : options_(options), input_(input), lines_(input) {
    if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL) != 0) {
      throw Error(CAIRN_OUT_OF_MEMORY, "The CSV parser cannot be set up.");
    }
    // Spaces belong to their field (RFC 4180).
    csv_set_space_func(&parser_, [](unsigned char) { return 0; });
  }
  ~CsvRows() override { csv_free(&parser_); }

  bool next(Part& part) override {
    part.clear();
    part_ = &part;
    std::string_view line;
    while (!part.full() && !ended_) {
      if (lines_.next(line)) {
        parse(line);
      } else {
        end();
      }
    }
    return !part.rows.empty();
  }

 private:
  struct Field {
    std::string text;
    bool null;
  };

  void parse(std::string_view line) {
    if (parser_.pstate == 0) begin_record();
    record_bytes_ += line.size();
    if (record_bytes_ > kMaxRowBytes) {
      fail("The record is larger than 64 MiB.", CAIRN_TOO_LARGE);
    }
    const size_t read =
        csv_parse(&parser_, line.data(), line.size(), &CsvRows::on_field, &CsvRows::on_end, this);
    check(read == line.size());
  }

  // libcsv is in its first state before a record, and still is after a blank line.
  void begin_record() {
    record_line_ = lines_.number();
    record_bytes_ = 0;
  }

  void end() {
    ended_ = true;
    check(csv_fini(&parser_, &CsvRows::on_field, &CsvRows::on_end, this) == 0);
    if (names_.empty()) throw Error("There is no header line in " + input_.name() + ".");
  }

  // An exception must not pass through libcsv, so it waits until here.
  void check(bool parsed) {
    if (caught_) std::rethrow_exception(caught_);
    if (parsed) return;
    if (csv_error(&parser_) != CSV_EPARSE) throw Error(CAIRN_OUT_OF_MEMORY, "Out of memory.");
    fail(
        "A quote does not belong here, or is not closed: a field with quotes or commas stands "
        "between quotes, and a quote in it is doubled.");
  }

  static void on_field(void* text, size_t size, void* self) {
    static_cast<CsvRows*>(self)->guarded([&](CsvRows& rows) {
      const bool null = text == nullptr;
      rows.fields_.push_back({null ? "" : std::string(static_cast<char*>(text), size), null});
    });
  }

  static void on_end(int, void* self) {
    static_cast<CsvRows*>(self)->guarded([](CsvRows& rows) { rows.record(); });
  }

  template <class Body>
  void guarded(Body body) {
    if (caught_) return;
    try {
      body(*this);
    } catch (...) {
      caught_ = std::current_exception();
    }
  }

  void record() {
    if (names_.empty()) {
      header();
    } else {
      row();
    }
    fields_.clear();
  }

  void header() {
    std::set<std::string> seen;
    bool has_key = false;
    for (const Field& field : fields_) {
      if (!seen.insert(field.text).second) {
        fail("The header names " + in_quotes(field.text) + " twice.");
      }
      if (field.text == options_.key_field) has_key = true;
      names_.push_back(utf8_json(field.text));
    }
    if (has_key) return;
    std::string all;
    for (const Field& field : fields_) all += (all.empty() ? "" : ", ") + in_quotes(field.text);
    fail("There is no column " + in_quotes(options_.key_field) + " for the key. Columns: " + all +
             ".",
         CAIRN_INVALID_VALUE, "Give one of them as --key.");
  }

  void row() {
    if (fields_.size() != names_.size()) {
      fail("The record has " + counted(fields_.size(), "field", "fields") + ", the header has " +
           grouped(names_.size()) + ".");
    }
    part_->begin_row({record_line_, 1});
    std::string& out = part_->text;
    for (size_t i = 0; i < fields_.size(); ++i) {
      out += (i == 0 ? "{" : ",") + names_[i] + ":" + json(fields_[i]);
    }
    out += '}';
    part_->end_row();
    out += '\n';
  }

  std::string json(const Field& field) const {
    if (field.null) return "null";
    if (!options_.text && is_canonical_number(field.text)) return field.text;
    return utf8_json(field.text);
  }

  std::string utf8_json(const std::string& text) const {
    if (auto json = json_string(text)) return std::move(*json);
    fail("The field " + in_quotes(text) + " is not UTF-8 text.", CAIRN_MALFORMED,
         "Convert the file first, for example with iconv.");
  }

  [[noreturn]] void fail(const std::string& message, cairn_status status = CAIRN_MALFORMED,
                         const std::string& hint = "") const {
    input_.fail({record_line_, 1}, message, status, hint);
  }

  RowOptions options_;
  Input& input_;
  Lines lines_;
  csv_parser parser_{};
  std::vector<std::string> names_;  // as JSON
  std::vector<Field> fields_;
  Part* part_ = nullptr;
  std::exception_ptr caught_;
  uint64_t record_line_ = 1;
  size_t record_bytes_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<RowSource> open_csv(const RowOptions& options, Input& input) {
  return std::make_unique<CsvRows>(options, input);
}

}  // namespace cairn::cli
