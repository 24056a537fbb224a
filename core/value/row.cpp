#include "core/value/row.h"

#include <algorithm>

namespace cairn {
namespace {

bool has_undefined(const ObjectView& patch) {
  return std::memchr(patch.fields.tags(), kUndefined, patch.fields.left()) != nullptr;
}

}  // namespace

ObjectView read_row(Bytes row, ShapeReader& shapes, std::vector<std::string_view>& scratch) {
  if (row.size() <= kRowHashSize || row[kRowHashSize] != kRowCodecVersion)
    throw Error(Status::kCorrupt, "a row is not of a codec version that this library reads");
  return read_object(row.subspan(kRowHashSize + 1), &shapes, scratch);
}

void RowEncoder::begin() {
  buffer_.clear();
  buffer_.extend(kRowHashSize);
  buffer_.put(kRowCodecVersion);
  sealed_ = false;
}

void RowEncoder::put_fields(Names names, std::span<const Item> items) {
  begin();
  put_names(names, nullptr, &shapes_, buffer_);
  TupleWriter writer(buffer_, items.size());
  for (const Item& item : items) writer.put(item);
}

void RowEncoder::insert(const ObjectView& patch) {
  if (has_undefined(patch)) {
    names_.clear();
    items_.clear();
    TupleReader fields = patch.fields;
    for (std::string_view name : patch.names) {
      Item item = fields.next();
      if (item.tag == kUndefined) continue;
      names_.push_back(name);
      items_.push_back(item);
    }
    return put_fields(names_, items_);
  }
  begin();
  if (patch.shape != nullptr) {
    buffer_.put_varint(patch.shape->id);
  } else {
    put_names(patch.names, nullptr, &shapes_, buffer_);
  }
  buffer_.put(Bytes{patch.fields.tags(), patch.fields.left()});
  buffer_.put(patch.fields.payloads());
}

void RowEncoder::merge(Bytes stored, const ObjectView& patch) {
  ObjectView old = read_row(stored, shapes_, scratch_);
  names_.assign(old.names.begin(), old.names.end());
  items_.clear();
  while (!old.fields.done()) items_.push_back(old.fields.next());
  bool same_names = true;
  TupleReader fields = patch.fields;
  for (std::string_view name : patch.names) {
    Item item = fields.next();
    auto found = std::find(names_.begin(), names_.end(), name);
    auto position = found - names_.begin();
    if (found == names_.end()) {
      if (item.tag == kUndefined) continue;
      names_.push_back(name);
      items_.push_back(item);
    } else if (item.tag == kUndefined) {
      names_.erase(found);
      items_.erase(items_.begin() + position);
    } else {
      items_[static_cast<size_t>(position)] = item;
      continue;
    }
    same_names = false;
  }
  if (!same_names || old.shape == nullptr) return put_fields(names_, items_);
  begin();
  buffer_.put_varint(old.shape->id);
  TupleWriter writer(buffer_, items_.size());
  for (const Item& item : items_) writer.put(item);
}

void RowEncoder::seal() {
  if (sealed_) return;
  ObjectView object = read_row(buffer_.bytes(), shapes_, scratch_);
  uint64_t hash = hash64(canonical_.object(object));
  for (size_t i = 0; i < kRowHashSize; ++i) buffer_[i] = static_cast<uint8_t>(hash >> (8 * i));
  sealed_ = true;
}

bool RowEncoder::same_as(Bytes stored) {
  if (stored.size() > kRowHashSize && same_bytes(body(), stored.subspan(kRowHashSize))) return true;
  seal();
  if (stored.size() <= kRowHashSize || row_hash(buffer_.bytes()) != row_hash(stored)) return false;
  Canonicalizer other(&shapes_);
  std::vector<std::string_view> names;
  Bytes theirs = other.object(read_row(stored, shapes_, names));
  return same_bytes(canonical_.object(read_row(buffer_.bytes(), shapes_, scratch_)), theirs);
}

Bytes RowEncoder::row() {
  seal();
  return buffer_.bytes();
}

void verify_row(Bytes row, ShapeReader& shapes) try {
  std::vector<std::string_view> scratch;
  ObjectView object = read_row(row, shapes, scratch);
  ByteBuffer copy;
  Transcoder(&shapes, nullptr).put_object_body(object, copy, 1);
  if (hash64(Canonicalizer(&shapes).object(object)) != row_hash(row))
    throw Error(Status::kCorrupt, "the row's hash does not match its contents");
} catch (const Error& error) {
  if (error.status() == Status::kCorrupt) throw;
  throw Error(Status::kCorrupt, error.what());
}

}  // namespace cairn
