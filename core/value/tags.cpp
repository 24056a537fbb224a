#include "core/value/tags.h"

#include <bit>

#include "core/value/text.h"

namespace cairn {

void TupleWriter::put_integer(int64_t value) {
  if (value >= 0 && value < 32) return put_tag(static_cast<uint8_t>(kSmallInt + value));
  // The tag and size of the shortest form, by how many bytes the value and its sign need.
  static constexpr uint8_t kTags[] = {kInt8,  kInt8,  kInt16, kInt24, kInt32,
                                      kInt48, kInt48, kInt64, kInt64};
  static constexpr uint8_t kSizes[] = {1, 1, 2, 3, 4, 6, 6, 8, 8};
  auto magnitude = static_cast<uint64_t>(value < 0 ? ~value : value);
  size_t needed = static_cast<size_t>(std::bit_width(magnitude)) / 8 + 1;
  put_tag(kTags[needed]);
  // All eight bytes are written at once; those beyond the size are room that is written over.
  auto bits = static_cast<uint64_t>(value);
  std::memcpy(out_.reserve(8), &bits, 8);
  out_.extend(kSizes[needed]);
}

void TupleWriter::put_number(double value) {
  if (fits_integer(value)) return put_integer(static_cast<int64_t>(value));
  if (std::isnan(value)) {
    put_tag(kFloat32);
    return out_.put_le(0x7fc00000, 4);
  }
  bool in_float_range = std::isinf(value) || std::fabs(value) <= 3.4028234663852886e38;
  float narrow = in_float_range ? static_cast<float>(value) : 0.0f;
  if (in_float_range && static_cast<double>(narrow) == value) {
    put_tag(kFloat32);
    std::memcpy(out_.extend(4), &narrow, 4);
  } else {
    put_tag(kFloat64);
    std::memcpy(out_.extend(8), &value, 8);
  }
}

void TupleWriter::put_date(int64_t milliseconds) {
  size_t size = sign_extend(static_cast<uint64_t>(milliseconds), 6) == milliseconds ? 6 : 8;
  put_tag(size == 6 ? kDate48 : kDate64);
  std::memcpy(out_.reserve(8), &milliseconds, 8);
  out_.extend(size);
}

void TupleWriter::put_text(Bytes text, bool ascii) {
  if (ascii && text.size() < kShortAsciiLimit) {
    put_tag(static_cast<uint8_t>(kShortAscii + text.size()));
    return out_.put(text);
  }
  put_sized(ascii ? kAscii : kText, text);
}

void TupleWriter::put_text(Bytes text) { put_text(text, is_ascii(text.data(), text.size())); }

}  // namespace cairn
