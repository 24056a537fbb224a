#include "core/query/order_key.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "core/query/js_bigint.h"
#include "core/value/object.h"
#include "core/value/text.h"

namespace cairn {
namespace {

using Type = Operand::Type;

constexpr uint64_t kSign = 1ull << 63;
constexpr uint8_t kEnd = 0x00;     // of a text, of bytes and of an array
constexpr uint8_t kEscape = 0x01;  // before a byte 00 or 01, which is one more then

// What stands between a double and the integer that a bigint is.
enum Rest : uint8_t { kBelow = 0x00, kExact = 0x01, kAbove = 0x02 };

void put_big_endian(uint64_t value, size_t size, ByteBuffer& out) {
  for (size_t i = size; i-- > 0;) out.put(static_cast<uint8_t>(value >> (8 * i)));
}

void put_double(double value, ByteBuffer& out) {
  auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  put_big_endian((bits & kSign) != 0 ? ~bits : bits | kSign, sizeof bits, out);
}

void put_number(double value, ByteBuffer& out) {
  put_double(value, out);
  out.put(kExact);
}

// The nearest double that is no further from zero than a bigint.
double toward_zero(Bytes payload) {
  constexpr int kDigits = std::numeric_limits<double>::digits;
  Bytes magnitude = payload.subspan(1);
  if (magnitude.empty()) return 0;
  size_t top_bytes = std::min(magnitude.size(), sizeof(uint64_t));
  uint64_t top = load_le(magnitude.data() + magnitude.size() - top_bytes, top_bytes);
  int unused = std::max(static_cast<int>(std::bit_width(top)) - kDigits, 0);
  size_t exponent = 8 * (magnitude.size() - top_bytes);
  double value = exponent > 2000 ? HUGE_VAL
                                 : std::ldexp(static_cast<double>(top >> unused << unused),
                                              static_cast<int>(exponent));
  value = std::min(value, std::numeric_limits<double>::max());
  return payload[0] != 0 ? -value : value;
}

// The nearest double towards zero, then the whole integer where that is another. Integers with the
// same double are as far from zero as their magnitudes say.
void put_bigint(Bytes payload, ByteBuffer& out) {
  bool negative = payload[0] != 0;
  Bytes magnitude = payload.subspan(1);
  double nearest = toward_zero(payload);
  if (std::is_eq(compare_bigint_to_number(payload, nearest))) return put_number(nearest, out);
  put_double(nearest, out);
  out.put(negative ? kBelow : kAbove);
  uint8_t flip = negative ? 0xff : 0;
  ByteBuffer size;
  put_big_endian(magnitude.size(), sizeof(uint32_t), size);
  for (uint8_t byte : size.bytes()) out.put(static_cast<uint8_t>(byte ^ flip));
  for (size_t i = magnitude.size(); i-- > 0;) out.put(static_cast<uint8_t>(magnitude[i] ^ flip));
}

void put_escaped(Bytes bytes, ByteBuffer& out) {
  if (bytes.empty()) return;
  const uint8_t* at = bytes.data();
  const uint8_t* end = at + bytes.size();
  while (true) {
    const uint8_t* next = std::find_if(at, end, [](uint8_t byte) { return byte <= kEscape; });
    out.put(Bytes{at, next});
    if (next == end) return;
    out.put(kEscape);
    out.put(static_cast<uint8_t>(*next + 1));
    at = next + 1;
  }
}

// Surrogate pairs as two units, so that bytes are in the order of units.
void put_units(Bytes text, ByteBuffer& out) {
  if (is_ascii(text.data(), text.size())) return put_escaped(text, out);
  ByteBuffer units;
  split_surrogate_pairs(text, units);
  put_escaped(units.bytes(), out);
}

double rank_of(Bytes text, const OrderOptions& options) {
  ByteBuffer value;
  TupleWriter(value, 1).put_text(text);
  auto rank = options.host->find(fb::QuestionKind::Rank, options.locale, value.bytes());
  if (!rank) throw Error(Status::kInternal, "a text has no rank");
  return rank->number();
}

void put_value(const Operand& value, const OrderOptions& options, ByteBuffer& out);

void put_array(Bytes body, const OrderOptions& options, ByteBuffer& out) {
  TupleReader items = read_array(body);
  while (!items.done()) put_value(Operand::of(items.next()), options, out);
  out.put(kEnd);
}

// Ascending.
void put_value(const Operand& value, const OrderOptions& options, ByteBuffer& out) {
  OrderClass type = order_class(value);
  if (type == OrderClass::kNull && options.nulls_last) type = OrderClass::kNullLast;
  out.put(static_cast<uint8_t>(type));
  switch (value.type) {
    case Type::kBool:
      return out.put(uint8_t{value.flag});
    case Type::kNumber:
      if (type == OrderClass::kNumber) put_number(value.number, out);
      return;
    case Type::kBigInt:
      return put_bigint(value.bytes, out);
    case Type::kDate:
      return put_double(value.number, out);
    case Type::kArray:
      return put_array(value.bytes, options, out);
    case Type::kText:
      if (options.host != nullptr) return put_double(rank_of(value.bytes, options), out);
      put_units(value.bytes, out);
      return out.put(kEnd);
    case Type::kBytes:
      put_escaped(value.bytes, out);
      return out.put(kEnd);
    default:
      return;
  }
}

void skip_value(ByteReader& reader, size_t depth);

// Texts and bytes.
void skip_escaped(ByteReader& reader) {
  while (reader.byte() != kEnd) {
  }
}

void skip_number(ByteReader& reader) {
  reader.take(sizeof(double));
  uint8_t rest = reader.byte();
  if (rest == kExact) return;
  uint8_t flip = rest == kBelow ? 0xff : 0;
  size_t size = 0;
  for (size_t i = 0; i < sizeof(uint32_t); ++i)
    size = size << 8 | static_cast<uint8_t>(reader.byte() ^ flip);
  reader.take(size);
}

void skip_array(ByteReader& reader, size_t depth) {
  if (depth > kMaxDepth) malformed("nested deeper than 128");
  while (!reader.done() && *reader.at() != kEnd) skip_value(reader, depth);
  reader.byte();
}

void skip_value(ByteReader& reader, size_t depth) {
  switch (static_cast<OrderClass>(reader.byte())) {
    case OrderClass::kBool:
      reader.byte();
      return;
    case OrderClass::kNumber:
      return skip_number(reader);
    case OrderClass::kDate:
      reader.take(sizeof(double));
      return;
    case OrderClass::kText:
    case OrderClass::kBytes:
      return skip_escaped(reader);
    case OrderClass::kArray:
      return skip_array(reader, depth + 1);
    case OrderClass::kNull:
    case OrderClass::kObject:
    case OrderClass::kNan:
    case OrderClass::kNullLast:
      return;
  }
  malformed("a value of no class");
}

}  // namespace

OrderClass order_class(const Operand& value) {
  switch (value.type) {
    case Type::kBool:
      return OrderClass::kBool;
    case Type::kNumber:
      return value.is_nan() ? OrderClass::kNan : OrderClass::kNumber;
    case Type::kBigInt:
      return OrderClass::kNumber;
    case Type::kText:
      return OrderClass::kText;
    case Type::kDate:
      return OrderClass::kDate;
    case Type::kBytes:
      return OrderClass::kBytes;
    case Type::kArray:
      return OrderClass::kArray;
    case Type::kObject:
      return OrderClass::kObject;
    default:
      return OrderClass::kNull;
  }
}

// A descending value is the ascending one with all bits turned; null stands where it is to be.
void encode_order(const Operand& value, const OrderOptions& options, ByteBuffer& out) {
  size_t start = out.size();
  if (!options.descending) return put_value(value, options, out);
  if (value.is_unknown()) {
    // Turned classes start with ed to fb.
    return out.put(options.nulls_last ? 0xff : 0x01);
  }
  put_value(value, options, out);
  for (size_t i = start; i < out.size(); ++i) out[i] = static_cast<uint8_t>(~out[i]);
}

void encode_order(const Operand& value, ByteBuffer& out) { put_value(value, {}, out); }

size_t encoded_values_size(std::string_view entry, size_t count) try {
  ByteReader reader(as_bytes(entry));
  for (size_t i = 0; i < count; ++i) skip_value(reader, 0);
  return entry.size() - reader.left();
} catch (const Error& error) {
  throw Error(Status::kCorrupt, std::string("an index's entry is damaged: ") + error.what());
}

void ask_ranks(const Operand& value, const OrderOptions& options) {
  if (value.is(Type::kText)) {
    ByteBuffer text;
    TupleWriter(text, 1).put_text(value.bytes);
    options.host->find(fb::QuestionKind::Rank, options.locale, text.bytes());
  } else if (value.is(Type::kArray)) {
    TupleReader items = read_array(value.bytes);
    while (!items.done()) ask_ranks(Operand::of(items.next()), options);
  }
}

std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<uint8_t>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<uint8_t>(prefix.back()) + 1);
  return prefix;
}

void encode_text_prefix(Bytes text, ByteBuffer& out) {
  out.put(static_cast<uint8_t>(OrderClass::kText));
  put_units(text, out);
}

}  // namespace cairn
