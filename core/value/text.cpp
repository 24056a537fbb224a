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

size_t write_code_point(uint8_t* to, uint32_t c) {
  if (c < 0x80) {
    *to = static_cast<uint8_t>(c);
    return 1;
  }
  size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = size; i-- > 1; c >>= 6) to[i] = static_cast<uint8_t>(0x80 | (c & 0x3f));
  constexpr uint32_t kLead[] = {0xc0, 0xe0, 0xf0};
  *to = static_cast<uint8_t>(kLead[size - 2] | c);
  return size;
}

void put_code_point(ByteBuffer& out, uint32_t code_point) {
  size_t size = write_code_point(out.reserve(4), code_point);
  out.extend(size);
}

void append_code_point(std::string& out, uint32_t code_point) {
  uint8_t bytes[4];
  size_t size = write_code_point(bytes, code_point);
  out += as_text({bytes, size});
}

void split_surrogate_pairs(Bytes text, ByteBuffer& out) {
  const uint8_t* at = text.data();
  const uint8_t* end = at + text.size();
  while (at < end) {
    uint32_t c = next_code_point(at);
    if (c < 0x10000) {
      put_code_point(out, c);
    } else {
      put_code_point(out, 0xd800 + ((c - 0x10000) >> 10));
      put_code_point(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  }
}

void append_wtf8(Bytes text, std::string& out) {
  constexpr size_t kSurrogate = 3;  // bytes
  if (text.size() >= kSurrogate && out.size() >= kSurrogate && text[0] == 0xed) {
    const uint8_t* before = as_bytes(out).data() + out.size() - kSurrogate;
    const uint8_t* after = text.data();
    uint32_t low = next_code_point(after);
    // A third byte that is none of a sequence of three is no surrogate's either.
    uint32_t high = *before == 0xed ? next_code_point(before) : 0;
    if (is_high_surrogate(high) && is_low_surrogate(low)) {
      out.resize(out.size() - kSurrogate);
      ByteBuffer pair;
      put_code_point(pair, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
      out.append(as_text(pair.bytes()));
      text = text.subspan(kSurrogate);
    }
  }
  out.append(as_text(text));
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
