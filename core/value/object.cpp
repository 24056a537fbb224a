#include "core/value/object.h"

#include "core/value/text.h"

namespace cairn {
namespace {

void put_bigint(const Item& item, TupleWriter& out) {
  if (item.size == 0 || item.data[0] > 1) malformed("a bigint without a sign");
  size_t size = item.size;
  while (size > 1 && item.data[size - 1] == 0) --size;
  if (size == 1) {
    static constexpr uint8_t kZero = 0;
    return out.put_sized(kBigInt, {&kZero, 1});
  }
  out.put_sized(kBigInt, {item.data, size});
}

void put_checked_text(const Item& item, TupleWriter& out) {
  bool ascii = is_ascii(item.data, item.size);
  if (!ascii && (item.tag != kText || !is_wtf8(item.bytes()))) malformed("a text is not text");
  out.put_text(item.bytes(), ascii);
}

void put_checked_integer(const Item& item, TupleWriter& out) {
  int64_t value = item.integer();
  constexpr int64_t kMost = int64_t{1} << 53;
  if (value > kMost || value < -kMost) malformed("a number beyond 2^53 is stored as an integer");
  out.put_integer(value);
}

void put_checked_date(const Item& item, TupleWriter& out) {
  int64_t value = item.integer();
  if (static_cast<double>(value) > kMaxDate || static_cast<double>(value) < -kMaxDate)
    throw ValueError("an invalid date");
  out.put_date(value);
}

void put_scalar(const Item& item, TupleWriter& out) {
  if (item.tag <= kTrue) return out.put_tag(item.tag);
  if (item.tag == kUndefined) throw ValueError("undefined has no place here: leave it out");
  if (is_integer(item.tag)) return put_checked_integer(item, out);
  if (is_number(item.tag)) return out.put_number(item.number());
  if (is_date(item.tag)) return put_checked_date(item, out);
  if (item.tag == kBigInt) return put_bigint(item, out);
  if (item.tag == kBytes) return out.put(item);
  put_checked_text(item, out);
}

}  // namespace

ObjectView read_object(Bytes body, ShapeReader* shapes, std::vector<std::string_view>& scratch) {
  ByteReader reader(body);
  uint64_t id = reader.varint();
  if (id != 0) {
    if (shapes == nullptr || id > kMaxShapes) malformed("an object refers to a shape");
    const Shape& shape = shapes->shape(static_cast<uint32_t>(id));
    return {&shape, shape.names, TupleReader(reader, shape.names.size())};
  }
  decode_names(reader, scratch);
  return {nullptr, scratch, TupleReader(reader, scratch.size())};
}

TupleReader read_array(Bytes body) {
  ByteReader reader(body);
  size_t count = array_size(reader);
  return TupleReader(reader, count);
}

size_t array_size(ByteReader& body) {
  uint64_t count = body.varint();
  if (count > body.left()) malformed("an array has more items than bytes");
  return static_cast<size_t>(count);
}

void put_names(Names names, const Shape* shape, ShapeWriter* to, ByteBuffer& out) {
  const Shape* target = to == nullptr ? nullptr : to->intern(names);
  if (target != nullptr) return out.put_varint(target->id);
  out.put_varint(0);
  if (shape != nullptr) return out.put(shape->encoded);
  sort_names(names);  // rejects a name that stands twice
  encode_names(names, out);
}

ObjectView store_fields(const ObjectView& portable, ShapeWriter& shapes, ByteBuffer& out) {
  out.clear();
  TupleWriter writer(out, portable.names.size());
  Transcoder transcoder(nullptr, &shapes);
  TupleReader fields = portable.fields;
  for (std::string_view name : portable.names) {
    try {
      Item item = fields.next();
      if (item.tag == kUndefined) {
        writer.put_tag(kUndefined);
      } else {
        transcoder.put(item, writer, 1);
      }
    } catch (ValueError& error) {
      error.inside(name);
      throw;
    }
  }
  fields.expect_end();
  return {nullptr, portable.names, TupleReader(ByteReader(out.bytes()), portable.names.size())};
}

void Transcoder::put(const Item& item, TupleWriter& out, size_t depth) {
  if (item.tag == kArray) return put_array(item, out, depth + 1);
  if (item.tag == kObject) return put_object(item, out, depth + 1);
  put_scalar(item, out);
}

void Transcoder::put_array(const Item& item, TupleWriter& out, size_t depth) {
  if (depth > kMaxDepth) throw ValueError("nested deeper than 128");
  TupleReader items = read_array(item.bytes());
  size_t start = out.open(kArray);
  out.out().put_varint(items.left());
  TupleWriter writer(out.out(), items.left());
  for (size_t i = 0; !items.done(); ++i) {
    try {
      put(items.next(), writer, depth);
    } catch (ValueError& error) {
      error.inside(i);
      throw;
    }
  }
  items.expect_end();
  out.close(start);
}

void Transcoder::put_object(const Item& item, TupleWriter& out, size_t depth) {
  if (depth > kMaxDepth) throw ValueError("nested deeper than 128");
  std::vector<std::string_view> scratch;
  ObjectView object = read_object(item.bytes(), from_, scratch);
  size_t start = out.open(kObject);
  put_object_body(object, out.out(), depth);
  out.close(start);
}

void Transcoder::put_object_body(const ObjectView& object, ByteBuffer& out, size_t depth) {
  put_names(object.names, object.shape, to_, out);
  TupleWriter writer(out, object.names.size());
  TupleReader fields = object.fields;
  for (size_t i = 0; !fields.done(); ++i) {
    try {
      put(fields.next(), writer, depth);
    } catch (ValueError& error) {
      error.inside(object.names[i]);
      throw;
    }
  }
  fields.expect_end();
}

}  // namespace cairn
