// What the tool asks of the operating system: terminals, the width of characters, and temporary
// files that go when the tool is stopped. For the main thread alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

namespace cairn::cli {

// Called once, before anything is printed.
void prepare_terminal();

bool is_terminal(std::FILE* stream);

// A terminal on which a line can be written again.
bool can_redraw(std::FILE* stream);

// Columns of the terminal at `stream`, or COLUMNS where that is set; 0 where there is no limit.
size_t terminal_width(std::FILE* stream);

// Columns that a character takes: 0, 1 or 2.
size_t character_width(char32_t character);

unsigned long process_id();

// Has the file deleted when a signal ends the tool; "" for none any more. One file at a time.
void delete_when_stopped(const std::string& path);

// Hands what was written to the stream over to the disk. False: see errno.
bool sync_to_disk(std::FILE* stream);

// A monotonic clock, in seconds.
double seconds_now();

}  // namespace cairn::cli
