#include "core/value/row.h"

#include <algorithm>
#include <unordered_map>

namespace cairn {
namespace {

// Gives an object the shape that it was read with, so that a copy has to be the same.
class SameShapes : public ShapeWriter {
 public:
  explicit SameShapes(ShapeReader& shapes) : shapes_(shapes) {}
  const Shape& shape(uint32_t id) override { return *(last_ = &shapes_.shape(id)); }
  const Shape* intern(Names names) override {
    return last_ != nullptr && last_->names.data() == names.data() ? last_ : nullptr;
  }

 private:
  ShapeReader& shapes_;
  const Shape* last_ = nullptr;
};

// Called where `error` is caught: what only failed while bytes were read goes on as it is.
[[noreturn]] void throw_damaged(const Error& error) {
  if (!error.is_about_bytes()) throw;
  throw Error(Status::kCorrupt, std::string("the stored row is damaged: ") + error.what());
}

bool has_undefined(const ObjectView& patch) {
  return patch.fields.left() != 0 &&
         std::memchr(patch.fields.tags(), kUndefined, patch.fields.left()) != nullptr;
}

}  // namespace

ObjectView read_row(Bytes row, ShapeReader& shapes, std::vector<std::string_view>& scratch) {
  if (row.size() <= kRowHashSize || row[kRowHashSize] != kRowCodecVersion)
    throw Error(Status::kCorrupt, "a row is not of a codec version that this library reads");
  return read_object(row.subspan(kRowHashSize + 1), &shapes, scratch);
}

bool is_patch(Bytes stored, const ObjectView& patch) {
  if (patch.shape == nullptr || stored.size() <= kRowHashSize + 1) return false;
  ByteReader reader(stored.subspan(kRowHashSize));
  if (reader.byte() != kRowCodecVersion || reader.varint() != patch.shape->id) return false;
  // A tuple's payloads follow its tags; undefined is in no stored row.
  size_t size = patch.fields.left() + patch.fields.payloads().size();
  return same_bytes({reader.at(), reader.left()}, {patch.fields.tags(), size});
}

void RowEncoder::begin() {
  buffer_.clear();
  buffer_.extend(kRowHashSize);
  buffer_.put(kRowCodecVersion);
  sealed_ = false;
}

// Makes a row of the fields that are not undefined.
void RowEncoder::put_defined(Names names, std::span<const Item> items) {
  std::vector<std::string_view> kept_names;
  std::vector<Item> kept;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].tag == kUndefined) continue;
    kept_names.push_back(names[i]);
    kept.push_back(items[i]);
  }
  begin();
  put_names(kept_names, nullptr, &shapes_, buffer_);
  TupleWriter writer(buffer_, kept.size());
  for (const Item& item : kept) writer.put(item);
}

void RowEncoder::insert(const ObjectView& patch) {
  if (has_undefined(patch)) {
    items_.clear();
    for (TupleReader fields = patch.fields; !fields.done();) items_.push_back(fields.next());
    return put_defined(patch.names, items_);
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

// Puts one field of a patch among the row's; false where that changes the row's names.
bool RowEncoder::merge_field(std::string_view name, const Item& item, size_t position) {
  if (position < names_.size() && item.tag != kUndefined) {
    items_[position] = item;
    return true;
  }
  if (position < names_.size()) {
    items_[position].tag = kUndefined;  // left out when the fields are written
    return false;
  }
  if (item.tag == kUndefined) return true;
  names_.push_back(name);
  items_.push_back(item);
  return false;
}

// Reads a stored row and its fields into items_.
ObjectView RowEncoder::read_stored(Bytes stored) try {
  ObjectView row = read_row(stored, shapes_, scratch_);
  items_.clear();
  for (TupleReader fields = row.fields; !fields.done();) items_.push_back(fields.next());
  return row;
} catch (const Error& error) {
  throw_damaged(error);
}

void RowEncoder::merge(Bytes stored, const ObjectView& patch) {
  ObjectView old = read_stored(stored);
  names_.assign(old.names.begin(), old.names.end());
  // Searching one by one is fastest for few fields, and quadratic for many.
  std::unordered_map<std::string_view, size_t> places;
  bool many = names_.size() * patch.names.size() > 4096;
  for (size_t i = 0; many && i < names_.size(); ++i) places.emplace(names_[i], i);
  bool same_names = true;
  TupleReader fields = patch.fields;
  for (std::string_view name : patch.names) {
    size_t position;
    if (many) {
      position = places.emplace(name, names_.size()).first->second;
    } else {
      position =
          static_cast<size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
    }
    same_names &= merge_field(name, fields.next(), position);
  }
  if (!same_names || old.shape == nullptr) return put_defined(names_, items_);
  begin();
  buffer_.put_varint(old.shape->id);
  TupleWriter writer(buffer_, items_.size());
  for (const Item& item : items_) writer.put(item);
}

void RowEncoder::take(Bytes row) {
  buffer_.clear();
  buffer_.put(row);
  sealed_ = true;
}

void RowEncoder::seal() {
  if (sealed_) return;
  if (buffer_.size() > kMaxRowBytes)
    throw ValueError("a row larger than 16 MiB", Status::kTooLarge);
  uint64_t hash = hash_of_made();
  for (size_t i = 0; i < kRowHashSize; ++i) buffer_[i] = static_cast<uint8_t>(hash >> (8 * i));
  sealed_ = true;
}

// Patches were checked before, so that only a stored row can have brought what is not readable.
uint64_t RowEncoder::hash_of_made() try {
  return hash64(canonical_.object(read_row(buffer_.bytes(), shapes_, scratch_)));
} catch (const Error& error) {
  throw_damaged(error);
}

bool RowEncoder::same_as(Bytes stored) {
  if (stored.size() > kRowHashSize && same_bytes(body(), stored.subspan(kRowHashSize))) return true;
  seal();
  if (stored.size() <= kRowHashSize || row_hash(buffer_.bytes()) != row_hash(stored)) return false;
  Bytes ours = canonical_.object(read_row(buffer_.bytes(), shapes_, scratch_));
  try {
    Canonicalizer other(&shapes_);
    std::vector<std::string_view> names;
    return same_bytes(ours, other.object(read_row(stored, shapes_, names)));
  } catch (const Error& error) {
    if (!error.is_about_bytes()) throw;
    return false;  // it is damaged behind its hash: a row that can be read is another
  }
}

Bytes RowEncoder::row() {
  seal();
  return buffer_.bytes();
}

void verify_row(Bytes row, ShapeReader& shapes) try {
  std::vector<std::string_view> scratch;
  SameShapes same(shapes);
  ObjectView object = read_row(row, same, scratch);
  ByteBuffer copy;
  Transcoder(&same, &same).put_object_body(object, copy, 1);
  if (!same_bytes(copy.bytes(), row.subspan(kRowHashSize + 1)))
    throw Error(Status::kCorrupt, "the row holds a value that is not in its one form");
  if (hash64(Canonicalizer(&shapes).object(object)) != row_hash(row))
    throw Error(Status::kCorrupt, "the row's hash does not match its contents");
} catch (const Error& error) {
  if (error.status() == Status::kCorrupt || !error.is_about_bytes()) throw;
  throw Error(Status::kCorrupt, error.what());
}

}  // namespace cairn
