// The scanner: values are skipped by their brackets and quotes. It trusts that its input is JSON,
// and throws where that is not so.
#include "json_scan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine.h"

namespace cairn::cli {
namespace {

[[noreturn]] void unexpected() {
  throw Error(CAIRN_INTERNAL, "The engine wrote JSON that this tool does not understand.");
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

void skip_space(std::string_view text, size_t& at) {
  while (at < text.size() && is_space(text[at])) ++at;
}

// `at` is on a quote; afterwards it is behind the closing one.
void skip_string(std::string_view text, size_t& at) {
  for (++at;;) {
    at = text.find_first_of("\"\\", at);
    if (at == std::string_view::npos) unexpected();
    if (text[at] == '"') break;
    at += 2;
  }
  ++at;
}

void skip_nested(std::string_view text, size_t& at) {
  for (size_t depth = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      skip_string(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return;
  }
  unexpected();
}

std::string_view take_value(std::string_view text, size_t& at) {
  const size_t start = at;
  if (at >= text.size()) unexpected();
  if (text[at] == '"') {
    skip_string(text, at);
  } else if (text[at] == '{' || text[at] == '[') {
    skip_nested(text, at);
  } else {
    at = std::min(text.find_first_of(",]} \n\r\t", at), text.size());
  }
  if (at == start) unexpected();
  return text.substr(start, at - start);
}

void expect(std::string_view text, size_t& at, char c) {
  skip_space(text, at);
  if (at >= text.size() || text[at] != c) unexpected();
  ++at;
  skip_space(text, at);
}

}  // namespace

void for_each_member(std::string_view object,
                     const std::function<void(std::string_view, std::string_view)>& member) {
  size_t at = 0;
  expect(object, at, '{');
  while (at < object.size() && object[at] != '}') {
    const std::string_view name = take_value(object, at);
    if (name.front() != '"') unexpected();
    expect(object, at, ':');
    const std::string_view value = take_value(object, at);
    const bool plain = name.find('\\') == std::string_view::npos;
    if (plain) {
      member(name.substr(1, name.size() - 2), value);
    } else {
      member(text_of(name), value);
    }
    skip_space(object, at);
    if (at < object.size() && object[at] == ',') expect(object, at, ',');
  }
}

void for_each_item(std::string_view array, const std::function<void(std::string_view)>& item) {
  size_t at = 0;
  expect(array, at, '[');
  while (at < array.size() && array[at] != ']') {
    item(take_value(array, at));
    skip_space(array, at);
    if (at < array.size() && array[at] == ',') expect(array, at, ',');
  }
}

RowLine row_line(std::string_view line) {
  RowLine row;
  for_each_member(line, [&row](std::string_view name, std::string_view value) {
    if (name == "key") row.key = value;
    if (name == "op") row.op = value;
    if (name == "value") row.value = value;
    if (name == "version") row.version = value;
    if (name == "metadata") row.metadata = value;
  });
  return row;
}

void for_each_line(std::string_view text, const std::function<void(std::string_view)>& line) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string text_of(std::string_view json_string) {
  if (json_string.find('\\') == std::string_view::npos) {
    return std::string(json_string.substr(1, json_string.size() - 2));
  }
  const auto parsed = nlohmann::json::parse(json_string, nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : std::string(json_string);
}

std::optional<std::string> json_string(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c != '"' && c != '\\' && c != '\x7f';
  });
  if (plain) return '"' + std::string(text) + '"';
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::string json_number(double number) {
  if (number == 0 && std::signbit(number)) return R"({"$number":"-0"})";
  std::array<char, 32> out{};
  const auto written = std::to_chars(out.data(), out.data() + out.size(), number);
  return std::string(out.data(), written.ptr);
}

}  // namespace cairn::cli
