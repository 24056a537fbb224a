// Reading JSON: nlohmann's parser feeds values to a stack, so that no second tree is built.

#include <nlohmann/json.hpp>

#include <algorithm>
#include <unordered_map>

#include "core/value/json.h"
#include "core/value/json_extended.h"
#include "core/value/object.h"

namespace cairn {
namespace {

// Deeper than any row may nest, so that the error for that names the place.
constexpr size_t kMaxJsonDepth = 3 * kMaxDepth;
constexpr size_t kMaxReason = 200;
constexpr size_t kManyFields = 32;

struct Place {
  size_t line = 1;
  size_t column = 1;
};

Place place_of(std::string_view json, size_t offset) {
  Place place;
  for (char c : json.substr(0, std::min(offset, json.size()))) {
    ++place.column;
    if (c == '\n') place = {place.line + 1, 1};
  }
  return place;
}

class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  using Sink = std::function<void(Value&&)>;

  // Gives the values at `depth`: 0 for the text's own, 1 for the elements of its array.
  Builder(std::string_view json, size_t first_line, size_t depth, Sink sink)
      : json_(json), first_line_(first_line), depth_(depth), sink_(std::move(sink)) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(Object()); }
  bool start_array(size_t) override { return open(Array()); }
  bool end_array() override { return close(); }
  bool end_object() override { return close(); }

  bool key(string_t& name) override {
    open_.back().key = std::move(name);
    return true;
  }

  bool parse_error(size_t offset, const std::string&,
                   const nlohmann::detail::exception& error) override {
    Place place = place_of(json_, offset == 0 ? 0 : offset - 1);
    std::string text = error.what();
    size_t reason = text.rfind("; ");
    malformed("line " + std::to_string(first_line_ + place.line - 1) + ", column " +
              std::to_string(place.column) + ": no JSON" +
              (reason == std::string::npos ? "" : ": " + text.substr(reason + 2, kMaxReason)));
  }

 private:
  // An array or object that has not ended.
  struct Open {
    Value value;
    std::string key;                                 // of the field whose value comes next
    std::unordered_map<std::string, size_t> places;  // of its fields, where there are many
  };

  bool open(Value container) {
    if (open_.size() >= kMaxJsonDepth) malformed("JSON that nests too deep");
    open_.push_back({std::move(container), {}, {}});
    return true;
  }

  bool close() {
    Value value = std::move(open_.back().value);
    open_.pop_back();
    if (auto* object = value.get<Object>()) return add(from_extended(std::move(*object)));
    if (depth_ == 1 && open_.empty()) return true;  // the array around the rows
    return add(std::move(value));
  }

  bool add(Value value) {
    if (open_.size() <= depth_ && (depth_ == 0 ? open_.empty() : open_.size() == 1)) {
      sink_(std::move(value));
    } else if (open_.empty()) {
      malformed("a JSON array of rows is expected");
    } else if (auto* items = open_.back().value.get<Array>()) {
      items->push_back(std::move(value));
    } else {
      set_field(open_.back(), std::move(value));
    }
    return true;
  }

  // As JavaScript does: a name that stands twice has its last value, in its first place.
  void set_field(Open& open, Value value) {
    Object& object = *open.value.get<Object>();
    size_t place = place_of_field(open, object);
    if (place < object.size()) {
      object[place].second = std::move(value);
      return;
    }
    if (object.size() == kMaxFields) throw ValueError("an object with more than 65,535 fields");
    object.emplace_back(std::move(open.key), std::move(value));
  }

  static size_t place_of_field(Open& open, const Object& object) {
    if (object.size() >= kManyFields) {
      for (size_t i = open.places.size(); i < object.size(); ++i)
        open.places.emplace(object[i].first, i);
      auto found = open.places.find(open.key);
      return found == open.places.end() ? object.size() : found->second;
    }
    size_t place = 0;
    while (place < object.size() && object[place].first != open.key) ++place;
    return place;
  }

  std::string_view json_;
  size_t first_line_;
  size_t depth_;
  Sink sink_;
  std::vector<Open> open_;
};

void parse(std::string_view json, size_t first_line, size_t depth, Builder::Sink sink) {
  Builder builder(json, first_line, depth, std::move(sink));
  nlohmann::json::sax_parse(json.begin(), json.end(), &builder);
}

}  // namespace

Value parse_json(std::string_view json) {
  Value result;
  parse(json, 1, 0, [&](Value&& value) { result = std::move(value); });
  return result;
}

void parse_json_rows(std::string_view json,
                     const std::function<void(Value&& value, size_t line)>& row) {
  constexpr std::string_view kSpace = " \t\r\n";
  size_t start = json.find_first_not_of(kSpace);
  if (start == std::string_view::npos) return;
  if (json[start] == '[') {
    size_t number = 0;
    return parse(json, 1, 1, [&](Value&& value) { row(std::move(value), ++number); });
  }
  for (size_t line = 1; !json.empty(); ++line) {
    size_t end = std::min(json.find('\n'), json.size());
    std::string_view text = json.substr(0, end);
    if (text.find_first_not_of(kSpace) != std::string_view::npos)
      parse(text, line, 0, [&](Value&& value) { row(std::move(value), line); });
    json.remove_prefix(std::min(end + 1, json.size()));
  }
}

}  // namespace cairn
