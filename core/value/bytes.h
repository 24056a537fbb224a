// Bytes in and out: a growable buffer that does not clear what it is about to overwrite, and a
// reader that checks every step. Values; no thread rule of their own.
#pragma once

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/value/status.h"

namespace cairn {

using Bytes = std::span<const uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline bool same_bytes(Bytes a, Bytes b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

// Loads a little-endian integer of `size` bytes, 1 to 8.
inline uint64_t load_le(const uint8_t* from, size_t size) {
  if constexpr (std::endian::native == std::endian::little) {
    uint64_t value = 0;
    switch (size) {
      case 1:
        return *from;
      case 2:
        std::memcpy(&value, from, 2);
        return value;
      case 4:
        std::memcpy(&value, from, 4);
        return value;
      case 6: {
        uint32_t low;
        uint16_t high;
        std::memcpy(&low, from, 4);
        std::memcpy(&high, from + 4, 2);
        return low | uint64_t{high} << 32;
      }
      case 8:
        std::memcpy(&value, from, 8);
        return value;
    }
  }
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | from[i];
  return value;
}

// A byte buffer that grows. Unlike a vector it leaves grown bytes uninitialised.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ByteBuffer(ByteBuffer&& other) noexcept { swap(other); }
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~ByteBuffer() { std::free(data_); }

  const uint8_t* data() const { return data_; }
  uint8_t* data() { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Bytes bytes() const { return {data_, size_}; }
  Bytes from(size_t start) const { return {data_ + start, size_ - start}; }
  uint8_t& operator[](size_t i) { return data_[i]; }

  void clear() { size_ = 0; }
  void truncate(size_t size) { size_ = size; }

  // Makes room for `more` bytes and gives where they begin; the size does not change.
  uint8_t* reserve(size_t more) {
    if (capacity_ - size_ < more) grow(more);
    return data_ + size_;
  }

  // Adds `more` uninitialised bytes and gives where they begin.
  uint8_t* extend(size_t more) {
    uint8_t* place = reserve(more);
    size_ += more;
    return place;
  }

  void put(uint8_t byte) { *extend(1) = byte; }

  // Most of what is put is short: two copies that overlap do then, without a call.
  void put(Bytes bytes) {
    size_t size = bytes.size();
    if (size == 0) return;
    uint8_t* to = extend(size);
    if (size >= 8 && size <= 16) {
      std::memcpy(to, bytes.data(), 8);
      std::memcpy(to + size - 8, bytes.data() + size - 8, 8);
    } else if (size >= 4 && size < 8) {
      std::memcpy(to, bytes.data(), 4);
      std::memcpy(to + size - 4, bytes.data() + size - 4, 4);
    } else {
      std::memcpy(to, bytes.data(), size);
    }
  }

  void put(std::string_view text) { put(as_bytes(text)); }

  void put_le(uint64_t value, size_t size) {
    uint8_t* place = extend(size);
    for (size_t i = 0; i < size; ++i) place[i] = static_cast<uint8_t>(value >> (8 * i));
  }

  void put_varint(uint64_t value) {
    uint8_t* place = reserve(10);
    for (; value >= 0x80; value >>= 7) *place++ = static_cast<uint8_t>(value | 0x80);
    *place++ = static_cast<uint8_t>(value);
    size_ = static_cast<size_t>(place - data_);
  }

  // A varint size, then the bytes.
  void put_sized(Bytes bytes) {
    put_varint(bytes.size());
    put(bytes);
  }

  // Inserts a varint size before what was written since `start`.
  void insert_size(size_t start) {
    size_t size = size_ - start;
    size_t width = 1;
    for (uint64_t rest = size; rest >= 0x80; rest >>= 7) ++width;
    extend(width);
    std::memmove(data_ + start + width, data_ + start, size);
    for (size_t i = 0; i < width; ++i, size >>= 7)
      data_[start + i] = static_cast<uint8_t>((size & 0x7f) | (i + 1 < width ? 0x80 : 0));
  }

 private:
  void grow(size_t more) {
    size_t wanted = capacity_ < 128 ? 256 : capacity_ * 2;
    if (wanted - size_ < more) wanted = size_ + more;
    auto* grown = static_cast<uint8_t*>(std::realloc(data_, wanted));
    if (grown == nullptr) throw std::bad_alloc();
    data_ = grown;
    capacity_ = wanted;
  }

  void swap(ByteBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// Reads bytes that may be hostile: every step throws kMalformed at the end.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  size_t left() const { return static_cast<size_t>(end_ - at_); }
  bool done() const { return at_ == end_; }
  const uint8_t* at() const { return at_; }
  const uint8_t* end() const { return end_; }

  const uint8_t* take(size_t size) {
    if (left() < size) malformed("bytes end early");
    const uint8_t* start = at_;
    at_ += size;
    return start;
  }

  uint8_t byte() { return *take(1); }
  uint64_t le(size_t size) { return load_le(take(size), size); }

  uint64_t varint() {
    if (at_ != end_ && *at_ < 0x80) return *at_++;
    return long_varint();
  }

  Bytes sized() {
    uint64_t size = varint();
    if (size > left()) malformed("a size reaches past the end");
    return {take(static_cast<size_t>(size)), static_cast<size_t>(size)};
  }

 private:
  uint64_t long_varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      uint8_t part = byte();
      if (shift == 63 && part > 1) break;
      value |= static_cast<uint64_t>(part & 0x7f) << shift;
      if (part < 0x80) return value;
    }
    malformed("a varint is too long");
  }

  const uint8_t* at_;
  const uint8_t* end_;
};

}  // namespace cairn
