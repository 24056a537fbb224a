// Takes stored objects apart into the values of each field, shape by shape: the first step of
// laying out columns. Values stay where they are, in an arena; slots say where. One thread at a
// time.
#pragma once

#include <array>
#include <vector>

#include "core/value/shape.h"

namespace cairn {

// A value in the arena: tag, size and offset in one word.
class Slot {
 public:
  Slot() = default;
  static Slot make(uint8_t tag, size_t offset, size_t size) {
    return Slot(static_cast<uint64_t>(tag) | static_cast<uint64_t>(size) << 8 |
                static_cast<uint64_t>(offset) << 36);
  }
  static Slot of(const Item& item, const uint8_t* arena) {
    return make(item.tag, static_cast<size_t>(item.data - arena), item.size);
  }
  uint8_t tag() const { return static_cast<uint8_t>(bits_); }
  size_t size() const { return static_cast<size_t>(bits_ >> 8 & 0xfffffff); }
  size_t offset() const { return static_cast<size_t>(bits_ >> 36); }
  Item item(const uint8_t* arena) const { return {tag(), arena + offset(), size()}; }

 private:
  explicit Slot(uint64_t bits) : bits_(bits) {}
  uint64_t bits_ = 0;
};
using Slots = std::span<const Slot>;

// What values a column has, as a set of bits.
enum ValueClass : uint16_t {
  kHasNull = 1,
  kHasBool = 2,
  kHasInt32 = 4,
  kHasNumber = 8,
  kHasDate = 16,
  kHasText = 32,
  kHasBytes = 64,
  kHasArray = 128,
  kHasObject = 256,
  kHasOther = 512,
};

constexpr ValueClass class_of(uint8_t tag) {
  if (tag == kNull) return kHasNull;
  if (tag == kFalse || tag == kTrue) return kHasBool;
  if ((tag >= kInt8 && tag <= kInt32) || (tag >= kSmallInt && tag < 0x40)) return kHasInt32;
  if (tag >= kInt48 && tag <= kFloat64) return kHasNumber;
  if (is_date(tag)) return kHasDate;
  if (is_text(tag)) return kHasText;
  if (tag == kBytes) return kHasBytes;
  if (tag == kArray) return kHasArray;
  return tag == kObject ? kHasObject : kHasOther;
}

// The payload size of a tag in the lowest byte, its class above.
inline constexpr std::array<uint32_t, 256> kTagFacts = [] {
  std::array<uint32_t, 256> facts{};
  for (size_t tag = 0; tag < 256; ++tag)
    facts[tag] = kPayloadSize[tag] | uint32_t{class_of(static_cast<uint8_t>(tag))} << 8;
  return facts;
}();

// Visits the slot and the class of each of `count` values in a tuple that has to end with the
// reader. Reading spends most of its time here: what a tag says stands in one word, and the
// reader's places in registers.
template <typename Visit>
void visit_tuple(ByteReader reader, size_t count, const uint8_t* arena, Visit visit) {
  const uint8_t* tag = reader.take(count);
  const uint8_t* at = reader.at();
  const uint8_t* end = reader.end();
  for (const uint8_t* last = tag + count; tag != last; ++tag) {
    uint32_t facts = kTagFacts[*tag];
    size_t size = facts & 0xff;
    if (size >= kSized) [[unlikely]] {
      if (size == kBadTag) malformed("unknown tag " + std::to_string(*tag));
      ByteReader payload({at, end});
      size = static_cast<size_t>(payload.varint());
      at = payload.at();
    }
    if (size > static_cast<size_t>(end - at)) malformed("bytes end early");
    visit(Slot::make(*tag, static_cast<size_t>(at - arena), size),
          static_cast<uint16_t>(facts >> 8));
    at += size;
  }
  if (at != end) malformed("bytes follow the last value");
}

class ObjectSplitter {
 public:
  static constexpr uint16_t kLoose = 65535;

  // Objects of one shape: the values of each field, and the classes of them.
  class Group {
   public:
    const Shape& shape() const { return *shape_; }
    uint32_t count() const { return static_cast<uint32_t>(count_); }
    Slots field(size_t at) const { return {slots_.data() + at * capacity_, count_}; }
    unsigned classes(size_t at) const { return classes_[at]; }

   private:
    friend class ObjectSplitter;
    void start(const Shape& shape);
    void add(ByteReader fields, const uint8_t* arena);
    void grow();

    const Shape* shape_ = nullptr;
    size_t count_ = 0;
    size_t capacity_ = 0;
    std::vector<Slot> slots_;  // `capacity_` for each field
    std::vector<uint16_t> classes_;
  };

  // Takes one object apart, or leaves it loose: whole, where it has no shape or there are too many.
  void add(Slot object, const uint8_t* arena, ShapeReader& shapes);
  void add_loose(Slot object);
  // Starts anew in the same memory.
  void clear();

  // For each object its place in groups(), or kLoose.
  const std::vector<uint16_t>& group_of() const { return group_of_; }
  std::span<const Group> groups() const { return {groups_.data(), used_}; }
  Slots loose() const { return loose_; }

 private:
  uint16_t group_of_shape(uint64_t id, ShapeReader& shapes);

  std::vector<Group> groups_;  // those behind `used_` keep their memory for later
  size_t used_ = 0;
  std::vector<uint16_t> group_of_;
  std::vector<Slot> loose_;
  uint64_t last_id_ = 0;  // most objects have the shape of the one before
  uint16_t last_group_ = kLoose;
};

}  // namespace cairn
