// Texts for people: numbers, sizes and times, and texts from elsewhere made safe to print.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::cli {

std::string grouped(uint64_t number);                    // 135,233
std::string human_bytes(uint64_t bytes);                 // 24.1 MB
std::string human_seconds(double seconds);               // 45 ms, 1.23 s, 2 min 5 s
std::string human_rate(uint64_t count, double seconds);  // 112,000 rows/s
std::string counted(uint64_t count, std::string_view singular, std::string_view plural);

// Makes one line of any bytes: control characters, marks that reverse the direction of text and
// bytes that are not UTF-8 are shown as escapes, so that data cannot drive the terminal.
std::string printable(std::string_view text);

// The same between double quotes.
std::string in_quotes(std::string_view text);

// Columns that a text takes; it must be printable.
size_t display_width(std::string_view text);

// The text, cut with an ellipsis where it is wider than `width`.
std::string cut_to(std::string_view text, size_t width);

// Writes to the standard output; finish_output() reports what failed.
void print(std::string_view text);
void finish_output();

}  // namespace cairn::cli
