#include "core/value/column_builder.h"

#include <algorithm>

#include "core/value/object.h"
#include "core/value/text.h"
#include "core/value/text_dictionary.h"

namespace cairn {

using fb::ColumnKind;
using flatbuffers::Offset;
using flatbuffers::Vector;

namespace {

// A FlatBuffers buffer may not reach 2 GiB; columns that would are given up long before.
constexpr size_t kMaxTotal = 1u << 29;
constexpr size_t kMaxGroups = 256;
constexpr uint16_t kLoose = 65535;

// What values a column has, as a set of bits.
enum Class : uint16_t {
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

constexpr Class class_of(uint8_t tag) {
  if (tag == kNull) return kHasNull;
  if (tag == kFalse || tag == kTrue) return kHasBool;
  if ((tag >= kInt8 && tag <= kInt32) || (tag >= 0x20 && tag < 0x40)) return kHasInt32;
  if (tag >= kInt48 && tag <= kFloat64) return kHasNumber;
  if (tag == kDate48 || tag == kDate64) return kHasDate;
  if (tag >= kShortAscii || tag == kAscii || tag == kText) return kHasText;
  if (tag == kBytes) return kHasBytes;
  if (tag == kArray) return kHasArray;
  return tag == kObject ? kHasObject : kHasOther;
}

constexpr std::array<uint16_t, 256> kClasses = [] {
  std::array<uint16_t, 256> classes{};
  for (size_t tag = 0; tag < 256; ++tag) classes[tag] = class_of(static_cast<uint8_t>(tag));
  return classes;
}();

ColumnKind kind_of(unsigned classes, size_t depth) {
  switch (classes & ~unsigned{kHasNull}) {
    case 0:
      return ColumnKind::Null;
    case kHasBool:
      return ColumnKind::Bool;
    case kHasInt32:
      return ColumnKind::Int32;
    case kHasNumber:
    case kHasNumber | kHasInt32:
      return ColumnKind::Float64;
    case kHasDate:
      return ColumnKind::Date;
    case kHasText:
      return ColumnKind::Text;
    case kHasBytes:
      return ColumnKind::Bytes;
    case kHasArray:
      return depth < kMaxColumnDepth ? ColumnKind::List : ColumnKind::Tagged;
    case kHasObject:
      return depth < kMaxColumnDepth ? ColumnKind::Object : ColumnKind::Tagged;
    default:
      return ColumnKind::Tagged;
  }
}

Slot slot_of(const Item& item, const uint8_t* arena) {
  return Slot::make(item.tag, static_cast<size_t>(item.data - arena), item.size);
}

}  // namespace

void ColumnBuilder::account(size_t bytes) {
  total_ += bytes;
  if (total_ > kMaxTotal)
    throw Error(Status::kTooLarge, "a batch would exceed 64 MiB: ask for fewer rows a batch");
}

Offset<fb::Column> ColumnBuilder::table(const Parts& parts) {
  return fb::CreateColumn(builder_, parts.kind, parts.nulls, parts.data, parts.ints, parts.doubles,
                          parts.ends, parts.codes, parts.codes16, parts.child, parts.objects,
                          parts.narrow_start, parts.wide_start, parts.count);
}

Offset<fb::Column> ColumnBuilder::column(const Slots& values, size_t depth) {
  unsigned classes = 0;
  for (Slot value : values) classes |= kClasses[value.tag()];
  return column(values, classes, depth);
}

Offset<fb::Column> ColumnBuilder::column(const Slots& values, unsigned classes, size_t depth) {
  Parts parts;
  parts.count = static_cast<uint32_t>(values.size());
  parts.kind = kind_of(classes, depth);
  account(values.size() * 8 + 256);
  if ((classes & kHasNull) != 0 && parts.kind != ColumnKind::Null) parts.nulls = nulls(values);
  switch (parts.kind) {
    case ColumnKind::Bool:
      bools(values, parts);
      break;
    case ColumnKind::Int32:
      ints(values, parts);
      break;
    case ColumnKind::Float64:
    case ColumnKind::Date:
      doubles(values, parts);
      break;
    case ColumnKind::Text:
      texts(values, parts);
      break;
    case ColumnKind::Bytes:
      byte_strings(values, parts);
      break;
    case ColumnKind::List:
      lists(values, depth, parts);
      break;
    case ColumnKind::Object:
      parts.objects = objects(values, depth + 1);
      break;
    case ColumnKind::Tagged:
      tagged(values, depth, parts);
      break;
    default:
      break;
  }
  return table(parts);
}

Offset<Vector<uint8_t>> ColumnBuilder::nulls(const Slots& values) {
  uint8_t* bits;
  size_t size = (values.size() + 7) / 8;
  auto vector = builder_.CreateUninitializedVector<uint8_t>(size, &bits);
  std::memset(bits, 0, size);
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i].tag() == kNull) bits[i / 8] = static_cast<uint8_t>(bits[i / 8] | 1u << i % 8);
  return vector;
}

void ColumnBuilder::bools(const Slots& values, Parts& parts) {
  uint8_t* out;
  parts.data = builder_.CreateUninitializedVector<uint8_t>(values.size(), &out);
  for (Slot value : values) *out++ = value.tag() == kTrue;
}

void ColumnBuilder::ints(const Slots& values, Parts& parts) {
  int32_t* out;
  parts.ints = builder_.CreateUninitializedVector<int32_t>(values.size(), &out);
  for (Slot value : values)
    *out++ = value.tag() == kNull ? 0 : static_cast<int32_t>(value.item(arena_).integer());
}

void ColumnBuilder::doubles(const Slots& values, Parts& parts) {
  double* out;
  parts.doubles = builder_.CreateUninitializedVector<double>(values.size(), &out);
  bool dates = parts.kind == ColumnKind::Date;
  for (Slot value : values) {
    Item item = value.item(arena_);
    *out++ = item.tag == kNull ? 0 : dates ? static_cast<double>(item.integer()) : item.number();
  }
}

uint32_t ColumnBuilder::add_text(Slot text) {
  Item item = text.item(arena_);
  if (item.tag == kNull) return static_cast<uint32_t>(narrow_size_ << 1);
  if (item.tag == kText) {
    if (!is_wtf8(item.bytes())) malformed("a text is not text");
    if (encoding_ == fb::TextEncoding::Utf16) {
      wtf8_to_utf16(item.bytes(), wide_);
      return static_cast<uint32_t>(wide_.size() / 2) << 1 | 1;
    }
    narrow_is_ascii_ = false;
  }
  narrow_.push_back(text);
  narrow_size_ += item.size;
  return static_cast<uint32_t>(narrow_size_ << 1);
}

void ColumnBuilder::texts(const Slots& values, Parts& parts) {
  if (dictionary(values, parts)) return;
  parts.narrow_start = static_cast<uint32_t>(narrow_size_);
  parts.wide_start = static_cast<uint32_t>(wide_.size() / 2);
  uint32_t* ends;
  parts.ends = builder_.CreateUninitializedVector<uint32_t>(values.size(), &ends);
  for (Slot value : values) *ends++ = add_text(value);
  account(narrow_size_ - parts.narrow_start);
}

// Tries to lay out texts as codes into their distinct values. Gives up where few repeat.
bool ColumnBuilder::dictionary(const Slots& values, Parts& parts) {
  TextDictionary texts(arena_);
  if (values.size() < 8 || !texts.build(values)) return false;
  parts.kind = ColumnKind::TextDict;
  Parts child;
  child.kind = ColumnKind::Text;
  child.count = static_cast<uint32_t>(texts.distinct().size());
  child.narrow_start = static_cast<uint32_t>(narrow_size_);
  child.wide_start = static_cast<uint32_t>(wide_.size() / 2);
  std::vector<uint32_t> ends;
  ends.reserve(texts.distinct().size());
  for (Slot text : texts.distinct()) ends.push_back(add_text(text));
  child.ends = builder_.CreateVector(ends);
  parts.child = table(child);
  const std::vector<uint16_t>& codes = texts.codes();
  if (texts.distinct().size() > 256) {
    parts.codes16 = builder_.CreateVector(codes);
  } else {
    uint8_t* out;
    parts.codes = builder_.CreateUninitializedVector<uint8_t>(codes.size(), &out);
    for (uint16_t code : codes) *out++ = static_cast<uint8_t>(code);
  }
  return true;
}

void ColumnBuilder::byte_strings(const Slots& values, Parts& parts) {
  uint32_t* ends;
  parts.ends = builder_.CreateUninitializedVector<uint32_t>(values.size(), &ends);
  size_t total = 0;
  for (Slot value : values) *ends++ = static_cast<uint32_t>(total += value.size());
  account(total);
  uint8_t* data;
  parts.data = builder_.CreateUninitializedVector<uint8_t>(total, &data);
  for (Slot value : values) {
    if (value.size() != 0) std::memcpy(data, value.item(arena_).data, value.size());
    data += value.size();
  }
}

void ColumnBuilder::lists(const Slots& values, size_t depth, Parts& parts) {
  Slots items;
  unsigned classes = 0;
  std::vector<uint32_t> ends;
  ends.reserve(values.size());
  for (Slot value : values) {
    if (value.tag() == kArray) {
      TupleReader reader = read_array(value.item(arena_).bytes());
      account(reader.left());
      while (!reader.done()) {
        Item item = reader.next();
        classes |= kClasses[item.tag];
        items.push_back(slot_of(item, arena_));
      }
      reader.expect_end();
    }
    ends.push_back(static_cast<uint32_t>(items.size()));
  }
  parts.ends = builder_.CreateVector(ends);
  parts.child = column(items, classes, depth + 1);
}

void ColumnBuilder::tagged(const Slots& values, size_t depth, Parts& parts) {
  ByteBuffer data;
  std::vector<uint32_t> ends;
  ends.reserve(values.size());
  Transcoder transcoder(&shapes_, nullptr);
  for (Slot value : values) {
    TupleWriter writer(data, 1);
    transcoder.put(value.item(arena_), writer, depth);
    ends.push_back(static_cast<uint32_t>(data.size()));
    if (data.size() > kMaxTotal) account(data.size());
  }
  account(data.size());
  parts.data = builder_.CreateVector(data.data(), data.size());
  parts.ends = builder_.CreateVector(ends);
}

size_t ColumnBuilder::split_of(const Shape* shape, size_t objects, std::vector<Split>& splits) {
  for (size_t i = splits.size(); i-- > 0;)
    if (splits[i].shape == shape) return i;
  if (splits.size() >= kMaxGroups) return kLoose;
  splits.push_back({shape, std::vector<Field>(shape->names.size())});
  for (Field& field : splits.back().fields) field.values.reserve(splits.size() == 1 ? objects : 0);
  return splits.size() - 1;
}

Offset<fb::Objects> ColumnBuilder::objects(const Slots& values, size_t depth) {
  std::vector<Split> splits;
  std::vector<uint16_t> group_of;
  group_of.reserve(values.size());
  Slots loose;
  uint64_t last_id = 0;  // most objects have the shape of the one before
  size_t group = kLoose;
  for (Slot value : values) {
    if (value.tag() == kNull) continue;
    ByteReader reader(value.item(arena_).bytes());
    uint64_t id = reader.varint();
    if (id != last_id || id == 0) {
      group = id == 0 || loose_ ? kLoose : split_of(shape_of(id), values.size(), splits);
      last_id = id;
    }
    group_of.push_back(static_cast<uint16_t>(group));
    if (group == kLoose) {
      loose.push_back(value);
    } else {
      split(reader, splits[group]);
    }
  }
  return objects_table(splits, group_of, loose, depth);
}

const Shape* ColumnBuilder::shape_of(uint64_t id) {
  if (id > kMaxShapes) malformed("an object refers to a shape");
  return &shapes_.shape(static_cast<uint32_t>(id));
}

void ColumnBuilder::split(ByteReader reader, Split& split) {
  ++split.count;
  TupleReader fields(reader, split.fields.size());
  for (Field& field : split.fields) {
    Item item = fields.next();
    field.classes |= kClasses[item.tag];
    field.values.push_back(slot_of(item, arena_));
  }
  fields.expect_end();
}

Offset<fb::Objects> ColumnBuilder::objects_table(const std::vector<Split>& splits,
                                                 const std::vector<uint16_t>& group_of,
                                                 const Slots& loose, size_t depth) {
  std::vector<Offset<fb::Group>> groups;
  for (const Split& split : splits) groups.push_back(group(split, depth));
  Offset<fb::Column> loose_column = 0;
  if (!loose.empty()) {
    Parts parts;
    parts.kind = ColumnKind::Tagged;
    parts.count = static_cast<uint32_t>(loose.size());
    tagged(loose, depth - 1, parts);
    loose_column = table(parts);
  }
  Offset<Vector<uint16_t>> group_vector = 0;
  if (splits.size() != 1 || !loose.empty()) group_vector = builder_.CreateVector(group_of);
  auto group_tables = builder_.CreateVector(groups);
  return fb::CreateObjects(builder_, static_cast<uint32_t>(group_of.size()), group_vector,
                           group_tables, loose_column);
}

Offset<fb::Group> ColumnBuilder::group(const Split& split, size_t depth) {
  std::vector<Offset<fb::Column>> columns;
  columns.reserve(split.fields.size());
  for (const Field& field : split.fields)
    columns.push_back(column(field.values, field.classes, depth));
  ByteBuffer names;
  TupleWriter writer(names, 1);
  size_t start = writer.open(kArray);
  names.put_varint(split.shape->names.size());
  TupleWriter items(names, split.shape->names.size());
  for (std::string_view name : split.shape->names) items.put_text(as_bytes(name));
  writer.close(start);
  account(names.size());
  auto fields = builder_.CreateVector(names.data(), names.size());
  return fb::CreateGroup(builder_, fields, split.count, builder_.CreateVector(columns));
}

Offset<Vector<uint8_t>> ColumnBuilder::narrow_heap() {
  uint8_t* out;
  auto heap = builder_.CreateUninitializedVector<uint8_t>(narrow_size_, &out);
  const uint8_t* end = out + narrow_size_;
  for (Slot text : narrow_) {
    const uint8_t* from = arena_ + text.offset();
    size_t size = text.size();
    // Texts are short: whole steps, as long as they stay in the heap, need no call. The arena
    // has kArenaSlack bytes behind its end.
    if (size <= 64 && static_cast<size_t>(end - out) >= 64) {
      for (size_t i = 0; i < size; i += kArenaSlack) std::memcpy(out + i, from + i, kArenaSlack);
    } else if (size != 0) {
      std::memcpy(out, from, size);
    }
    out += size;
  }
  check_ascii(end - narrow_size_);
  return heap;
}

// Texts that say that they are ASCII have to be: others rely on it. One look at the heap is enough
// where it has no other texts.
void ColumnBuilder::check_ascii(const uint8_t* heap) const {
  bool ascii = true;
  if (narrow_is_ascii_) {
    ascii = is_ascii(heap, narrow_size_);
  } else {
    for (Slot text : narrow_)
      ascii = ascii && (text.tag() == kText || is_ascii(arena_ + text.offset(), text.size()));
  }
  if (!ascii) malformed("a text is not ASCII");
}

Offset<Vector<uint16_t>> ColumnBuilder::wide_heap() {
  if (wide_.empty()) return 0;
  uint16_t* out;
  auto heap = builder_.CreateUninitializedVector<uint16_t>(wide_.size() / 2, &out);
  std::memcpy(out, wide_.data(), wide_.size());
  return heap;
}

}  // namespace cairn
