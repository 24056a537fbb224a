// How commands open what they work on: readers never create or change anything, writers keep the
// stored schema version and locality unless they are told otherwise. For one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine.h"

namespace cairn::cli {

// What every command takes.
struct Target {
  std::string database;
  std::string collection;
  bool json = false;
  uint32_t busy_timeout_ms = 5000;
};

// What a command says about the collection that it writes.
struct WriteSettings {
  std::optional<uint64_t> schema_version;
  bool local = false;
  bool reset = false;  // another schema version empties the collection
};

Database open_to_read(const Target& target);
Database open_to_write(const Target& target);  // only one that is there
Database open_or_create(const Target& target);

// A collection that is there, as it is.
Collection open_collection(Database& database, const Target& target);

// The same, or a new one.
Collection open_or_create_collection(Database& database, const Target& target,
                                     const WriteSettings& settings);

// Ends the command if the database has no collection of the target's name.
void require_collection(Database& database, const Target& target);

// The size of the file and of its journal. To be asked for when the database is closed: opening it
// once more would leave files beside it.
struct FileSize {
  uint64_t file = 0;
  uint64_t journal = 0;
};
FileSize size_on_disk(const Target& target);

// A key of the command line as a portable value: a text, or a number.
struct Key {
  Buffer value;
  std::string json;
};
Key key_of(const std::string& text, bool number);

// The JSON of a portable value that stands in a table.
std::string json_of(const flatbuffers::Vector<uint8_t>* value);

std::string_view view_of(const flatbuffers::String* text);

}  // namespace cairn::cli
