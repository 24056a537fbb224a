// Cuts a JSON array of objects, or objects one after another, into arrays of rows without reading
// the whole file: it follows brackets and strings only, and the engine judges what stands in a row.
#include <algorithm>

#include "rows.h"

namespace cairn::cli {
namespace {

class JsonRows : public RowSource {
 public:
  explicit JsonRows(Input& input) : input_(input) {}

  bool next(Part& part) override {
    part.clear();
    while (!open_.empty() || !part.full()) {  // a part ends between rows
      if (chunk_.empty()) chunk_ = input_.next_chunk();
      if (chunk_.empty()) {
        check_end();
        break;
      }
      if (open_.empty()) {
        between(part);
      } else {
        inside(part);
      }
    }
    if (part.rows.empty()) return false;
    part.text += ']';
    return true;
  }

 private:
  // What may come next outside of rows.
  enum class State { kStart, kRowOrEnd, kRow, kCommaOrEnd, kObjects, kEnd };

  // Takes characters up to the beginning of a row.
  void between(Part& part) {
    while (!chunk_.empty() && open_.empty()) {
      const char c = chunk_.front();
      if (c == '{' && takes_row()) {
        open(c, part);
      } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
        separator(c);
      }
      take(c);
    }
  }

  bool takes_row() const { return state_ != State::kCommaOrEnd && state_ != State::kEnd; }

  void open(char c, Part& part) {
    if (state_ == State::kStart) state_ = State::kObjects;
    if (state_ != State::kObjects) state_ = State::kCommaOrEnd;
    open_.push_back(c);
    row_ = place_;
    row_bytes_ = 1;
    part.text += part.rows.empty() ? '[' : ',';
    part.begin_row(place_);
    part.text += c;
  }

  void separator(char c) {
    if (c == '[' && state_ == State::kStart) {
      state_ = State::kRowOrEnd;
    } else if (c == ',' && state_ == State::kCommaOrEnd) {
      state_ = State::kRow;
    } else if (c == ']' && (state_ == State::kCommaOrEnd || state_ == State::kRowOrEnd)) {
      state_ = State::kEnd;
    } else {
      fail_outside();
    }
  }

  [[noreturn]] void fail_outside() const {
    switch (state_) {
      case State::kStart:
        fail("A JSON file must begin with an array of objects, or with an object.");
      case State::kCommaOrEnd:
        fail("There must be a comma or a closing bracket after a row.");
      case State::kEnd:
        fail("There is more after the end of the array.");
      default:
        fail("A row must be a JSON object.");
    }
  }

  // Takes characters up to the end of the row, or of the chunk.
  void inside(Part& part) {
    size_t at = 0;
    while (at < chunk_.size() && !open_.empty()) {
      const char c = chunk_[at];
      if (c == '\n') new_line(at);
      if (in_string_) {
        string_character(c);
      } else {
        bracket(c, at);
      }
      ++at;
    }
    part.text += chunk_.substr(0, at);
    row_bytes_ += at;
    place_.column += at - line_start_;
    line_start_ = 0;
    chunk_.remove_prefix(at);
    if (open_.empty()) part.end_row();
    if (row_bytes_ > kMaxRowBytes) {
      input_.fail(row_, "The row is larger than 64 MiB.", CAIRN_TOO_LARGE);
    }
  }

  void new_line(size_t at) {
    if (in_string_) fail_at("A text must not go on in the next line.", at);
    ++place_.line;
    place_.column = 1;
    line_start_ = at + 1;
  }

  void string_character(char c) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
  }

  void bracket(char c, size_t at) {
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      open_.push_back(c);
    } else if (c == '}' || c == ']') {
      if (open_.back() != (c == '}' ? '{' : '[')) {
        fail_at(std::string("A '") + c + "' does not belong here.", at);
      }
      open_.pop_back();
    }
  }

  void take(char c) {
    chunk_.remove_prefix(1);
    ++place_.column;
    if (c == '\n') place_ = {place_.line + 1, 1};
  }

  void check_end() const {
    if (!open_.empty()) input_.fail(row_, "The file ends within the row that begins here.");
    if (state_ == State::kEnd || state_ == State::kObjects) return;
    fail(state_ == State::kStart ? "There is no JSON in the file."
                                 : "The file ends before the end of the array.");
  }

  [[noreturn]] void fail_at(const std::string& message, size_t at) const {
    Place place = place_;
    place.column += at - line_start_;
    input_.fail(place, "Column " + std::to_string(place.column) + ": " + message);
  }

  [[noreturn]] void fail(const std::string& message) const { fail_at(message, line_start_); }

  Input& input_;
  std::string_view chunk_;
  State state_ = State::kStart;
  std::string open_;  // the brackets that are open; empty between rows
  bool in_string_ = false;
  bool escaped_ = false;
  Place place_;            // of the next character; within inside(), of `line_start_`
  size_t line_start_ = 0;  // within inside(): where the line begins in the chunk
  Place row_;
  size_t row_bytes_ = 0;
};

}  // namespace

std::unique_ptr<RowSource> open_json(Input& input) { return std::make_unique<JsonRows>(input); }

}  // namespace cairn::cli
