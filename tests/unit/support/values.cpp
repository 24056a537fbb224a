#include "support/values.h"

#include <bit>
#include <cmath>
#include <limits>

#include "core/value/canonical.h"
#include "core/value/json.h"
#include "core/value/key.h"
#include "core/value/text.h"

namespace cairn {

void PrintTo(Status status, std::ostream* out) { *out << "status " << static_cast<int>(status); }
void PrintTo(const Value& value, std::ostream* out) { *out << to_json(value); }

}  // namespace cairn

namespace cairn::unit {
namespace {

const std::vector<double> kNumbers = {0,
                                      -0.0,
                                      1,
                                      -1,
                                      31,
                                      32,
                                      -128,
                                      -129,
                                      127,
                                      128,
                                      255,
                                      32767,
                                      32768,
                                      -32768,
                                      -32769,
                                      8388607,
                                      8388608,
                                      -8388608,
                                      -8388609,
                                      2147483647,
                                      2147483648.0,
                                      -2147483648.0,
                                      -2147483649.0,
                                      140737488355327.0,
                                      140737488355328.0,
                                      -140737488355328.0,
                                      -140737488355329.0,
                                      9007199254740991.0,
                                      9007199254740992.0,
                                      -9007199254740992.0,
                                      9007199254740994.0,
                                      1152921504606846976.0,
                                      0.5,
                                      0.1,
                                      1e-45,
                                      5e-324,
                                      3.4028234663852886e38,
                                      3.5e38,
                                      1e300,
                                      1.5,
                                      std::numeric_limits<double>::infinity(),
                                      -std::numeric_limits<double>::infinity(),
                                      std::numeric_limits<double>::quiet_NaN()};

const std::vector<uint32_t> kCodePoints = {0,      0x22,   0x5c,   0x7f,   0x80,    0x7ff,   0x800,
                                           0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff,  0xe000,  0xfffd,
                                           0xffff, 0xe9,   0x20ac, 0x4e2d, 0x10000, 0x10ffff};

bool is_surrogate(uint32_t c, uint32_t first) { return c >= first && c < first + 0x400; }

}  // namespace

uint64_t Random::next() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15ull;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

double RandomValues::number() {
  switch (random_.below(4)) {
    case 0:
      return random_.pick(kNumbers);
    case 1:
      return std::bit_cast<double>(random_.next());
    case 2:
      return static_cast<double>(static_cast<int64_t>(random_.next()) >> random_.below(64));
    default:
      return static_cast<double>(random_.below(100));
  }
}

std::string RandomValues::text() {
  static const std::vector<size_t> kSizes = {0, 1, 2, 3, 5, 8, 15, 16, 17, 33, 94, 95, 96, 97, 300};
  size_t size = random_.pick(kSizes);
  bool ascii = random_.chance(60);
  ByteBuffer out;
  uint32_t last = 0;
  while (out.size() < size) {
    uint32_t c = ascii || random_.chance(70) ? static_cast<uint32_t>(random_.below(128))
                                             : random_.pick(kCodePoints);
    if (is_surrogate(last, 0xd800) && is_surrogate(c, 0xdc00)) continue;
    if (ascii && out.size() + 1 > size) break;
    put_code_point(out, c);
    last = c;
  }
  return to_string(out);
}

BigInt RandomValues::bigint() {
  BigInt value;
  for (size_t size = random_.below(20); size > 0; --size)
    value.magnitude.push_back(static_cast<uint8_t>(random_.next()));
  while (!value.magnitude.empty() && value.magnitude.back() == 0) value.magnitude.pop_back();
  value.negative = !value.magnitude.empty() && random_.chance(50);
  return value;
}

Date RandomValues::date() {
  static const std::vector<int64_t> kDates = {0,
                                              -1,
                                              8640000000000000,
                                              -8640000000000000,
                                              140737488355327,
                                              140737488355328,
                                              -140737488355328,
                                              -140737488355329,
                                              1790000000000};
  if (random_.chance(50)) return Date{random_.pick(kDates)};
  return Date{static_cast<int64_t>(random_.next() % 17280000000000001ull) - 8640000000000000};
}

std::vector<uint8_t> RandomValues::bytes() {
  std::vector<uint8_t> bytes(random_.below(random_.chance(10) ? 400 : 20));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random_.next());
  return bytes;
}

Value RandomValues::scalar() {
  switch (random_.below(12)) {
    case 0:
      return nullptr;
    case 1:
      return true;
    case 2:
      return false;
    case 3:
      return bigint();
    case 4:
      return bytes();
    case 5:
      return date();
    case 6:
    case 7:
    case 8:
      return text();
    default:
      return number();
  }
}

Value RandomValues::value(size_t depth) {
  if (depth == 0 || random_.chance(70)) return scalar();
  if (random_.chance(50)) return array(depth);
  return object(depth);
}

Array RandomValues::array(size_t depth) {
  Array items;
  for (size_t count = random_.below(6); count > 0; --count) items.push_back(value(depth - 1));
  return items;
}

std::string RandomValues::name(size_t i) {
  static const std::vector<std::string> kNames = {"id", "name", "é", "$date", "", "a", "b"};
  return i < kNames.size() ? kNames[i] : "field" + std::to_string(i);
}

Object RandomValues::object(size_t depth) {
  Object fields;
  size_t start = random_.below(8);
  for (size_t count = random_.below(7); count > 0; --count)
    fields.emplace_back(name(start++), value(depth - 1));
  return fields;
}

Value RandomValues::key() {
  if (random_.chance(60)) return text();
  double value = number();
  return std::isfinite(value) ? value : 0.0;
}

const Shape& MemoryShapes::shape(uint32_t id) {
  if (id == 0 || id > shapes_.size()) throw Error(Status::kCorrupt, "no such shape");
  return *shapes_[id - 1];
}

const Shape* MemoryShapes::intern(Names names) {
  ByteBuffer encoded;
  encode_names(names, encoded);
  auto found = by_names_.find(as_text(encoded.bytes()));
  if (found != by_names_.end()) return found->second;
  if (shapes_.size() >= limit_) return nullptr;
  auto id = static_cast<uint32_t>(shapes_.size() + 1);
  shapes_.push_back(make_shape(id, to_string(encoded)));
  by_names_.emplace(to_string(encoded), shapes_.back().get());
  return shapes_.back().get();
}

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string digits;
  for (char byte : bytes) {
    digits += kDigits[static_cast<uint8_t>(byte) >> 4];
    digits += kDigits[static_cast<uint8_t>(byte) & 15];
  }
  return digits;
}

std::string from_hex(std::string_view digits) {
  std::string bytes, pair;
  for (char digit : digits) {
    if (digit == ' ') continue;
    pair += digit;
    if (pair.size() < 2) continue;
    bytes += static_cast<char>(std::stoi(pair, nullptr, 16));
    pair.clear();
  }
  return bytes;
}

std::string portable(const Value& value) {
  ByteBuffer out;
  encode_value(value, out);
  return to_string(out);
}

std::string stored_of(std::string_view portable, ShapeWriter& shapes) {
  ByteBuffer out;
  TupleWriter writer(out, 1);
  Transcoder(nullptr, &shapes).put(read_item(as_bytes(portable)), writer, 0);
  return to_string(out);
}

std::string portable_of(std::string_view stored, ShapeReader& shapes) {
  ByteBuffer out;
  TupleWriter writer(out, 1);
  Transcoder(&shapes, nullptr).put(read_item(as_bytes(stored)), writer, 0);
  return to_string(out);
}

std::string canonical_of(const Value& value) {
  ByteBuffer out;
  std::string bytes = portable(value);
  Canonicalizer(nullptr).put(read_item(as_bytes(bytes)), out);
  return to_string(out);
}

Patch::Patch(const Object& object, ShapeWriter& shapes) : portable_(portable(object)) {
  Item item = read_item(as_bytes(portable_));
  ObjectView source = read_object(item.bytes(), nullptr, names_);
  view_ = std::make_unique<ObjectView>(store_fields(source, shapes, fields_));
}

std::string make_row(const Object& object, ShapeWriter& shapes) {
  Patch patch(object, shapes);
  RowEncoder encoder(shapes);
  encoder.insert(patch.view());
  return std::string(as_text(encoder.row()));
}

Object row_value(std::string_view row, ShapeReader& shapes) {
  std::vector<std::string_view> scratch;
  ObjectView view = read_row(as_bytes(row), shapes, scratch);
  ByteBuffer out;
  TupleWriter writer(out, 1);
  size_t start = writer.open(kObject);
  Transcoder(&shapes, nullptr).put_object_body(view, out, 1);
  writer.close(start);
  return *decode_value(out.bytes()).get<Object>();
}

std::string encoded_key(const Value& key) {
  ByteBuffer out;
  std::string bytes = portable(key);
  encode_key(read_item(as_bytes(bytes)), out);
  return to_string(out);
}

Value decoded_key(std::string_view key) {
  ByteBuffer out;
  TupleWriter writer(out, 1);
  put_key(as_bytes(key), writer);
  return decode_value(out.bytes());
}

Status status_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.status();
  }
  return Status::kOk;
}

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const ValueError& error) {
    return error.describe();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

Value shuffled(const Value& value, Random& random) {
  if (auto* items = value.get<Array>()) {
    Array copy;
    for (const Value& item : *items) copy.push_back(shuffled(item, random));
    return copy;
  }
  if (auto* fields = value.get<Object>()) {
    Object copy;
    for (const Field& field : *fields)
      copy.insert(copy.begin() + static_cast<ptrdiff_t>(random.below(copy.size() + 1)),
                  Field{field.first, shuffled(field.second, random)});
    return copy;
  }
  return value;
}

Value nested_arrays(size_t depth) {
  Value value = 1;
  for (size_t i = 0; i < depth; ++i) value = Array{std::move(value)};
  return value;
}

Value nested_objects(size_t depth) {
  Value value = 1;
  for (size_t i = 0; i < depth; ++i) value = Object{{"n", std::move(value)}};
  return value;
}

}  // namespace cairn::unit
