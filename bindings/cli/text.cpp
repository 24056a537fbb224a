// Formatting of numbers and of texts from outside. A decoder that accepts any bytes stands at the
// bottom: what is printed may come from hostile data.
#include "text.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine.h"
#include "terminal.h"

namespace cairn::cli {
namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

template <class... Arguments>
std::string formatted(const char* format, Arguments... arguments) {
  std::array<char, 96> out{};
  std::snprintf(out.data(), out.size(), format, arguments...);
  return out.data();
}

// Length of the sequence that a first byte announces; 0 where none begins with it.
size_t sequence_size(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

struct Character {
  char32_t code = kInvalid;
  size_t size = 1;
};

Character first_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const size_t size = sequence_size(first);
  if (size == 1) return {first, 1};
  if (size == 0 || size > text.size()) return {};
  char32_t code = first & (0xFF >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return {};
    code = code << 6 | (byte & 0x3F);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
  return {code, size};
}

// Characters that move the cursor or turn the direction of the text around them.
bool is_unsafe(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200E && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::string escape_of(char32_t code) {
  if (code == '\n') return "\\n";
  if (code == '\t') return "\\t";
  if (code == '\r') return "\\r";
  return formatted(code < 0x100 ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(code));
}

}  // namespace

std::string grouped(uint64_t number) {
  std::string out = std::to_string(number);
  for (size_t at = out.size(); at > 3;) out.insert(at -= 3, ",");
  return out;
}

std::string human_bytes(uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " bytes";
  auto size = static_cast<double>(bytes) / 1000;
  const char* unit = "kB";
  for (const char* next : {"MB", "GB", "TB"}) {
    if (size < 999.95) break;
    size /= 1000;
    unit = next;
  }
  return formatted("%.1f %s", size, unit);
}

std::string human_seconds(double seconds) {
  if (seconds < 0.01) return formatted("%.1f ms", seconds * 1000);
  if (seconds < 1) return formatted("%.0f ms", seconds * 1000);
  if (seconds < 120) return formatted("%.2f s", seconds);
  const auto whole = static_cast<unsigned long>(seconds);
  return formatted("%lu min %lu s", whole / 60, whole % 60);
}

std::string human_rate(uint64_t count, double seconds) {
  if (seconds <= 0) return "-";
  return grouped(static_cast<uint64_t>(static_cast<double>(count) / seconds)) + " rows/s";
}

std::string counted(uint64_t count, std::string_view singular, std::string_view plural) {
  return grouped(count) + " " + std::string(count == 1 ? singular : plural);
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.code == kInvalid) {
      out += formatted("\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(text[0])));
    } else if (is_unsafe(character.code)) {
      out += escape_of(character.code);
    } else {
      out += text.substr(0, character.size);
    }
    text.remove_prefix(character.size);
  }
  return out;
}

std::string in_quotes(std::string_view text) { return '"' + printable(text) + '"'; }

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    width += character.code < 0x80 ? 1 : character_width(character.code);
    text.remove_prefix(character.size);
  }
  return width;
}

std::string cut_to(std::string_view text, size_t width) {
  if (text.size() <= width || display_width(text) <= width) return std::string(text);
  if (width == 0) return "";
  size_t used = 0;
  size_t at = 0;
  while (at < text.size()) {
    const Character character = first_character(text.substr(at));
    const size_t step = character.code < 0x80 ? 1 : character_width(character.code);
    if (used + step > width - 1) break;
    used += step;
    at += character.size;
  }
  return std::string(text.substr(0, at)) + "…";
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void finish_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw Error(std::string("The output cannot be written: ") + std::strerror(errno));
}

}  // namespace cairn::cli
