// JSON in and out, for tools and tests. What JSON cannot say is written as an object with one
// field, such as {"$bigint": "1"} (cairn/value.h lists them). Pure functions, any thread.
#pragma once

#include <functional>
#include <string>

#include "core/value/batch_builder.h"
#include "core/value/value.h"

namespace cairn {

// Reads one JSON text. Throws kMalformed with line and column, kInvalidValue.
Value parse_json(std::string_view json);

// Reads the elements of a JSON array, or values one after another on lines of their own. Each is
// given with the number of its line.
void parse_json_rows(std::string_view json,
                     const std::function<void(Value&& value, size_t line)>& row);

void write_json(const Value& value, std::string& out);
std::string to_json(const Value& value);

// A row batch of inserts from JSON rows; `key_field` is the field with each row's key.
Table batch_from_json(std::string_view json, std::string_view key_field);

// A line of JSON for each row of a batch. Metadata that a change removes is undefined there, and so
// is a field that an update removes. Of an insert it says nothing where metadata is removed.
std::string batch_to_json(Bytes batch);

// The reverse: a row batch from objects such as those lines are. Undefined metadata is removed, of
// an insert too.
Table batch_from_lines(const Array& lines);

}  // namespace cairn
