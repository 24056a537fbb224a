#include "table_json.h"

#include <algorithm>
#include <cmath>

#include "core/value/json.h"
#include "json_tree.h"
#include "table_type.h"

namespace cairn::capi {
namespace {

using flatbuffers::TypeTable;
using flatbuffers::uoffset_t;

// --- from JSON ---

[[noreturn]] void bad_field(const FieldType& field, const std::string& what) {
  malformed(std::string("field \"") + field.name + "\": " + what);
}

uint64_t enum_value(const FieldType& field, const Json& json) {
  if (auto* number = json.get<uint64_t>()) return *number;
  auto* name = json.get<std::string>();
  for (size_t i = 0; name != nullptr && i < field.type->num_elems; ++i)
    if (*name == field.type->names[i])
      return field.type->values == nullptr ? i : static_cast<uint64_t>(field.type->values[i]);
  bad_field(field, "no such name");
}

uint64_t unsigned_value(const FieldType& field, const Json& json, uint64_t most) {
  if (field.type != nullptr) return enum_value(field, json);
  auto* number = json.get<uint64_t>();
  if (number == nullptr || *number > most)
    bad_field(field, "a number from 0 to " + std::to_string(most) + " is expected");
  return *number;
}

int64_t signed_value(const FieldType& field, const Json& json, int64_t least, int64_t most) {
  auto* number = json.get<uint64_t>();
  if (number != nullptr && *number <= static_cast<uint64_t>(most))
    return static_cast<int64_t>(*number);
  // Below 0 the parser gives doubles.
  auto* below = json.get<double>();
  bool fits = below != nullptr && *below < 0 && *below >= static_cast<double>(least) &&
              *below == std::trunc(*below);
  if (!fits) bad_field(field, "an integer is expected, and one that fits");
  return static_cast<int64_t>(*below);
}

class TableWriter {
 public:
  uoffset_t table(const TypeTable& type, const Json& json) {
    auto* fields = json.get<Json::Object>();
    if (fields == nullptr) malformed("a table is written as a JSON object");
    std::vector<std::pair<FieldType, uoffset_t>> offsets;
    std::vector<std::pair<FieldType, const Json*>> scalars;
    for (const auto& [name, value] : *fields) {
      FieldType field = find(type, name);
      if (value.is_null() && !field.is_portable()) continue;
      if (field.repeating || field.is_table() || field.base == flatbuffers::ET_STRING) {
        offsets.emplace_back(field, offset_value(field, value));
      } else {
        scalars.emplace_back(field, &value);
      }
    }
    uoffset_t start = builder_.StartTable();
    for (const auto& [field, offset] : offsets)
      builder_.AddOffset(field.offset, flatbuffers::Offset<void>(offset));
    for (const auto& [field, value] : scalars) scalar(field, *value);
    return builder_.EndTable(start);
  }

  Table finish(uoffset_t root) {
    return builder_.finish(flatbuffers::Offset<flatbuffers::Table>(root));
  }

 private:
  static FieldType find(const TypeTable& type, const std::string& name) {
    for (size_t i = 0; i < type.num_elems; ++i)
      if (name == type.names[i]) return FieldType(type, i);
    malformed("the table has no field \"" + name + "\"");
  }

  void scalar(const FieldType& field, const Json& json) {
    switch (field.base) {
      case flatbuffers::ET_BOOL:
        if (json.get<bool>() == nullptr) bad_field(field, "true or false is expected");
        return builder_.AddElement<uint8_t>(field.offset, *json.get<bool>());
      case flatbuffers::ET_UCHAR:
        return builder_.AddElement(field.offset,
                                   static_cast<uint8_t>(unsigned_value(field, json, UINT8_MAX)));
      case flatbuffers::ET_USHORT:
        return builder_.AddElement(field.offset,
                                   static_cast<uint16_t>(unsigned_value(field, json, UINT16_MAX)));
      case flatbuffers::ET_UINT:
        return builder_.AddElement(field.offset,
                                   static_cast<uint32_t>(unsigned_value(field, json, UINT32_MAX)));
      case flatbuffers::ET_ULONG:
        return builder_.AddElement(field.offset, unsigned_value(field, json, UINT64_MAX));
      case flatbuffers::ET_INT:
        return builder_.AddElement(
            field.offset, static_cast<int32_t>(signed_value(field, json, INT32_MIN, INT32_MAX)));
      case flatbuffers::ET_LONG:
        return builder_.AddElement(field.offset, signed_value(field, json, INT64_MIN, INT64_MAX));
      default:
        bad_field(field, "not a field of requests");
    }
  }

  uoffset_t offset_value(const FieldType& field, const Json& json) {
    if (field.is_portable()) {
      ByteBuffer value;
      encode_value(to_value(json), value);
      return builder_.CreateVector(value.data(), value.size()).o;
    }
    if (field.is_raw()) return raw(field, json);
    if (field.is_subset()) return subset(json);
    if (field.repeating) return vector(field, json);
    if (field.is_table()) return table(*field.type, json);
    auto* text = json.get<std::string>();
    if (text == nullptr) bad_field(field, "a text is expected");
    return builder_.CreateString(*text).o;
  }

  uoffset_t raw(const FieldType& field, const Json& json) {
    Value value = to_value(json);
    auto* lines = value.get<Array>();
    if (field.is_rows() && lines != nullptr) {
      Table batch = batch_from_lines(*lines);
      return nested({batch.data(), batch.size()});
    }
    auto* bytes = value.get<std::vector<uint8_t>>();
    if (bytes == nullptr) bad_field(field, "bytes are expected");
    return nested({bytes->data(), bytes->size()});
  }

  uoffset_t subset(const Json& json) {
    TableWriter writer;
    Table table = writer.finish(writer.table(*root_of("Subset").type(), json));
    return nested({table.data(), table.size()});
  }

  uoffset_t nested(Bytes bytes) {
    builder_.ForceVectorAlignment(bytes.size(), 1, 16);
    return builder_.CreateVector(bytes.data(), bytes.size()).o;
  }

  uoffset_t vector(const FieldType& field, const Json& json) {
    auto* items = json.get<Json::Array>();
    if (items == nullptr) bad_field(field, "an array is expected");
    if (field.base == flatbuffers::ET_UINT) {
      std::vector<uint32_t> numbers;
      for (const Json& entry : *items)
        numbers.push_back(static_cast<uint32_t>(unsigned_value(field, entry, UINT32_MAX)));
      return builder_.CreateVector(numbers).o;
    }
    FieldType one = field;
    one.repeating = false;
    if (!one.is_table() && one.base != flatbuffers::ET_STRING)
      bad_field(field, "not a field of requests");
    std::vector<flatbuffers::Offset<void>> entries;
    for (const Json& entry : *items) entries.emplace_back(offset_value(one, entry));
    return builder_.CreateVector(entries).o;
  }

  TableBuilder builder_;
};

// --- to JSON ---

template <typename T>
void write_number(const FieldType& field, const uint8_t* at, std::string& out) {
  T value = flatbuffers::ReadScalar<T>(at);
  const TypeTable* type = field.type;
  for (size_t i = 0; type != nullptr && i < type->num_elems; ++i)
    if (static_cast<int64_t>(value) ==
        (type->values == nullptr ? static_cast<int64_t>(i) : type->values[i]))
      return write_json(type->names[i], out);
  if constexpr (std::is_integral_v<T>) {
    out += std::to_string(value);
  } else {
    write_json(static_cast<double>(value), out);
  }
}

void write_scalar(const FieldType& field, const uint8_t* at, std::string& out) {
  switch (field.base) {
    case flatbuffers::ET_BOOL:
      return write_json(flatbuffers::ReadScalar<uint8_t>(at) != 0, out);
    case flatbuffers::ET_UCHAR:
      return write_number<uint8_t>(field, at, out);
    case flatbuffers::ET_USHORT:
      return write_number<uint16_t>(field, at, out);
    case flatbuffers::ET_UINT:
      return write_number<uint32_t>(field, at, out);
    case flatbuffers::ET_ULONG:
      return write_number<uint64_t>(field, at, out);
    case flatbuffers::ET_INT:
      return write_number<int32_t>(field, at, out);
    case flatbuffers::ET_LONG:
      return write_number<int64_t>(field, at, out);
    case flatbuffers::ET_DOUBLE:
      return write_number<double>(field, at, out);
    default:
      return write_json(nullptr, out);
  }
}

void write_table(const TypeTable& type, const flatbuffers::Table& table, std::string& out);

// What stands behind an offset that is not a vector.
void write_object(const FieldType& field, const uint8_t* at, std::string& out) {
  if (field.is_table())
    return write_table(*field.type, *reinterpret_cast<const flatbuffers::Table*>(at), out);
  write_json(reinterpret_cast<const flatbuffers::String*>(at)->str(), out);
}

void write_portable(const uint8_t* at, std::string& out) {
  auto& bytes = *reinterpret_cast<const flatbuffers::Vector<uint8_t>*>(at);
  write_json(decode_value({bytes.data(), bytes.size()}), out);
}

void write_raw(const uint8_t* at, std::string& out) {
  auto& bytes = *reinterpret_cast<const flatbuffers::Vector<uint8_t>*>(at);
  write_json(Value(std::vector<uint8_t>(bytes.begin(), bytes.end())), out);
}

// False where it is no row batch.
bool write_rows(const uint8_t* at, std::string& out) {
  auto& bytes = *reinterpret_cast<const flatbuffers::Vector<uint8_t>*>(at);
  std::string lines;
  try {
    lines = batch_to_json({bytes.data(), bytes.size()});
  } catch (const Error&) {
    return false;
  }
  if (!lines.empty()) lines.pop_back();
  std::replace(lines.begin(), lines.end(), '\n', ',');  // texts have none: it is escaped
  out += '[' + lines + ']';
  return true;
}

void write_subset(const uint8_t* at, std::string& out) {
  auto& bytes = *reinterpret_cast<const flatbuffers::Vector<uint8_t>*>(at);
  out += table_to_json("Subset", {bytes.data(), bytes.size()});
}

void write_vector(const FieldType& field, const uint8_t* at, std::string& out) {
  if (field.is_rows() && write_rows(at, out)) return;
  if (field.is_raw()) return write_raw(at, out);
  if (field.is_subset()) return write_subset(at, out);
  bool offsets = field.is_table() || field.base == flatbuffers::ET_STRING;
  size_t width = offsets ? sizeof(uoffset_t) : flatbuffers::InlineSize(field.base, field.type);
  const uint8_t* entry = at + sizeof(uoffset_t);
  out += '[';
  for (uoffset_t left = flatbuffers::ReadScalar<uoffset_t>(at); left > 0; --left, entry += width) {
    if (offsets) {
      write_object(field, entry + flatbuffers::ReadScalar<uoffset_t>(entry), out);
    } else {
      write_scalar(field, entry, out);
    }
    if (left > 1) out += ',';
  }
  out += ']';
}

void write_field(const FieldType& field, const uint8_t* at, std::string& out) {
  bool offset = field.repeating || field.is_table() || field.base == flatbuffers::ET_STRING;
  if (!offset) return write_scalar(field, at, out);
  at += flatbuffers::ReadScalar<uoffset_t>(at);
  if (field.is_portable()) return write_portable(at, out);
  if (field.repeating) return write_vector(field, at, out);
  write_object(field, at, out);
}

void write_table(const TypeTable& type, const flatbuffers::Table& table, std::string& out) {
  char before = '{';
  for (size_t i = 0; i < type.num_elems; ++i) {
    FieldType field(type, i);
    const uint8_t* at = table.GetAddressOf(field.offset);
    if (at == nullptr) continue;
    out += std::exchange(before, ',');
    write_json(field.name, out);
    out += ':';
    write_field(field, at, out);
  }
  out += before == '{' ? "{}" : "}";
}

}  // namespace

Table table_from_json(const std::string& table, std::string_view text) {
  const Root& root = root_of(table);
  Json json = parse_tree(text, table);
  TableWriter writer;
  return writer.finish(writer.table(*root.type(), json));
}

std::string table_to_json(const std::string& table, Bytes bytes) {
  const Root& root = root_of(table);
  ByteBuffer aligned;
  aligned.put(bytes);
  if (!root.verifies(aligned.bytes())) malformed("not a " + table + " table");
  std::string json;
  write_table(*root.type(), *flatbuffers::GetRoot<flatbuffers::Table>(aligned.data()), json);
  return json;
}

}  // namespace cairn::capi
