#include "core/value/column_reader.h"

#include <algorithm>

#include "core/value/key.h"
#include "core/value/text.h"

namespace cairn {

using fb::ColumnKind;

namespace {

template <typename T>
size_t size_of(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

template <typename T>
const T* data_of(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? nullptr : vector->data();
}

inline void expect(bool condition, const char* what) {
  if (!condition) malformed(std::string("row batch: ") + what);
}

// A column of nulls or of empty lists takes no bytes, so what it makes has to be bounded.
inline void check_growth(const ByteBuffer& out) {
  if (out.size() > 2 * kMaxRowBytes) [[unlikely]]
    throw ValueError("a row larger than 16 MiB", Status::kTooLarge);
}

}  // namespace

ColumnReader::ColumnReader(const fb::Column* column, size_t count, BatchContext& context,
                           size_t depth)
    : column_(column), context_(context), kind_(ColumnKind::Null), count_(count) {
  expect(column != nullptr, "a column is missing");
  expect(depth <= kMaxColumnDepth + 1, "columns nest deeper than 16");
  expect(column->count() == count, "a column has another number of values than its rows");
  context.spend(count);
  kind_ = column->kind();
  if (column->nulls() != nullptr) {
    expect(column->nulls()->size() >= (count + 7) / 8, "a null bitmap is too short");
    nulls_ = column->nulls()->data();
  }
  check_kind(depth);
}

ColumnReader::~ColumnReader() = default;

void ColumnReader::check_kind(size_t depth) {
  switch (kind_) {
    case ColumnKind::Null:
      return expect(count_ <= kMaxBatchBytes, "a column of nulls is too long");
    case ColumnKind::Bool:
      expect(size_of(column_->data()) == count_, "wrong size of data");
      data_ = data_of(column_->data());
      return;
    case ColumnKind::Int32:
      expect(size_of(column_->ints()) == count_, "wrong size of ints");
      ints_ = data_of(column_->ints());
      return;
    case ColumnKind::Float64:
    case ColumnKind::Date:
      expect(size_of(column_->doubles()) == count_, "wrong size of doubles");
      doubles_ = data_of(column_->doubles());
      // FlatBuffers' verifier aligns a vector's size alone, which takes 4 bytes.
      expect(count_ == 0 || reinterpret_cast<uintptr_t>(doubles_) % alignof(double) == 0,
             "doubles are not aligned");
      return;
    case ColumnKind::Text:
      return check_texts();
    case ColumnKind::TextDict:
      return check_dictionary(depth);
    case ColumnKind::Bytes:
    case ColumnKind::Tagged:
      data_ = data_of(column_->data());
      return check_ends(size_of(column_->data()));
    case ColumnKind::List:
      expect(column_->child() != nullptr, "a list without items");
      check_ends(column_->child()->count());
      child_ = std::make_unique<ColumnReader>(column_->child(), count_ ? ends_[count_ - 1] : 0,
                                              context_, depth + 1);
      return;
    case ColumnKind::Object:
      objects_ = std::make_unique<ObjectsReader>(column_->objects(), count_ - null_count(),
                                                 context_, depth + 1);
      return;
    default:
      malformed("row batch: unknown column kind");
  }
}

size_t ColumnReader::null_count() const {
  size_t nulls = 0;
  for (size_t i = 0; i < count_; ++i) nulls += is_null(i);
  return nulls;
}

void ColumnReader::check_ends(size_t limit) {
  expect(size_of(column_->ends()) == count_, "wrong number of ends");
  ends_ = count_ == 0 ? nullptr : column_->ends()->data();
  uint32_t last = 0;
  for (size_t i = 0; i < count_; ++i) {
    expect(ends_[i] >= last, "ends do not rise");
    last = ends_[i];
  }
  expect(last <= limit, "an end reaches past the data");
}

void ColumnReader::check_texts() {
  expect(size_of(column_->ends()) == count_, "wrong number of ends");
  ends_ = count_ == 0 ? nullptr : column_->ends()->data();
  narrow_ = column_->narrow_start();
  wide_ = column_->wide_start();
  size_t narrow = narrow_, wide = wide_;
  expect(narrow <= context_.narrow.size() && wide <= context_.wide.size() / 2,
         "texts begin past their heap");
  for (size_t i = 0; i < count_; ++i) {
    size_t& last = (ends_[i] & 1) != 0 ? wide : narrow;
    expect(ends_[i] >> 1 >= last, "the ends of texts do not rise");
    last = ends_[i] >> 1;
  }
  expect(narrow <= context_.narrow.size() && wide <= context_.wide.size() / 2,
         "a text reaches past its heap");
}

void ColumnReader::check_dictionary(size_t depth) {
  const fb::Column* texts = column_->child();
  expect(texts != nullptr && texts->kind() == ColumnKind::Text && texts->nulls() == nullptr,
         "a dictionary that is no column of texts");
  ColumnReader reader(texts, texts->count(), context_, depth);
  std::vector<size_t> starts;
  TupleWriter tags(texts_, texts->count());
  for (size_t i = 0; i < texts->count(); ++i) reader.put_next(tags, 1);
  context_.spend(texts_.size());
  TupleReader items(ByteReader(texts_.bytes()), texts->count());
  while (!items.done()) dictionary_.push_back(items.next());
  codes_ = data_of(column_->codes());
  codes16_ = data_of(column_->codes16());
  expect((codes_ != nullptr ? size_of(column_->codes()) : size_of(column_->codes16())) == count_,
         "wrong number of codes");
  for (size_t i = 0; i < count_; ++i)
    expect(code(i) < dictionary_.size() || is_null(i), "a code that the dictionary does not have");
}

void ColumnReader::put_next(TupleWriter& out, size_t nesting) {
  size_t i = at_++;
  if (is_null(i)) return out.put_null();
  put_value(i, out, nesting);
}

void ColumnReader::put_next_key(ByteBuffer& out) {
  if (nulls_ == nullptr && kind_ == ColumnKind::Int32) return encode_number_key(ints_[at_++], out);
  if (nulls_ == nullptr && kind_ == ColumnKind::Float64)
    return encode_number_key(doubles_[at_++], out);
  key_value_.clear();
  TupleWriter writer(key_value_, 1);
  put_next(writer, 1);
  encode_key(read_item(key_value_.bytes()), out);
}

void ColumnReader::put_value(size_t i, TupleWriter& out, size_t nesting) {
  switch (kind_) {
    case ColumnKind::Bool:
      return out.put_bool(data_[i] != 0);
    case ColumnKind::Int32:
      return out.put_integer(ints_[i]);
    case ColumnKind::Float64:
      return out.put_number(doubles_[i]);
    case ColumnKind::Date: {
      double date = doubles_[i];
      if (!is_whole(date, kMaxDate)) throw ValueError("an invalid date");
      return out.put_date(static_cast<int64_t>(date));
    }
    case ColumnKind::Text:
      return put_text(i, out);
    case ColumnKind::TextDict:
      return out.put(dictionary_[code(i)]);
    case ColumnKind::Bytes:
      return out.put_sized(kBytes, slice(i));
    case ColumnKind::List:
      return put_list(i, out, nesting + 1);
    case ColumnKind::Object: {
      if (nesting + 1 > kMaxDepth) throw ValueError("nested deeper than 128");
      size_t start = out.open(kObject);
      objects_->put_next_body(out.out(), nesting + 1);
      return out.close(start);
    }
    case ColumnKind::Tagged:
      return put_tagged(i, out, nesting);
    default:
      return out.put_null();
  }
}

Bytes ColumnReader::slice(size_t i) const {
  size_t start = i == 0 ? 0 : ends_[i - 1];
  if (ends_[i] == start) return {};
  return {data_ + start, ends_[i] - start};
}

Bytes ColumnReader::next_tagged() { return slice(at_++); }

void ColumnReader::put_text(size_t i, TupleWriter& out) {
  size_t end = ends_[i] >> 1;
  if ((ends_[i] & 1) != 0) {
    scratch_.clear();
    utf16_to_wtf8(context_.wide.data() + 2 * wide_, end - wide_, scratch_);
    wide_ = end;
    return out.put_text(scratch_.bytes());
  }
  Bytes text = context_.narrow.subspan(narrow_, end - narrow_);
  narrow_ = end;
  bool ascii = is_ascii(text.data(), text.size());
  if (!ascii && (context_.encoding == fb::TextEncoding::Utf16 || !is_wtf8(text)))
    malformed("row batch: a text of the narrow heap is not text in its encoding");
  out.put_text(text, ascii);
}

void ColumnReader::put_list(size_t i, TupleWriter& out, size_t nesting) {
  if (nesting > kMaxDepth) throw ValueError("nested deeper than 128");
  size_t count = ends_[i] - (i == 0 ? 0 : ends_[i - 1]);
  if (count > kMaxRowBytes) throw ValueError("a row larger than 16 MiB", Status::kTooLarge);
  size_t start = out.open(kArray);
  out.out().put_varint(count);
  TupleWriter items(out.out(), count);
  for (size_t item = 0; item < count; ++item) {
    try {
      child_->put_next(items, nesting);
      check_growth(out.out());
    } catch (ValueError& error) {
      error.inside(item);
      throw;
    }
  }
  out.close(start);
}

void ColumnReader::put_tagged(size_t i, TupleWriter& out, size_t nesting) {
  Item item = read_item(slice(i));
  if (item.tag == kUndefined && nesting == 1) return out.put_tag(kUndefined);
  Transcoder(nullptr, &context_.shapes).put(item, out, nesting);
}

ObjectsReader::ObjectsReader(const fb::Objects* objects, size_t count, BatchContext& context,
                             size_t depth)
    : context_(context) {
  if (objects == nullptr) {
    expect(count == 0, "objects are missing");
    return;
  }
  expect(objects->count() == count, "another number of objects than rows");
  size_t group_count = size_of(objects->groups());
  group_of_ = objects->group_of();
  size_t loose = 0;
  std::vector<size_t> counts(group_count);
  if (group_of_ == nullptr) {
    expect(count == 0 || group_count == 1, "objects do not say their group");
    if (group_count == 1) counts[0] = count;
  } else {
    expect(group_of_->size() == count, "wrong size of group_of");
    for (uint16_t group : *group_of_) {
      expect(group == 65535 || group < group_count, "an object of a group that is not there");
      ++(group == 65535 ? loose : counts[group]);
    }
  }
  for (size_t i = 0; i < group_count; ++i) {
    const fb::Group* group = objects->groups()->Get(static_cast<flatbuffers::uoffset_t>(i));
    expect(group->count() == counts[i], "a group has another number of objects than refer to it");
    add_group(group, depth);
  }
  expect(loose == 0 || objects->loose() != nullptr, "loose objects are missing");
  if (objects->loose() == nullptr) return;
  expect(objects->loose()->kind() == ColumnKind::Tagged, "loose objects are not tagged");
  loose_ = std::make_unique<ColumnReader>(objects->loose(), loose, context, depth);
}

void ObjectsReader::add_group(const fb::Group* table, size_t depth) {
  expect(table->fields() != nullptr, "a group without field names");
  Group group;
  group.count = table->count();
  Item fields = read_item({table->fields()->data(), table->fields()->size()});
  expect(fields.tag == kArray, "field names are no array");
  TupleReader names = read_array(fields.bytes());
  expect(names.left() <= kMaxFields, "an object has too many fields");
  while (!names.done()) {
    Item name = names.next();
    expect(is_text(name.tag) && is_wtf8(name.bytes()), "a field name is not text");
    group.names.push_back(name.text());
  }
  sort_names(group.names);  // rejects a name that stands twice
  expect(size_of(table->columns()) == group.names.size(), "a group needs one column a field");
  for (size_t i = 0; i < group.names.size(); ++i) {
    const fb::Column* column = table->columns()->Get(static_cast<flatbuffers::uoffset_t>(i));
    group.columns.push_back(std::make_unique<ColumnReader>(column, group.count, context_, depth));
  }
  groups_.push_back(std::move(group));
}

ObjectsReader::Group* ObjectsReader::next_group() {
  size_t i = at_++;
  if (group_of_ == nullptr) return &groups_[0];
  uint16_t group = group_of_->Get(static_cast<flatbuffers::uoffset_t>(i));
  return group == 65535 ? nullptr : &groups_[group];
}

void ObjectsReader::put_fields(Group& group, TupleWriter& out, size_t nesting) {
  for (size_t i = 0; i < group.columns.size(); ++i) {
    try {
      group.columns[i]->put_next(out, nesting);
      check_growth(out.out());
    } catch (ValueError& error) {
      error.inside(group.names[i]);
      throw;
    }
  }
}

const Shape* ObjectsReader::shape_of(Group& group) {
  if (!group.interned) group.shape = context_.shapes.intern(group.names);
  group.interned = true;
  return group.shape;
}

void ObjectsReader::put_next_body(ByteBuffer& out, size_t nesting) {
  Group* group = next_group();
  if (group == nullptr) {
    ByteBuffer fields;
    ObjectView object = next_loose(fields);
    return Transcoder(&context_.shapes, &context_.shapes).put_object_body(object, out, nesting);
  }
  const Shape* shape = shape_of(*group);
  if (shape != nullptr) {
    out.put_varint(shape->id);
  } else {
    out.put_varint(0);
    encode_names(group->names, out);
  }
  TupleWriter fields(out, group->names.size());
  put_fields(*group, fields, nesting);
}

ObjectView ObjectsReader::next_patch(ByteBuffer& out, bool intern) {
  Group* group = next_group();
  if (group == nullptr) return next_loose(out);
  out.clear();
  TupleWriter fields(out, group->names.size());
  put_fields(*group, fields, 1);
  const Shape* shape = intern ? shape_of(*group) : nullptr;
  return {shape, group->names, TupleReader(ByteReader(out.bytes()), group->names.size())};
}

// A portable object: its fields become stored values, undefined ones are passed on.
ObjectView ObjectsReader::next_loose(ByteBuffer& out) {
  Item object = read_item(loose_->next_tagged());
  expect(object.tag == kObject, "a loose value is no object");
  ObjectView view = read_object(object.bytes(), nullptr, loose_names_);
  sort_names(view.names);  // rejects a name that stands twice
  return store_fields(view, context_.shapes, out);
}

}  // namespace cairn
