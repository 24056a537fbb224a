#include "core/value/batch_reader.h"
#include "handle.h"
#include "table_type.h"

using namespace cairn;
using namespace cairn::capi;
using flatbuffers::uoffset_t;

// The tables that were given so far, by their numbers.
struct cairn_view : Counted {
  struct Table {
    const flatbuffers::TypeTable* type;
    const flatbuffers::Table* table;
  };
  ByteBuffer copy;  // of bytes that were not aligned
  std::vector<Table> tables;
};

namespace {

// Verifies bytes as a table, and gives its type.
const flatbuffers::TypeTable* verified(const std::string& table, Bytes bytes) {
  if (table == "RowBatch") {
    NoShapes shapes;
    BatchReader reader(bytes, shapes);
    return fb::RowBatchTypeTable();
  }
  const Root& root = root_of(table);
  if (!root.verifies(bytes)) malformed("not a " + table + " table");
  return root.type();
}

Bytes aligned(Bytes bytes, ByteBuffer& copy) {
  if (bytes.size() > kMaxBatchBytes + (1u << 20))
    throw Error(Status::kTooLarge, "a table above 65 MiB");
  if (reinterpret_cast<uintptr_t>(bytes.data()) % 16 == 0) return bytes;
  copy.put(bytes);
  return copy.bytes();
}

[[noreturn]] void bad_field(std::string_view name, const char* what) {
  throw Error(Status::kInvalidArgument, "the field \"" + std::string(name) + "\" " + what);
}

// A field and where it stands: null where it is absent.
struct FieldAt {
  FieldType type;
  const uint8_t* at;

  bool is_objects() const { return type.is_table() || type.base == flatbuffers::ET_STRING; }
};

FieldAt find(const cairn_view* view, uint32_t table, const char* name, size_t size) {
  if (view == nullptr) throw Error(Status::kInvalidArgument, "the view is null");
  if (table >= view->tables.size())
    throw Error(Status::kInvalidArgument, "the view has given no such table");
  const cairn_view::Table& open = view->tables[table];
  std::string_view wanted = as_text(bytes_in(reinterpret_cast<const uint8_t*>(name), size));
  for (size_t i = 0; i < open.type->num_elems; ++i) {
    if (wanted != open.type->names[i]) continue;
    FieldType type(*open.type, i);
    return {type, open.table->GetAddressOf(type.offset)};
  }
  bad_field(wanted, "is none of this table's");
}

// What a field's offset refers to.
const uint8_t* behind(const uint8_t* at) { return at + flatbuffers::ReadScalar<uoffset_t>(at); }

// The text or the table of a field, or the one at `index` of its vector; null where there is none.
const uint8_t* entry(const FieldAt& field, size_t index) {
  if (field.at == nullptr) return nullptr;
  const uint8_t* at = behind(field.at);
  if (!field.type.repeating) return index == 0 ? at : nullptr;
  if (index >= flatbuffers::ReadScalar<uoffset_t>(at)) return nullptr;
  return behind(at + sizeof(uoffset_t) * (1 + index));
}

uint64_t number_of(const FieldAt& field) {
  const uint8_t* at = field.at;
  switch (field.type.base) {
    case flatbuffers::ET_BOOL:
    case flatbuffers::ET_UCHAR:
      return *at;
    case flatbuffers::ET_USHORT:
      return flatbuffers::ReadScalar<uint16_t>(at);
    case flatbuffers::ET_UINT:
      return flatbuffers::ReadScalar<uint32_t>(at);
    case flatbuffers::ET_INT:
      return static_cast<uint64_t>(int64_t{flatbuffers::ReadScalar<int32_t>(at)});
    default:
      return flatbuffers::ReadScalar<uint64_t>(at);
  }
}

bool is_number(const FieldAt& field) {
  return !field.type.repeating && !field.is_objects() && field.type.base != flatbuffers::ET_DOUBLE;
}

// The elements of a vector of numbers, without a look at them.
Bytes elements(const FieldAt& field, uint32_t element_size) {
  if (!field.type.repeating || field.is_objects())
    bad_field(field.type.name, "is no vector of numbers");
  if (flatbuffers::InlineSize(field.type.base, field.type.type) != element_size)
    bad_field(field.type.name, "has elements of another size");
  if (field.at == nullptr) return {};
  const uint8_t* at = behind(field.at);
  size_t count = flatbuffers::ReadScalar<uoffset_t>(at);
  at += sizeof(uoffset_t);
  if (count != 0 && reinterpret_cast<uintptr_t>(at) % element_size != 0)
    malformed(std::string("the vector \"") + field.type.name + "\" is not aligned");
  return {at, count};
}

}  // namespace

cairn_status cairn_view_open(const char* table, size_t table_size, const uint8_t* bytes,
                             size_t bytes_size, cairn_view** out, cairn_error** error) {
  return barrier(out, error, [&] {
    auto view = std::make_unique<cairn_view>();
    Bytes all = aligned(bytes_in(bytes, bytes_size), view->copy);
    const flatbuffers::TypeTable* type = verified(text_in(table, table_size), all);
    view->tables.push_back({type, flatbuffers::GetRoot<flatbuffers::Table>(all.data())});
    *out = view.release();
  });
}

cairn_status cairn_view_number(const cairn_view* view, uint32_t table, const char* field,
                               size_t field_size, uint64_t* out, cairn_error** error) {
  return barrier(out, error, [&] {
    FieldAt found = find(view, table, field, field_size);
    if (!is_number(found)) bad_field(found.type.name, "is no number");
    if (found.at == nullptr) return Status::kNotFound;
    *out = number_of(found);
    return Status::kOk;
  });
}

cairn_status cairn_view_vector(const cairn_view* view, uint32_t table, const char* field,
                               size_t field_size, uint32_t element_size, const void** out,
                               size_t* count, cairn_error** error) {
  if (count != nullptr) *count = 0;
  return barrier(out, error, [&] {
    if (count == nullptr) throw Error(Status::kInvalidArgument, "the count is null");
    FieldAt found = find(view, table, field, field_size);
    Bytes vector = elements(found, element_size);
    if (found.at == nullptr) return Status::kNotFound;
    *out = vector.data();
    *count = vector.size();
    return Status::kOk;
  });
}

cairn_status cairn_view_text(const cairn_view* view, uint32_t table, const char* field,
                             size_t field_size, size_t index, const char** out, size_t* size,
                             cairn_error** error) {
  if (size != nullptr) *size = 0;
  return barrier(out, error, [&] {
    if (size == nullptr) throw Error(Status::kInvalidArgument, "the size is null");
    FieldAt found = find(view, table, field, field_size);
    if (found.type.base != flatbuffers::ET_STRING) bad_field(found.type.name, "is no text");
    const uint8_t* text = entry(found, index);
    if (text == nullptr) return Status::kNotFound;
    *out = reinterpret_cast<const char*>(text + sizeof(uoffset_t));
    *size = flatbuffers::ReadScalar<uoffset_t>(text);
    return Status::kOk;
  });
}

cairn_status cairn_view_table(cairn_view* view, uint32_t table, const char* field,
                              size_t field_size, size_t index, uint32_t* out, cairn_error** error) {
  return barrier(out, error, [&] {
    FieldAt found = find(view, table, field, field_size);
    if (!found.type.is_table()) bad_field(found.type.name, "is no table");
    const uint8_t* at = entry(found, index);
    if (at == nullptr) return Status::kNotFound;
    view->tables.push_back({found.type.type, reinterpret_cast<const flatbuffers::Table*>(at)});
    *out = static_cast<uint32_t>(view->tables.size() - 1);
    return Status::kOk;
  });
}

void cairn_view_close(cairn_view* view) { delete view; }
