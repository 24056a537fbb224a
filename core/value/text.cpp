#include "core/value/text.h"

#include <algorithm>

namespace cairn {
namespace {

bool is_continuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

bool is_high_surrogate(uint32_t c) { return c >= 0xd800 && c < 0xdc00; }
bool is_low_surrogate(uint32_t c) { return c >= 0xdc00 && c < 0xe000; }

// The bytes of the sequence that starts with `lead`; 0 where none does.
size_t sequence_size(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

// Whether a sequence of well-formed shape also has the shortest form and a code point in range.
bool in_range(uint32_t code_point, size_t size) {
  if (size == 3) return code_point >= 0x800;
  if (size == 4) return code_point >= 0x10000 && code_point <= 0x10ffff;
  return true;
}

}  // namespace

size_t high_bytes(Bytes text) {
  constexpr size_t kStep = 8 * 255;  // as many words as a byte can count
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  size_t count = 0;
  for (; text.size() >= 8; text = text.subspan(std::min(text.size() / 8 * 8, kStep))) {
    uint64_t counts = 0;  // eight counters, a byte each
    for (size_t i = 0; i < std::min(text.size() / 8 * 8, kStep); i += 8) {
      uint64_t word;
      std::memcpy(&word, text.data() + i, 8);
      counts += word >> 7 & kOnes;
    }
    for (; counts != 0; counts >>= 8) count += counts & 0xff;
  }
  for (uint8_t byte : text) count += byte >> 7;
  return count;
}

bool is_wtf8(Bytes text, bool allow_surrogates) {
  if (is_ascii(text.data(), text.size())) return true;
  const uint8_t* at = text.data();
  const uint8_t* end = at + text.size();
  bool after_high = false;
  while (at < end) {
    size_t size = sequence_size(*at);
    if (size == 0 || static_cast<size_t>(end - at) < size) return false;
    for (size_t i = 1; i < size; ++i)
      if (!is_continuation(at[i])) return false;
    uint32_t code_point = next_code_point(at);
    if (!in_range(code_point, size)) return false;
    bool surrogate = is_high_surrogate(code_point) || is_low_surrogate(code_point);
    if (surrogate && !allow_surrogates) return false;
    if (after_high && is_low_surrogate(code_point)) return false;
    after_high = is_high_surrogate(code_point);
  }
  return true;
}

uint32_t next_code_point(const uint8_t*& at) {
  uint32_t lead = *at++;
  if (lead < 0x80) return lead;
  size_t more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  uint32_t value = lead & (0x3fu >> more);
  for (size_t i = 0; i < more; ++i) value = value << 6 | (*at++ & 0x3fu);
  return value;
}

void put_code_point(ByteBuffer& out, uint32_t c) {
  auto part = [&](uint32_t bits) { out.put(static_cast<uint8_t>(bits)); };
  if (c < 0x80) {
    part(c);
  } else if (c < 0x800) {
    part(0xc0 | c >> 6);
    part(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    part(0xe0 | c >> 12);
    part(0x80 | (c >> 6 & 0x3f));
    part(0x80 | (c & 0x3f));
  } else {
    part(0xf0 | c >> 18);
    part(0x80 | (c >> 12 & 0x3f));
    part(0x80 | (c >> 6 & 0x3f));
    part(0x80 | (c & 0x3f));
  }
}

void wtf8_to_utf16(Bytes text, ByteBuffer& out) {
  const uint8_t* at = text.data();
  const uint8_t* end = at + text.size();
  uint8_t* unit = out.reserve(text.size() * 2);
  auto put = [&](uint32_t value) {
    *unit++ = static_cast<uint8_t>(value);
    *unit++ = static_cast<uint8_t>(value >> 8);
  };
  while (at < end) {
    uint32_t c = next_code_point(at);
    if (c < 0x10000) {
      put(c);
    } else {
      put(0xd800 + ((c - 0x10000) >> 10));
      put(0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  }
  out.truncate(static_cast<size_t>(unit - out.data()));
}

void utf16_to_wtf8(const uint8_t* units, size_t count, ByteBuffer& out) {
  for (size_t i = 0; i < count; ++i) {
    uint32_t c = static_cast<uint32_t>(load_le(units + 2 * i, 2));
    if (is_high_surrogate(c) && i + 1 < count) {
      uint32_t low = static_cast<uint32_t>(load_le(units + 2 * i + 2, 2));
      if (is_low_surrogate(low)) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        ++i;
      }
    }
    put_code_point(out, c);
  }
}

}  // namespace cairn
