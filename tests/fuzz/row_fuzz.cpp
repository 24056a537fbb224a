// The row codec. An input is a dictionary of shapes, a stored row and a patch: whatever the row is,
// reading it ends in an error or a value, and a row that `check` would let pass survives every way
// that it can be read, rewritten, merged and laid out in a batch.
#include <algorithm>
#include <optional>

#include "core/value/key.h"
#include "fuzz.h"
#include "support/batches.h"

namespace cairn::fuzz {

bool may_answer(cairn_status status) { return status < CAIRN_SCHEMA_MISMATCH; }

namespace {

using unit::MemoryShapes;

enum Flags : uint8_t {
  kSealed = 1,    // the row comes without hash and version: they are put before it
  kRepeated = 2,  // it stands in a batch so often that its texts get dictionaries
};

// Runs what may find its input damaged; false where it did.
template <typename Body>
bool accepted(Body body) {
  try {
    body();
    return true;
  } catch (const Error& error) {
    expect(error.status() >= Status::kInvalidArgument && error.status() < Status::kOutOfMemory,
           error.what());
    return false;
  }
}

void read_shapes(Input& input, MemoryShapes& shapes) {
  for (int count = input.byte() % 8; count > 0; --count) {
    std::vector<std::vector<uint8_t>> texts(input.byte() % 16);
    std::vector<std::string_view> names;
    for (auto& text : texts) names.push_back(as_text(text = input.sized()));
    accepted([&] { shapes.intern(names); });
  }
}

std::vector<uint8_t> sealed(const std::vector<uint8_t>& body, ShapeReader& shapes) {
  std::vector<uint8_t> row(kRowHashSize);
  row.push_back(kRowCodecVersion);
  row.insert(row.end(), body.begin(), body.end());
  accepted([&] {
    std::vector<std::string_view> names;
    uint64_t hash = hash64(Canonicalizer(&shapes).object(read_row(row, shapes, names)));
    for (size_t i = 0; i < kRowHashSize; ++i) row[i] = static_cast<uint8_t>(hash >> (8 * i));
  });
  return row;
}

std::string portable_row(Bytes row, ShapeReader& shapes) {
  std::vector<std::string_view> names;
  ByteBuffer out;
  TupleWriter writer(out, 1);
  size_t start = writer.open(kObject);
  Transcoder(&shapes, nullptr).put_object_body(read_row(row, shapes, names), out, 1);
  writer.close(start);
  return unit::to_string(out);
}

// A portable object as RowEncoder takes it.
class Patch {
 public:
  Patch(std::string_view portable, ShapeWriter& shapes) : portable_(portable) {
    Item item = read_item(as_bytes(portable_));
    if (item.tag != kObject) malformed("a patch is an object");
    view_.emplace(store_fields(read_object(item.bytes(), nullptr, names_), shapes, fields_));
    sort_names(view_->names);  // as BatchReader does
  }
  const ObjectView& view() const { return *view_; }

 private:
  std::string portable_;
  std::vector<std::string_view> names_;
  ByteBuffer fields_;
  std::optional<ObjectView> view_;
};

Table batch_of(Bytes row, ShapeReader& shapes, fb::TextEncoding encoding, size_t rows) {
  ByteBuffer key;
  encode_number_key(1, key);
  BatchBuilder builder({.versions = true, .metadata = true, .encoding = encoding});
  builder.begin(shapes);
  builder.add_row(key.bytes(), row, 7, as_bytes(std::string_view("\x21")));
  while (builder.rows() < rows) builder.add_row(key.bytes(), row, 8, {});
  return builder.finish();
}

// Reads a batch of rows back; gives how many are the same as `row`.
size_t same_rows(const Table& batch, Bytes row, ShapeWriter& shapes) {
  size_t same = 0;
  BatchReader reader(unit::bytes_of(batch), shapes);
  RowEncoder encoder(shapes);
  while (reader.next()) {
    encoder.insert(reader.patch());
    same += encoder.same_as(row);
    verify_row(encoder.row(), shapes);
  }
  return same;
}

// What is no row to `check` may still be met by a reader.
void use_any(Bytes row, ShapeWriter& shapes, size_t rows) {
  accepted([&] { portable_row(row, shapes); });
  for (auto encoding : {fb::TextEncoding::Utf8, fb::TextEncoding::Utf16})
    accepted([&] { same_rows(batch_of(row, shapes, encoding, rows), row, shapes); });
}

void use_valid(Bytes row, ShapeWriter& shapes, size_t rows) {
  std::string portable = portable_row(row, shapes);
  ByteBuffer again;
  encode_value(decode_value(as_bytes(portable)), again);
  expect(as_text(again.bytes()) == portable, "a portable value changes when it is read");

  Patch patch(portable, shapes);
  RowEncoder encoder(shapes);
  encoder.insert(patch.view());
  expect(encoder.same_as(row), "a row is not the same after a round trip");
  verify_row(encoder.row(), shapes);
  expect(row_hash(encoder.row()) == row_hash(row), "a row's hash changes in a round trip");
  expect(portable_row(encoder.row(), shapes) == portable, "a row changes in a round trip");
  for (auto encoding : {fb::TextEncoding::Utf8, fb::TextEncoding::Utf16})
    expect(same_rows(batch_of(row, shapes, encoding, rows), row, shapes) == rows,
           "a row is not the same after a row batch");
}

// The object after an update, by the plain rules.
Object merged(Object object, const Object& patch) {
  for (const Field& field : patch) {
    auto place = std::find_if(object.begin(), object.end(),
                              [&](const Field& old) { return old.first == field.first; });
    bool removes = field.second.get<Undefined>() != nullptr;
    if (place == object.end() && !removes) {
      object.push_back(field);
    } else if (place != object.end() && removes) {
      object.erase(place);
    } else if (place != object.end()) {
      place->second = field.second;
    }
  }
  return object;
}

Object object_of(std::string_view portable, bool is_patch) {
  std::vector<std::string_view> names;
  ObjectView view = read_object(read_item(as_bytes(portable)).bytes(), nullptr, names);
  Object object;
  for (std::string_view name : names) {
    Item item = view.fields.next();
    ByteBuffer value;
    TupleWriter(value, 1).put(item);
    bool removes = is_patch && item.tag == kUndefined;
    object.emplace_back(name, removes ? Value(Undefined{}) : decode_value(value.bytes()));
  }
  return object;
}

void merge(Bytes row, bool valid, const std::vector<uint8_t>& portable, ShapeWriter& shapes) {
  std::optional<Patch> patch;
  if (!accepted([&] { patch.emplace(as_text(portable), shapes); })) return;
  RowEncoder encoder(shapes);
  std::string made;
  bool done = accepted([&] {
    encoder.merge(row, patch->view());
    encoder.same_as(row);
    is_patch(row, patch->view());
    made = as_text(encoder.row());
  });
  if (!valid || !done) return;
  verify_row(as_bytes(made), shapes);
  Object expected =
      merged(object_of(portable_row(row, shapes), false), object_of(as_text(portable), true));
  expect(Value(object_of(portable_row(as_bytes(made), shapes), false)) == Value(expected),
         "an update gives another object than its rules");
}

void run(Input input) {
  MemoryShapes shapes;
  uint8_t flags = input.byte();
  read_shapes(input, shapes);
  std::vector<uint8_t> row = input.sized();
  if ((flags & kSealed) != 0) row = sealed(row, shapes);
  size_t rows = (flags & kRepeated) != 0 ? 10 : 2;
  bool valid = accepted([&] { verify_row(row, shapes); });
  if (valid) {
    use_valid(row, shapes, rows);
  } else {
    use_any(row, shapes, rows);
  }
  merge(row, valid, input.rest(), shapes);
}

}  // namespace
}  // namespace cairn::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cairn::fuzz::NoLeaks objects;
  cairn::fuzz::run({data, size});
  return 0;
}
