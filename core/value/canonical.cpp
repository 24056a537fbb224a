#include "core/value/canonical.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cairn {

Bytes Canonicalizer::object(const ObjectView& object) {
  buffer_.clear();
  put_object(object, buffer_, 1);
  return buffer_.bytes();
}

void Canonicalizer::put(const Item& item, ByteBuffer& out) { put(item, out, 0); }

void Canonicalizer::put(const Item& item, ByteBuffer& out, size_t depth) {
  if (item.tag == kArray) return put_array(item, out, depth + 1);
  if (item.tag == kObject) {
    std::vector<std::string_view> scratch;
    return put_object(read_object(item.bytes(), shapes_, scratch), out, depth + 1);
  }
  TupleWriter(out, 1).put(item);
}

void Canonicalizer::put_array(const Item& item, ByteBuffer& out, size_t depth) {
  if (depth > kMaxDepth) malformed("nested deeper than 128");
  TupleReader items = read_array(item.bytes());
  out.put(kArray);
  out.put_varint(items.left());
  while (!items.done()) put(items.next(), out, depth);
}

void Canonicalizer::put_object(const ObjectView& object, ByteBuffer& out, size_t depth) {
  if (depth > kMaxDepth) malformed("nested deeper than 128");
  constexpr size_t kFew = 64;
  std::array<Item, kFew> few;
  std::vector<Item> many;
  size_t count = object.names.size();
  if (count > kFew) many.resize(count);
  Item* items = count > kFew ? many.data() : few.data();
  TupleReader fields = object.fields;
  for (size_t i = 0; i < count; ++i) items[i] = fields.next();

  std::vector<uint16_t> sorted;
  if (object.shape == nullptr) sorted = sort_names(object.names);
  const std::vector<uint16_t>& order = object.shape != nullptr ? object.shape->by_name : sorted;
  out.put(kObject);
  out.put_varint(count);
  for (uint16_t i : order) {
    out.put_sized(as_bytes(object.names[i]));
    put(items[i], out, depth);
  }
}

uint64_t hash64(Bytes bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

struct Digest::State {
  XXH3_state_t xxh;
};

Digest::Digest() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh); }
Digest::~Digest() = default;

void Digest::add(Bytes bytes) { XXH3_128bits_update(&state_->xxh, bytes.data(), bytes.size()); }

Digest::Result Digest::result() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state_->xxh));
  Result result;
  std::memcpy(result.data(), canonical.digest, result.size());
  return result;
}

std::string to_hex(const Digest::Result& digest) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace cairn
