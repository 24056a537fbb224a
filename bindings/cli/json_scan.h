// Walks JSON that the engine wrote, and hands out slices of it. Nothing is parsed and written
// again, so numbers, texts and the order of fields stay as they are. Threads: any.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::cli {

// Calls `member(name, value)` for each member of an object: the name decoded, the value as it is.
void for_each_member(std::string_view object,
                     const std::function<void(std::string_view, std::string_view)>& member);

// Calls `item(value)` for each item of an array.
void for_each_item(std::string_view array, const std::function<void(std::string_view)>& item);

// A line of cairn_batch_to_json; what the line does not have is empty.
struct RowLine {
  std::string_view key;
  std::string_view op;  // with its quotes
  std::string_view value;
  std::string_view version;
  std::string_view metadata;
};

RowLine row_line(std::string_view line);

// Calls `line(text)` for each line, without its end.
void for_each_line(std::string_view text, const std::function<void(std::string_view)>& line);

// The text that a JSON string stands for.
std::string text_of(std::string_view json_string);

// The JSON string for a text; nothing where the text is not UTF-8.
std::optional<std::string> json_string(std::string_view text);

// The JSON for a finite number.
std::string json_number(double number);

}  // namespace cairn::cli
