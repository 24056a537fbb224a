#include "core/value/key.h"

#include <bit>

#include "core/value/number_text.h"
#include "core/value/object.h"
#include "core/value/text.h"

namespace cairn {
namespace {

constexpr uint64_t kSign = 1ull << 63;

[[noreturn]] void corrupt_key() { throw Error(Status::kCorrupt, "a key is not a key"); }

// The units of a text key as UTF-16 bytes.
void decode_units(Bytes units, ByteBuffer& out) {
  ByteReader reader(units);
  while (!reader.done()) {
    uint8_t lead = *reader.at();
    size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : 3;
    const uint8_t* start = reader.take(size);
    if (!is_wtf8({start, size})) corrupt_key();
    out.put_le(next_code_point(start), 2);
  }
}

}  // namespace

double number_of_key(Bytes key) {
  if (key.size() != 9) corrupt_key();
  uint64_t bits = 0;
  for (uint8_t byte : key.subspan(1)) bits = bits << 8 | byte;
  double value = std::bit_cast<double>((bits & kSign) != 0 ? bits & ~kSign : ~bits);
  if (!std::isfinite(value)) corrupt_key();
  return value;
}

void encode_number_key(double value, ByteBuffer& out) {
  if (!std::isfinite(value)) throw ValueError("a key must be a finite number");
  auto bits = std::bit_cast<uint64_t>(value);
  bits = (bits & kSign) != 0 ? ~bits : bits | kSign;
  uint8_t* place = out.extend(9);
  *place++ = kNumberKey;
  for (int shift = 56; shift >= 0; shift -= 8) *place++ = static_cast<uint8_t>(bits >> shift);
}

void encode_key(const Item& value, ByteBuffer& out) {
  if (is_number(value.tag)) return encode_number_key(value.number(), out);
  if (!is_text(value.tag)) throw ValueError("a key must be a text or a number");
  out.put(kTextKey);
  if (is_ascii(value.data, value.size)) return out.put(value.bytes());
  if (!is_wtf8(value.bytes())) malformed("a key is not text");
  split_surrogate_pairs(value.bytes(), out);
}

void put_key(Bytes key, TupleWriter& out) try {
  if (is_number_key(key)) return out.put_number(number_of_key(key));
  if (key.empty() || key[0] != kTextKey) corrupt_key();
  Bytes rest = key.subspan(1);
  if (is_ascii(rest.data(), rest.size())) return out.put_text(rest, true);
  ByteBuffer units, text;
  decode_units(rest, units);
  utf16_to_wtf8(units.data(), units.size() / 2, text);
  out.put_text(text.bytes());
} catch (const Error& error) {
  if (error.status() == Status::kMalformed) corrupt_key();
  throw;
}

std::string describe_key(Bytes key) {
  constexpr size_t kShown = 100;
  ByteBuffer buffer;
  TupleWriter writer(buffer, 1);
  put_key(key, writer);
  Item item = read_item(buffer.bytes());
  if (is_text(item.tag)) {
    // Messages are UTF-8, which a key need not be.
    if (!is_wtf8(item.bytes(), false)) return "a text with lone surrogates";
    size_t end = std::min(item.size, kShown);
    while (end < item.size && (item.data[end] & 0xc0) == 0x80) --end;
    return "\"" + std::string(item.text().substr(0, end)) + (end < item.size ? "…\"" : "\"");
  }
  // -0 is another key than 0.
  std::string digits = item.number() == 0 && std::signbit(item.number()) ? "-" : "";
  append_number(item.number(), digits);
  return digits;
}

}  // namespace cairn
