#include "table_json.h"

#include <flatbuffers/minireflect.h>

#include <nlohmann/json.hpp>

#include "cairn/schemas/requests_generated.h"
#include "core/value/json.h"

namespace cairn::capi {
namespace {

using flatbuffers::ElementaryType;
using flatbuffers::TypeTable;
using flatbuffers::uoffset_t;
using flatbuffers::voffset_t;
using Json = nlohmann::ordered_json;

template <typename T>
bool verifies(Bytes bytes) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), /*max_depth=*/128);
  return bytes.size() >= 8 && verifier.VerifyBuffer<T>(nullptr);
}

// The tables that are buffers of their own.
struct Root {
  const char* name;
  bool (*verifies)(Bytes);
  const TypeTable* (*type)();
};

// clang-format off
#define CAIRN_ROOT(name) {#name, &verifies<fb::name>, &fb::name##TypeTable}
// clang-format on
constexpr Root kRoots[] = {
    CAIRN_ROOT(Subset),         CAIRN_ROOT(DatabaseOptions),    CAIRN_ROOT(DatabaseInfo),
    CAIRN_ROOT(CheckOptions),   CAIRN_ROOT(CheckReport),        CAIRN_ROOT(DigestReport),
    CAIRN_ROOT(BackupReport),   CAIRN_ROOT(CollectionOptions),  CAIRN_ROOT(CollectionInfo),
    CAIRN_ROOT(MetadataReport), CAIRN_ROOT(LoadRequest),        CAIRN_ROOT(DeltaRequest),
    CAIRN_ROOT(CursorHead),     CAIRN_ROOT(TransactionOptions), CAIRN_ROOT(CommitResult),
};
#undef CAIRN_ROOT

const Root& root_of(const std::string& table) {
  for (const Root& root : kRoots)
    if (table == root.name) return root;
  throw Error(Status::kInvalidArgument, "there is no table \"" + table + "\" in schemas/");
}

// One field of a table, as the generated code describes it.
struct FieldType {
  FieldType(const TypeTable& table, size_t i)
      : name(table.names[i]),
        base(static_cast<ElementaryType>(table.type_codes[i].base_type)),
        repeating(table.type_codes[i].is_repeating != 0),
        type(table.type_codes[i].sequence_ref < 0
                 ? nullptr
                 : table.type_refs[table.type_codes[i].sequence_ref]()),
        offset(flatbuffers::FieldIndexToOffset(static_cast<voffset_t>(i))) {}

  bool is_table() const { return base == flatbuffers::ET_SEQUENCE; }
  // Byte vectors of requests and results hold portable values. Row batches are not among them.
  bool is_portable() const { return base == flatbuffers::ET_UCHAR && repeating && !type; }

  const char* name;
  ElementaryType base;
  bool repeating;
  const TypeTable* type;
  voffset_t offset;
};

// --- from JSON ---

[[noreturn]] void bad_field(const FieldType& field, const std::string& what) {
  malformed(std::string("field \"") + field.name + "\": " + what);
}

uint64_t enum_value(const FieldType& field, const Json& json) {
  if (json.is_number_unsigned()) return json.get<uint64_t>();
  for (size_t i = 0; json.is_string() && i < field.type->num_elems; ++i)
    if (json.get_ref<const std::string&>() == field.type->names[i])
      return field.type->values == nullptr ? i : static_cast<uint64_t>(field.type->values[i]);
  bad_field(field, "no such name");
}

uint64_t unsigned_value(const FieldType& field, const Json& json, uint64_t most) {
  if (field.type != nullptr) return enum_value(field, json);
  if (!json.is_number_unsigned() || json.get<uint64_t>() > most)
    bad_field(field, "a number from 0 to " + std::to_string(most) + " is expected");
  return json.get<uint64_t>();
}

class TableWriter {
 public:
  uoffset_t table(const TypeTable& type, const Json& json) {
    if (!json.is_object()) malformed("a table is written as a JSON object");
    std::vector<std::pair<FieldType, uoffset_t>> offsets;
    std::vector<std::pair<FieldType, const Json*>> scalars;
    for (const auto& [name, value] : json.items()) {
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
        if (!json.is_boolean()) bad_field(field, "true or false is expected");
        return builder_.AddElement<uint8_t>(field.offset, json.get<bool>());
      case flatbuffers::ET_UCHAR:
        return builder_.AddElement(field.offset,
                                   static_cast<uint8_t>(unsigned_value(field, json, UINT8_MAX)));
      case flatbuffers::ET_UINT:
        return builder_.AddElement(field.offset,
                                   static_cast<uint32_t>(unsigned_value(field, json, UINT32_MAX)));
      case flatbuffers::ET_ULONG:
        return builder_.AddElement(field.offset, unsigned_value(field, json, UINT64_MAX));
      default:
        bad_field(field, "not a field of requests");
    }
  }

  uoffset_t offset_value(const FieldType& field, const Json& json) {
    if (field.is_portable()) {
      ByteBuffer value;
      encode_value(parse_json(json.dump()), value);
      return builder_.CreateVector(value.data(), value.size()).o;
    }
    if (field.repeating) return vector(field, json);
    if (field.is_table()) return table(*field.type, json);
    if (!json.is_string()) bad_field(field, "a text is expected");
    return builder_.CreateString(json.get_ref<const std::string&>()).o;
  }

  uoffset_t vector(const FieldType& field, const Json& json) {
    if (!json.is_array()) bad_field(field, "an array is expected");
    if (field.base == flatbuffers::ET_UINT) {
      std::vector<uint32_t> numbers;
      for (const Json& entry : json)
        numbers.push_back(static_cast<uint32_t>(unsigned_value(field, entry, UINT32_MAX)));
      return builder_.CreateVector(numbers).o;
    }
    FieldType one = field;
    one.repeating = false;
    if (!one.is_table() && one.base != flatbuffers::ET_STRING)
      bad_field(field, "not a field of requests");
    std::vector<flatbuffers::Offset<void>> entries;
    for (const Json& entry : json) entries.emplace_back(offset_value(one, entry));
    return builder_.CreateVector(entries).o;
  }

  TableBuilder builder_;
};

// --- to JSON ---

Json enum_name(const FieldType& field, uint64_t value) {
  for (size_t i = 0; i < field.type->num_elems; ++i)
    if (value == (field.type->values == nullptr ? i : static_cast<uint64_t>(field.type->values[i])))
      return field.type->names[i];
  return value;
}

template <typename T>
Json number(const FieldType& field, const uint8_t* at) {
  T value = flatbuffers::ReadScalar<T>(at);
  return field.type != nullptr ? enum_name(field, static_cast<uint64_t>(value)) : Json(value);
}

Json scalar_json(const FieldType& field, const uint8_t* at) {
  switch (field.base) {
    case flatbuffers::ET_BOOL:
      return flatbuffers::ReadScalar<uint8_t>(at) != 0;
    case flatbuffers::ET_UCHAR:
      return number<uint8_t>(field, at);
    case flatbuffers::ET_USHORT:
      return number<uint16_t>(field, at);
    case flatbuffers::ET_UINT:
      return number<uint32_t>(field, at);
    case flatbuffers::ET_ULONG:
      return number<uint64_t>(field, at);
    case flatbuffers::ET_INT:
      return number<int32_t>(field, at);
    case flatbuffers::ET_DOUBLE:
      return number<double>(field, at);
    default:
      return nullptr;
  }
}

Json table_json(const TypeTable& type, const flatbuffers::Table& table);

// What stands behind an offset that is not a vector.
Json object_json(const FieldType& field, const uint8_t* at) {
  if (field.is_table())
    return table_json(*field.type, *reinterpret_cast<const flatbuffers::Table*>(at));
  return reinterpret_cast<const flatbuffers::String*>(at)->str();
}

Json portable_json(const uint8_t* at) {
  auto& bytes = *reinterpret_cast<const flatbuffers::Vector<uint8_t>*>(at);
  return Json::parse(to_json(decode_value({bytes.data(), bytes.size()})));
}

Json vector_json(const FieldType& field, const uint8_t* at) {
  bool offsets = field.is_table() || field.base == flatbuffers::ET_STRING;
  size_t width = offsets ? sizeof(uoffset_t) : flatbuffers::InlineSize(field.base, field.type);
  Json list = Json::array();
  const uint8_t* entry = at + sizeof(uoffset_t);
  for (uoffset_t left = flatbuffers::ReadScalar<uoffset_t>(at); left > 0; --left, entry += width)
    list.push_back(offsets ? object_json(field, entry + flatbuffers::ReadScalar<uoffset_t>(entry))
                           : scalar_json(field, entry));
  return list;
}

Json table_json(const TypeTable& type, const flatbuffers::Table& table) {
  Json json = Json::object();
  for (size_t i = 0; i < type.num_elems; ++i) {
    FieldType field(type, i);
    const uint8_t* at = table.GetAddressOf(field.offset);
    if (at == nullptr) continue;
    bool offset = field.repeating || field.is_table() || field.base == flatbuffers::ET_STRING;
    if (offset) at += flatbuffers::ReadScalar<uoffset_t>(at);
    json[field.name] = !offset               ? scalar_json(field, at)
                       : field.is_portable() ? portable_json(at)
                       : field.repeating     ? vector_json(field, at)
                                             : object_json(field, at);
  }
  return json;
}

}  // namespace

Table table_from_json(const std::string& table, std::string_view text) {
  const Root& root = root_of(table);
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) malformed(table + ": no JSON; names need double quotes");
  TableWriter writer;
  return writer.finish(writer.table(*root.type(), json));
}

std::string table_to_json(const std::string& table, Bytes bytes) {
  const Root& root = root_of(table);
  ByteBuffer aligned;
  aligned.put(bytes);
  if (!root.verifies(aligned.bytes())) malformed("not a " + table + " table");
  return table_json(*root.type(), *flatbuffers::GetRoot<flatbuffers::Table>(aligned.data()))
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cairn::capi
