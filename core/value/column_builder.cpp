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
// For fewer texts a dictionary takes longer to make and to read than it saves bytes.
constexpr size_t kMinDictionary = 64;

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

Offset<fb::Column> ColumnBuilder::column(Slots values, size_t depth) {
  unsigned classes = 0;
  for (Slot value : values) classes |= class_of(value.tag());
  return column(values, classes, depth);
}

Offset<fb::Column> ColumnBuilder::column(Slots values, unsigned classes, size_t depth) {
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

Offset<Vector<uint8_t>> ColumnBuilder::nulls(Slots values) {
  uint8_t* bits;
  size_t size = (values.size() + 7) / 8;
  auto vector = builder_.CreateUninitializedVector<uint8_t>(size, &bits);
  std::memset(bits, 0, size);
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i].tag() == kNull) bits[i / 8] = static_cast<uint8_t>(bits[i / 8] | 1u << i % 8);
  return vector;
}

void ColumnBuilder::bools(Slots values, Parts& parts) {
  uint8_t* out;
  parts.data = builder_.CreateUninitializedVector<uint8_t>(values.size(), &out);
  for (Slot value : values) *out++ = value.tag() == kTrue;
}

// The integer or date of a slot, 0 for null. Eight bytes are read whatever the size, since sizes
// change from row to row and the arena has room behind its end.
int64_t ColumnBuilder::integer(Slot value) const {
  if (value.size() == 0) return value.tag() == kNull ? 0 : value.tag() - kSmallInt;
  return sign_extend(load_le(arena_ + value.offset(), 8), value.size());
}

void ColumnBuilder::ints(Slots values, Parts& parts) {
  int32_t* out;
  parts.ints = builder_.CreateUninitializedVector<int32_t>(values.size(), &out);
  for (Slot value : values) *out++ = static_cast<int32_t>(integer(value));
}

void ColumnBuilder::doubles(Slots values, Parts& parts) {
  double* out;
  parts.doubles = builder_.CreateUninitializedVector<double>(values.size(), &out);
  bool dates = parts.kind == ColumnKind::Date;
  for (Slot value : values) {
    bool whole = dates || value.tag() < kFloat32 || value.tag() > kFloat64;
    *out++ = whole ? static_cast<double>(integer(value)) : value.item(arena_).number();
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
    narrow_high_bytes_ += high_bytes(item.bytes());
  }
  narrow_.push_back(text);
  narrow_size_ += item.size;
  return static_cast<uint32_t>(narrow_size_ << 1);
}

void ColumnBuilder::texts(Slots values, Parts& parts) {
  if (dictionary(values, parts)) return;
  parts.narrow_start = static_cast<uint32_t>(narrow_size_);
  parts.wide_start = static_cast<uint32_t>(wide_.size() / 2);
  narrow_.reserve(narrow_.size() + values.size());
  uint32_t* ends;
  parts.ends = builder_.CreateUninitializedVector<uint32_t>(values.size(), &ends);
  for (Slot value : values) *ends++ = add_text(value);
  account(narrow_size_ - parts.narrow_start);
}

// Tries to lay out texts as codes into their distinct values. Gives up where few repeat.
bool ColumnBuilder::dictionary(Slots values, Parts& parts) {
  TextDictionary texts(arena_);
  if (values.size() < kMinDictionary || !texts.build(values)) return false;
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

void ColumnBuilder::byte_strings(Slots values, Parts& parts) {
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

void ColumnBuilder::lists(Slots values, size_t depth, Parts& parts) {
  std::vector<Slot> items;
  items.reserve(2 * values.size());
  unsigned classes = 0;
  std::vector<uint32_t> ends;
  ends.reserve(values.size());
  for (Slot value : values) {
    if (value.tag() == kArray) {
      ByteReader reader(value.item(arena_).bytes());
      size_t count = array_size(reader);
      account(count);
      visit_tuple(reader, count, arena_, [&](Slot item, unsigned item_classes) {
        classes |= item_classes;
        items.push_back(item);
      });
    }
    ends.push_back(static_cast<uint32_t>(items.size()));
  }
  parts.ends = builder_.CreateVector(ends);
  parts.child = column(items, classes, depth + 1);
}

void ColumnBuilder::tagged(Slots values, size_t depth, Parts& parts) {
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

Offset<fb::Objects> ColumnBuilder::objects(Slots values, size_t depth) {
  ObjectSplitter splitter;
  for (Slot value : values) {
    if (value.tag() == kNull) continue;
    loose_ ? splitter.add_loose(value) : splitter.add(value, arena_, shapes_);
  }
  return objects(splitter, depth);
}

Offset<fb::Objects> ColumnBuilder::objects(const ObjectSplitter& objects, size_t depth) {
  std::vector<Offset<fb::Group>> groups;
  for (const ObjectSplitter::Group& members : objects.groups())
    groups.push_back(group(members, depth));
  Offset<fb::Column> loose_column = 0;
  if (!objects.loose().empty()) {
    Parts parts;
    parts.kind = ColumnKind::Tagged;
    parts.count = static_cast<uint32_t>(objects.loose().size());
    tagged(objects.loose(), depth - 1, parts);
    loose_column = table(parts);
  }
  Offset<Vector<uint16_t>> group_vector = 0;
  if (groups.size() != 1 || !objects.loose().empty())
    group_vector = builder_.CreateVector(objects.group_of());
  auto group_tables = builder_.CreateVector(groups);
  return fb::CreateObjects(builder_, static_cast<uint32_t>(objects.group_of().size()), group_vector,
                           group_tables, loose_column);
}

Offset<fb::Group> ColumnBuilder::group(const ObjectSplitter::Group& members, size_t depth) {
  const std::vector<std::string_view>& names = members.shape().names;
  std::vector<Offset<fb::Column>> columns;
  columns.reserve(names.size());
  for (size_t at = 0; at < names.size(); ++at)
    columns.push_back(column(members.field(at), members.classes(at), depth));
  ByteBuffer list;
  TupleWriter writer(list, 1);
  size_t start = writer.open(kArray);
  list.put_varint(names.size());
  TupleWriter items(list, names.size());
  for (std::string_view name : names) items.put_text(as_bytes(name));
  writer.close(start);
  account(list.size());
  auto fields = builder_.CreateVector(list.data(), list.size());
  return fb::CreateGroup(builder_, fields, members.count(), builder_.CreateVector(columns));
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
  // Texts that say that they are ASCII have to be: others rely on it. One look at the heap tells,
  // since the bytes that are not were counted in the other texts.
  if (high_bytes({end - narrow_size_, narrow_size_}) != narrow_high_bytes_)
    malformed("a text is not ASCII");
  return heap;
}

Offset<Vector<uint16_t>> ColumnBuilder::wide_heap() {
  if (wide_.empty()) return 0;
  uint16_t* out;
  auto heap = builder_.CreateUninitializedVector<uint16_t>(wide_.size() / 2, &out);
  std::memcpy(out, wide_.data(), wide_.size());
  return heap;
}

}  // namespace cairn
