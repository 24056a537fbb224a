// Payloads and comparisons of the conformance runner; see payloads.h.
#include "payloads.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "batch_writer.h"

namespace cairn::testing {
namespace {

[[noreturn]] void fail(const std::string& expected, const std::string& actual) {
  throw std::runtime_error("expected " + expected + "\n    but got  " + actual);
}

BatchOp op_of(const std::string& name) {
  if (name == "insert") return BatchOp::Insert;
  if (name == "update") return BatchOp::Update;
  if (name == "delete") return BatchOp::Delete;
  if (name == "touch") return BatchOp::Touch;
  throw std::runtime_error("unknown operation " + name);
}

// What the JSON of a table leaves out: zeros, empty texts and lists, and the first name of an enum.
bool is_default(const Json& value) {
  static const Json kDefaults = {0,
                                 false,
                                 "",
                                 Json::array(),
                                 nullptr,
                                 "Applied",
                                 "Default",
                                 "Elect",
                                 "EnsureRemoteSubset",
                                 "Heartbeat",
                                 "None",
                                 "Nothing",
                                 "Rank",
                                 "Started"};
  return std::find(kDefaults.begin(), kDefaults.end(), value) != kDefaults.end();
}

bool is_special(const Json& value) {
  return value.is_object() && value.size() == 1 && value.begin().key().starts_with('$');
}

bool equal(const Json& a, const Json& b) { return encode_ordered(a) == encode_ordered(b); }

bool matches(const Json& expected, const Json& actual) {
  if (expected.is_object() && expected.contains("$table")) {
    const Json& table = expected.at("$table");
    return !actual.is_null() &&
           matches(table.at(1), json_of(table.at(0).get<std::string>(), raw(actual)));
  }
  if (expected.is_object() && actual.is_object() && !is_special(expected)) {
    return std::all_of(expected.items().begin(), expected.items().end(), [&](const auto& field) {
      const auto found = actual.find(field.key());
      if (found == actual.end()) return is_default(field.value());
      const bool is_value = field.key() == "value" || field.key() == "values";
      return is_value ? equal(field.value(), *found) : matches(field.value(), *found);
    });
  }
  if (expected.is_array() && actual.is_array()) {
    return std::equal(expected.begin(), expected.end(), actual.begin(), actual.end(), matches);
  }
  return equal(expected, actual);
}

Json row_of(const Json& line) {
  const std::string op = line.value("op", "insert");
  if (op == "delete") return Json::array({line.at("key")});
  if (op != "insert") throw std::runtime_error("a row that is read has the operation " + op);
  Json row = Json::array({line.at("key"), line.at("value")});
  Json extras = Json::object();
  for (const char* name : {"version", "metadata"}) {
    if (line.contains(name) && !line.at(name).is_null()) extras[name] = line.at(name);
  }
  if (!extras.empty()) row.push_back(extras);
  return row;
}

std::string text_of(const std::vector<Json>& rows) {
  std::string text;
  for (const Json& row : rows) text += "\n      " + row.dump();
  return std::to_string(rows.size()) + " rows" + text.substr(0, 4000);
}

std::vector<ReferenceRow> reference_rows(const Json& rows) {
  std::vector<ReferenceRow> made;
  for (const Json& row : rows) {
    made.push_back({row.at(0), row.at(1), row.size() > 2 ? row.at(2).at("metadata") : Json()});
  }
  return made;
}

// Bytes as {"$bytes": base64}.
Json json_of_bytes(std::string_view bytes) {
  std::string portable(1, '\x11');
  size_t left = bytes.size();
  for (; left >= 0x80; left >>= 7) portable += static_cast<char>(left | 0x80);
  portable += static_cast<char>(left);
  return to_json(portable.append(bytes));
}

}  // namespace

bool is_raw(const Json& value) {
  return value.is_object() && (value.contains("$bytes") || value.contains("$zeros"));
}

std::string raw(const Json& value) {
  if (value.contains("$zeros")) return std::string(value.at("$zeros").get<size_t>(), '\0');
  const std::string portable = encode_portable(value);  // tag, varint size, bytes
  size_t at = 1;
  while (static_cast<uint8_t>(portable.at(at)) >= 0x80) at++;
  return portable.substr(at + 1);
}

std::string table_of(std::string_view name, const Json& value) {
  if (is_raw(value)) return raw(value);
  Json whole = value;
  for (const char* field : {"payload", "message"}) {
    if (!whole.contains(field) || !whole[field].is_object() || !whole[field].contains("$table"))
      continue;
    const Json table = whole[field]["$table"];
    whole[field] = json_of_bytes(table_of(table.at(0).get<std::string>(), table.at(1)));
  }
  return make_table(name, whole.dump());
}

Json json_of(std::string_view name, std::string_view bytes) {
  return Json::parse(read_table(name, bytes));
}

std::string encode_batch(const Json& mutations) {
  BatchWriter batch;
  for (const Json& mutation : mutations) {
    const BatchOp op = op_of(mutation.at(0).get<std::string>());
    const bool has_value = op == BatchOp::Insert || op == BatchOp::Update;
    const Json change = mutation.size() > 2 && (mutation.size() > 3 || !has_value) ? mutation.back()
                                                                                   : Json::object();
    const auto metadata = change.contains("set")      ? BatchMetadata::Set
                          : change.contains("remove") ? BatchMetadata::Remove
                                                      : BatchMetadata::Keep;
    batch.add(op, encode_portable(mutation.at(1)), has_value ? encode_portable(mutation.at(2)) : "",
              metadata, change.contains("set") ? encode_portable(change.at("set")) : "");
  }
  return batch.finish();
}

Json inserts(const Json& rows) {
  Json mutations = Json::array();
  for (const Json& row : rows) {
    Json mutation = Json::array({"insert", row.at(0), row.at(1)});
    if (row.size() > 2) mutation.push_back(Json{{"set", row.at(2).at("metadata")}});
    mutations.push_back(mutation);
  }
  return mutations;
}

Json fill_rows(const Json& step) {
  Json rows = Json::array();
  const int start = step.value("start", 0);
  for (int i = start; i < start + step.at("count").get<int>(); i++) {
    Json value = {{"n", i + step.value("add", 0)}};
    if (step.contains("text")) value["t"] = std::string(step["text"].get<size_t>(), 'x');
    rows.push_back({step.value("prefix", "k") + std::to_string(i), value});
  }
  return rows;
}

std::string from_json(const Json& value) {
  const std::string text = value.dump();
  return call_for_bytes(cairn_value_from_json, text.data(), text.size());
}

Json to_json(const std::string& portable) {
  return Json::parse(call_for_bytes(cairn_value_to_json, bytes_of(portable), portable.size()));
}

std::vector<std::string> batches_of(cairn_cursor* cursor) {
  std::vector<std::string> batches;
  for (;;) {
    cairn_buffer* buffer = nullptr;
    cairn_error* error = nullptr;
    const cairn_status status = cairn_cursor_next(cursor, &buffer, &error);
    const BufferPtr owner(buffer);
    const ErrorPtr error_owner(error);
    if (status == CAIRN_DONE) return batches;
    if (status != CAIRN_OK) throw ApiError(status, cairn_error_message(error));
    const auto* data = reinterpret_cast<const char*>(cairn_buffer_data(buffer));
    batches.emplace_back(data, cairn_buffer_size(buffer));
  }
}

std::vector<Json> rows_of(const std::vector<std::string>& batches) {
  std::vector<Json> rows;
  for (const std::string& batch : batches) {
    std::istringstream lines(call_for_bytes(cairn_batch_to_json, bytes_of(batch), batch.size()));
    for (std::string line; std::getline(lines, line);) rows.push_back(row_of(Json::parse(line)));
  }
  return rows;
}

void expect_table(const Json& step, std::string_view table, const std::string& bytes) {
  if (step.contains("result")) expect_result(step, json_of(table, bytes));
}

void expect_fields(const Json& expected, const Json& actual) {
  if (!matches(expected, actual)) fail(expected.dump(), actual.dump());
}

void expect_result(const Json& step, const Json& actual) {
  if (step.contains("result")) expect_fields(step.at("result"), actual);
}

void expect_equal(const Json& expected, const Json& actual) {
  if (!equal(expected, actual)) fail(expected.dump(), actual.dump());
}

void expect_rows(const Json& expected, std::vector<Json> actual, bool any_order) {
  std::vector<Json> wanted(expected.begin(), expected.end());
  const auto by_bytes = [](const Json& a, const Json& b) {
    return encode_ordered(a) < encode_ordered(b);
  };
  if (any_order) {
    std::sort(wanted.begin(), wanted.end(), by_bytes);
    std::sort(actual.begin(), actual.end(), by_bytes);
  }
  if (!std::equal(wanted.begin(), wanted.end(), actual.begin(), actual.end(), equal))
    fail(text_of(wanted), text_of(actual));
}

void expect_digest(const Json& step, const Json& report) {
  expect_result(step, report);
  if (!step.contains("rows")) return;
  Json expected = {{"digest", ""}, {"collections", Json::array()}};
  std::vector<ReferenceCollection> collections;
  for (const auto& [name, rows] : step.at("rows").items()) {
    collections.push_back({name, reference_rows(rows)});
  }
  std::sort(collections.begin(), collections.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const ReferenceCollection& collection : collections) {
    expected["collections"].push_back({{"name", collection.name},
                                       {"rows", collection.rows.size()},
                                       {"digest", digest_of_rows(collection.rows)}});
  }
  expected["digest"] = digest_of_database(collections);
  if (!matches(expected, report)) fail(expected.dump(), report.dump());
}

void expect_error(const Json& expected, const ApiError& error) {
  const std::string status = cairn_status_name(error.status());
  const bool as_said = expected.value("status", status) == status &&
                       expected.value("message_is", error.message()) == error.message() &&
                       error.message().find(expected.value("message", "")) != std::string::npos;
  if (!as_said) fail(expected.dump(), error.what());
}

void expect_collection_digest(const Json& step, const Json& report) {
  const std::string name = step.value("in", "c");
  const std::string expected = digest_of_rows(reference_rows(step.at("rows")));
  if (step.contains("digest")) expect_equal(step.at("digest"), expected);
  for (const Json& collection : report.at("collections")) {
    if (collection.at("name") == name) return expect_equal(expected, collection.at("digest"));
  }
  throw std::runtime_error("no digest of collection " + name);
}

}  // namespace cairn::testing
