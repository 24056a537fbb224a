#include "core/value/shape.h"

#include <algorithm>
#include <numeric>

#include "core/value/text.h"

namespace cairn {

void encode_names(Names names, ByteBuffer& out) {
  out.put_varint(names.size());
  for (std::string_view name : names) out.put_sized(as_bytes(name));
}

void decode_names(ByteReader& reader, std::vector<std::string_view>& names) {
  uint64_t count = reader.varint();
  if (count > kMaxFields || count > reader.left()) malformed("an object has too many fields");
  names.clear();
  names.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    Bytes name = reader.sized();
    if (!is_wtf8(name)) malformed("a field name is not text");
    names.push_back(as_text(name));
  }
}

std::vector<uint16_t> sort_names(Names names) {
  std::vector<uint16_t> order(names.size());
  std::iota(order.begin(), order.end(), uint16_t{0});
  std::sort(order.begin(), order.end(),
            [&](uint16_t a, uint16_t b) { return names[a] < names[b]; });
  for (size_t i = 1; i < order.size(); ++i)
    if (names[order[i - 1]] == names[order[i]])
      malformed("an object has two fields named " + std::string(names[order[i]]));
  return order;
}

std::unique_ptr<Shape> make_shape(uint32_t id, std::string encoded) {
  auto shape = std::make_unique<Shape>();
  shape->id = id;
  shape->encoded = std::move(encoded);
  ByteReader reader(as_bytes(shape->encoded));
  decode_names(reader, shape->names);
  if (!reader.done()) malformed("bytes follow the names of a shape");
  shape->by_name = sort_names(shape->names);
  return shape;
}

}  // namespace cairn
