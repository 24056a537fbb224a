// Opening with care. Looking before opening is only for the sake of a clear message: the engine
// itself decides, and read-only never creates.
#include "session.h"

#include <charconv>
#include <cmath>
#include <filesystem>

#include "json_scan.h"
#include "text.h"

namespace cairn::cli {
namespace {

struct Stored {
  uint64_t schema_version;
  bool local;
};

Database open(const Target& target, bool read_only) {
  Request request;
  fb::DatabaseOptionsBuilder options(request.builder());
  options.add_read_only(read_only);
  // A person decides what becomes of a damaged file.
  options.add_damage(fb::DamagePolicy::Refuse);
  options.add_busy_timeout_ms(target.busy_timeout_ms);
  return Database(target.database, request.finish(options.Finish()));
}

void require_file(const Target& target) {
  std::error_code ignored;
  if (std::filesystem::exists(target.database, ignored)) return;
  throw Error(CAIRN_CANNOT_OPEN, "There is no database at " + in_quotes(target.database) + ".",
              "Check the path; `cairn import DB COLLECTION FILE --key FIELD` makes a new one.");
}

std::optional<Stored> stored_collection(Database& database, const std::string& name) {
  const Buffer info = database.info();
  const auto* collections = info.table<fb::DatabaseInfo>().collections();
  if (collections == nullptr) return std::nullopt;
  for (const auto* collection : *collections) {
    if (view_of(collection->name()) != name) continue;
    return Stored{collection->schema_version(), collection->local()};
  }
  return std::nullopt;
}

Collection open_as(Database& database, const std::string& name, uint64_t schema_version, bool local,
                   bool reset) {
  Request request;
  fb::CollectionOptionsBuilder options(request.builder());
  options.add_schema_version(schema_version);
  options.add_local(local);
  options.add_mismatch_policy(reset ? fb::MismatchPolicy::Reset : fb::MismatchPolicy::Error);
  return database.open(name, request.finish(options.Finish()));
}

[[noreturn]] void fail_without_collection(const Target& target) {
  throw Error(CAIRN_NOT_FOUND,
              "There is no collection " + in_quotes(target.collection) + " in " +
                  in_quotes(target.database) + ".",
              "`cairn list DB` shows the collections that are there.");
}

// The number itself, or nothing where the text is no finite number.
std::optional<double> number_of(std::string_view text) {
  double number = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!whole || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace

Database open_to_read(const Target& target) {
  require_file(target);
  return open(target, true);
}

Database open_to_write(const Target& target) {
  require_file(target);
  return open(target, false);
}

Database open_or_create(const Target& target) { return open(target, false); }

Collection open_collection(Database& database, const Target& target) {
  const auto stored = stored_collection(database, target.collection);
  if (!stored) fail_without_collection(target);
  return open_as(database, target.collection, stored->schema_version, stored->local, false);
}

Collection open_or_create_collection(Database& database, const Target& target,
                                     const WriteSettings& settings) {
  const auto stored = stored_collection(database, target.collection);
  const uint64_t schema_version =
      settings.schema_version.value_or(stored ? stored->schema_version : 1);
  const bool local = settings.local || (stored && stored->local);
  return open_as(database, target.collection, schema_version, local, settings.reset);
}

void require_collection(Database& database, const Target& target) {
  if (!stored_collection(database, target.collection)) fail_without_collection(target);
}

FileSize size_on_disk(const Target& target) {
  const auto size_of = [](const std::string& path) -> uint64_t {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
  };
  return {size_of(target.database), size_of(target.database + "-wal")};
}

Key key_of(const std::string& text, bool number) {
  std::string json;
  if (number) {
    const auto value = number_of(text);
    if (!value) {
      throw Error(CAIRN_INVALID_ARGUMENT, in_quotes(text) + " is not a finite number.",
                  "Leave --number away if the key is a text.");
    }
    json = json_number(*value);
  } else {
    const auto escaped = json_string(text);
    if (!escaped) throw Error(CAIRN_INVALID_ARGUMENT, "The key is not UTF-8 text.");
    json = *escaped;
  }
  Buffer value = value_from_json(json);
  return {std::move(value), std::move(json)};
}

std::string json_of(const flatbuffers::Vector<uint8_t>* value) {
  if (value == nullptr) return "null";
  return std::string(value_to_json({value->data(), value->size()}).text());
}

std::string_view view_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : text->string_view();
}

}  // namespace cairn::cli
