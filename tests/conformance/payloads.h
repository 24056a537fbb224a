// What the conformance runner sends and what it expects: batches from a scenario's mutations, rows
// out of the engine's batches, and comparisons that throw std::runtime_error with both sides.
// Plain functions, for any thread.
#pragma once

#include <cairn.h>

#include <string>
#include <string_view>
#include <vector>

#include "api.h"
#include "reference.h"

namespace cairn::testing {

// A table of schemas/ from JSON, with {"$table": [name, table]} for bytes in it, and back. Bytes
// that are given as {"$bytes": base64} or {"$zeros": n} stand as they are.
std::string table_of(std::string_view name, const Json& value);
Json json_of(std::string_view name, std::string_view bytes);
bool is_raw(const Json& value);
std::string raw(const Json& value);

// A row batch of [op, key, value?, {"set": metadata} or {"remove": true}?] entries.
std::string encode_batch(const Json& mutations);

// Rows as [key, value, {"metadata": m}?] entries, as mutations that insert them.
Json inserts(const Json& rows);

// The rows of a step `fill`.
Json fill_rows(const Json& step);

// A portable value by the engine's own reading of JSON, and back.
std::string from_json(const Json& value);
Json to_json(const std::string& portable);

// All batches that a cursor has left.
std::vector<std::string> batches_of(cairn_cursor* cursor);

// The rows of batches as [key, value, {"version": n, "metadata": m}?], or [key] where deleted.
std::vector<Json> rows_of(const std::vector<std::string>& batches);

// What the step says of a table under "result": every field there must be so in the table. A field
// that the table's JSON leaves out has its default.
void expect_table(const Json& step, std::string_view table, const std::string& bytes);
void expect_fields(const Json& expected, const Json& actual);
void expect_result(const Json& step, const Json& actual);

// The error that the step says: any, or one with this status and message.
void expect_error(const Json& expected, const ApiError& error);

// Equal as values, the order of fields included.
void expect_equal(const Json& expected, const Json& actual);
void expect_rows(const Json& expected, std::vector<Json> actual, bool any_order);

// Compares the DigestReport with the pinned digests and, where the step gives the rows themselves,
// with what the reference makes of them.
void expect_digest(const Json& step, const Json& report);
// Compares one collection's digest with that of the step's rows, and that with the pinned "digest".
void expect_collection_digest(const Json& step, const Json& report);

}  // namespace cairn::testing
