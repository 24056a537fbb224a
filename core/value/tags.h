// The tags of values and how their payloads are measured (ENCODING.md, 'Values'). Everything that
// reads or writes encoded values is built from an Item, a TupleReader and a TupleWriter.
#pragma once

#include <array>
#include <cmath>

#include "core/value/bytes.h"

namespace cairn {

enum Tag : uint8_t {
  kNull = 0x00,
  kFalse = 0x01,
  kTrue = 0x02,
  kUndefined = 0x03,
  kInt8 = 0x04,
  kInt16 = 0x05,
  kInt24 = 0x06,
  kInt32 = 0x07,
  kInt48 = 0x08,
  kInt64 = 0x09,
  kFloat32 = 0x0a,
  kFloat64 = 0x0b,
  kDate48 = 0x0c,
  kDate64 = 0x0d,
  kBigInt = 0x10,
  kBytes = 0x11,
  kAscii = 0x12,
  kText = 0x13,
  kArray = 0x14,
  kObject = 0x15,
  kSmallInt = 0x20,    // to 0x3f
  kShortAscii = 0x80,  // to 0xdf
};

inline constexpr size_t kShortAsciiLimit = 96;
inline constexpr size_t kMaxDepth = 128;
inline constexpr size_t kMaxFields = 65535;
inline constexpr size_t kMaxBatchBytes = 64u << 20;
inline constexpr size_t kMaxRowBytes = 16u << 20;
inline constexpr size_t kMaxColumnDepth = 16;
inline constexpr double kMaxDate = 8.64e15;
inline constexpr double kMaxSafe = 9007199254740992.0;  // 2^53

// Payload sizes by tag; these two stand for what is no size.
inline constexpr uint8_t kSized = 0xfe;
inline constexpr uint8_t kBadTag = 0xff;

inline constexpr std::array<uint8_t, 256> kPayloadSize = [] {
  std::array<uint8_t, 256> sizes{};
  sizes.fill(kBadTag);
  for (uint8_t tag : {kNull, kFalse, kTrue, kUndefined}) sizes[tag] = 0;
  sizes[kInt8] = 1;
  sizes[kInt16] = 2;
  sizes[kInt24] = 3;
  sizes[kInt32] = 4;
  sizes[kInt48] = 6;
  sizes[kInt64] = 8;
  sizes[kFloat32] = 4;
  sizes[kFloat64] = 8;
  sizes[kDate48] = 6;
  sizes[kDate64] = 8;
  for (int tag = kBigInt; tag <= kObject; ++tag) sizes[static_cast<size_t>(tag)] = kSized;
  for (size_t tag = 0x20; tag < 0x40; ++tag) sizes[tag] = 0;
  for (size_t n = 0; n < kShortAsciiLimit; ++n) sizes[kShortAscii + n] = static_cast<uint8_t>(n);
  return sizes;
}();

constexpr bool is_text(uint8_t tag) { return tag >= kShortAscii || tag == kAscii || tag == kText; }
constexpr bool is_number(uint8_t tag) {
  return (tag >= kInt8 && tag <= kFloat64) || (tag >= 0x20 && tag < 0x40);
}
constexpr bool is_integer(uint8_t tag) {
  return (tag >= kInt8 && tag <= kInt64) || (tag >= 0x20 && tag < 0x40);
}
constexpr bool is_date(uint8_t tag) { return tag == kDate48 || tag == kDate64; }

// `size`: 1 to 8 bytes.
inline int64_t sign_extend(uint64_t bits, size_t size) {
  unsigned unused = static_cast<unsigned>(64 - 8 * size);
  return static_cast<int64_t>(bits << unused) >> unused;
}

// One encoded value: its tag and its payload, without the size before it where it has one.
struct Item {
  uint8_t tag;
  const uint8_t* data;
  size_t size;

  Bytes bytes() const { return {data, size}; }
  std::string_view text() const { return as_text(bytes()); }

  int64_t integer() const {
    if (tag >= 0x20) return tag - 0x20;
    return sign_extend(load_le(data, size), size);
  }

  double number() const {
    if (tag == kFloat64) {
      double value;
      std::memcpy(&value, data, 8);
      return value;
    }
    if (tag == kFloat32) {
      float value;
      std::memcpy(&value, data, 4);
      return static_cast<double>(value);
    }
    return static_cast<double>(integer());
  }
};

// Reads values whose tags stand together before their payloads; throws kMalformed.
class TupleReader {
 public:
  // `reader` stands at the tags and is bounded by the end of the tuple.
  TupleReader(ByteReader reader, size_t count) : payloads_(reader) {
    tag_ = payloads_.take(count);
    end_ = tag_ + count;
  }

  bool done() const { return tag_ == end_; }
  size_t left() const { return static_cast<size_t>(end_ - tag_); }
  const uint8_t* tags() const { return tag_; }
  Bytes payloads() const { return {payloads_.at(), payloads_.left()}; }

  [[gnu::always_inline]] Item next() {
    uint8_t tag = *tag_++;
    uint8_t size = kPayloadSize[tag];
    if (size < kSized) return {tag, payloads_.take(size), size};
    if (size == kBadTag) malformed("unknown tag " + std::to_string(tag));
    Bytes payload = payloads_.sized();
    return {tag, payload.data(), payload.size()};
  }

  // Every payload byte belongs to a value.
  void expect_end() const {
    if (!payloads_.done()) malformed("bytes follow the last value");
  }

 private:
  const uint8_t* tag_;
  const uint8_t* end_;
  ByteReader payloads_;
};

// Reads one value on its own: a tag and its payload.
inline Item read_item(Bytes value) {
  TupleReader reader(ByteReader(value), 1);
  Item item = reader.next();
  reader.expect_end();
  return item;
}

// Writes `count` values: their tags go into room left for them, payloads are appended.
class TupleWriter {
 public:
  TupleWriter(ByteBuffer& out, size_t count) : out_(out), tag_(out.size()) { out.extend(count); }

  ByteBuffer& out() { return out_; }
  void put_tag(uint8_t tag) { out_[tag_++] = tag; }

  void put(const Item& item) {
    put_tag(item.tag);
    if (kPayloadSize[item.tag] == kSized) out_.put_varint(item.size);
    out_.put(item.bytes());
  }

  void put_number(double value);
  void put_integer(int64_t value);
  void put_date(int64_t milliseconds);
  void put_bool(bool value) { put_tag(value ? kTrue : kFalse); }
  void put_null() { put_tag(kNull); }
  void put_sized(uint8_t tag, Bytes payload) { put(Item{tag, payload.data(), payload.size()}); }
  // Well-formed WTF-8; `ascii` says whether it is that.
  void put_text(Bytes text, bool ascii);
  void put_text(Bytes text);

  // A nested array or object: write its body to out(), then close it.
  size_t open(uint8_t tag) {
    put_tag(tag);
    return out_.size();
  }
  void close(size_t start) { out_.insert_size(start); }

 private:
  ByteBuffer& out_;
  size_t tag_;
};

// Whether a double between -limit and limit is whole. Not by std::trunc, which is a call here.
inline bool is_whole(double value, double limit) {
  return value >= -limit && value <= limit &&
         value == static_cast<double>(static_cast<int64_t>(value));
}

// Whether a double has an integer's value that the integer tags may hold.
inline bool fits_integer(double value) {
  return is_whole(value, kMaxSafe) && !(value == 0 && std::signbit(value));
}

}  // namespace cairn
