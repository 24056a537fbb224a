#include "core/value/value.h"

#include <bit>

#include "core/value/object.h"
#include "core/value/text.h"

static_assert(std::endian::native == std::endian::little, "payloads are copied as they are");

namespace cairn {
namespace {

void encode(const Value& value, TupleWriter& out, size_t depth);

void encode_array(const Array& items, TupleWriter& out, size_t depth) {
  size_t start = out.open(kArray);
  out.out().put_varint(items.size());
  TupleWriter writer(out.out(), items.size());
  for (const Value& item : items) encode(item, writer, depth);
  out.close(start);
}

void encode_object(const Object& fields, TupleWriter& out, size_t depth) {
  std::vector<std::string_view> names;
  for (const Field& field : fields) {
    if (!is_wtf8(as_bytes(field.first))) throw ValueError("a field name that is not WTF-8");
    names.emplace_back(field.first);
  }
  if (names.size() > kMaxFields) throw ValueError("an object with more than 65,535 fields");
  size_t start = out.open(kObject);
  put_names(names, nullptr, nullptr, out.out());
  TupleWriter writer(out.out(), fields.size());
  for (const Field& field : fields) encode(field.second, writer, depth);
  out.close(start);
}

void encode_date(Date date, TupleWriter& out) {
  auto milliseconds = static_cast<double>(date.milliseconds);
  if (milliseconds > kMaxDate || milliseconds < -kMaxDate) throw ValueError("an invalid date");
  out.put_date(date.milliseconds);
}

void encode_text(const std::string& text, TupleWriter& out) {
  if (!is_wtf8(as_bytes(text))) throw ValueError("a text that is not WTF-8");
  out.put_text(as_bytes(text));
}

void encode(const Value& value, TupleWriter& out, size_t depth) {
  if (depth > kMaxDepth) throw ValueError("nested deeper than 128");
  if (value.get<std::nullptr_t>()) return out.put_null();
  if (value.get<Undefined>()) return out.put_tag(kUndefined);
  if (auto* flag = value.get<bool>()) return out.put_bool(*flag);
  if (auto* number = value.get<double>()) return out.put_number(*number);
  if (auto* big = value.get<BigInt>()) return out.put_sized(kBigInt, big->to_payload());
  if (auto* text = value.get<std::string>()) return encode_text(*text, out);
  if (auto* bytes = value.get<std::vector<uint8_t>>()) return out.put_sized(kBytes, *bytes);
  if (auto* date = value.get<Date>()) return encode_date(*date, out);
  if (auto* items = value.get<Array>()) return encode_array(*items, out, depth + 1);
  encode_object(*value.get<Object>(), out, depth + 1);
}

Value decode(const Item& item);

Value decode_array(const Item& item) {
  Array items;
  TupleReader reader = read_array(item.bytes());
  while (!reader.done()) items.push_back(decode(reader.next()));
  return items;
}

Value decode_object(const Item& item) {
  std::vector<std::string_view> scratch;
  ObjectView object = read_object(item.bytes(), nullptr, scratch);
  Object fields;
  for (std::string_view name : object.names)
    fields.emplace_back(std::string(name), decode(object.fields.next()));
  return fields;
}

Value decode(const Item& item) {
  if (item.tag == kNull) return nullptr;
  if (item.tag == kUndefined) return Undefined{};
  if (item.tag == kFalse || item.tag == kTrue) return item.tag == kTrue;
  if (is_number(item.tag)) return item.number();
  if (is_date(item.tag)) return Date{item.integer()};
  if (item.tag == kBigInt) return BigInt::from_payload(item.bytes());
  if (item.tag == kBytes) return std::vector<uint8_t>(item.data, item.data + item.size);
  if (item.tag == kArray) return decode_array(item);
  if (item.tag == kObject) return decode_object(item);
  return std::string(item.text());
}

}  // namespace

const Value* Value::find(std::string_view name) const {
  if (auto* fields = get<Object>())
    for (const Field& field : *fields)
      if (field.first == name) return &field.second;
  return nullptr;
}

bool Value::operator==(const Value& other) const {
  auto *a = get<double>(), *b = other.get<double>();
  if (a && b) {
    if (std::isnan(*a) && std::isnan(*b)) return true;
    return *a == *b && std::signbit(*a) == std::signbit(*b);
  }
  return data_ == other.data_;
}

void encode_value(const Value& value, ByteBuffer& out) {
  TupleWriter writer(out, 1);
  encode(value, writer, 0);
}

Value decode_value(Bytes portable) {
  // Copying checks everything.
  ByteBuffer checked;
  TupleWriter writer(checked, 1);
  try {
    Transcoder(nullptr, nullptr).put(read_item(portable), writer, 0);
  } catch (const ValueError& error) {
    malformed(error.describe());
  }
  return decode(read_item(checked.bytes()));
}

}  // namespace cairn
