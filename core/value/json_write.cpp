// Writing JSON, and row batches from and to it.

#include <algorithm>

#include "core/value/base64.h"
#include "core/value/batch_reader.h"
#include "core/value/civil_time.h"
#include "core/value/json.h"
#include "core/value/json_extended.h"
#include "core/value/key.h"
#include "core/value/number_text.h"
#include "core/value/text.h"

namespace cairn {
namespace {

void write_quoted(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  out += '"';
}

void write_field(const char* name, std::string_view text, std::string& out) {
  out += "{\"$";
  out += name;
  out += "\":\"";
  out += text;
  out += "\"}";
}

void write_number(double value, std::string& out) {
  if (std::isnan(value)) return write_field("number", "NaN", out);
  if (std::isinf(value)) return write_field("number", value > 0 ? "Infinity" : "-Infinity", out);
  if (value == 0 && std::signbit(value)) return write_field("number", "-0", out);
  append_number(value, out);
}

void write_text(const std::string& text, std::string& out) {
  if (is_wtf8(as_bytes(text), false)) return write_quoted(text, out);
  write_field("text", to_base64(as_bytes(text)), out);
}

void write_date(Date date, std::string& out) {
  constexpr int64_t kYear0 = -62167219200000, kYear10000 = 253402300800000;
  if (date.milliseconds >= kYear0 && date.milliseconds < kYear10000) {
    std::string text;
    append_iso_date(date.milliseconds, text);
    return write_field("date", text, out);
  }
  out += "{\"$date\":" + std::to_string(date.milliseconds) + "}";
}

void write_pairs(const Object& object, std::string& out) {
  out += "{\"$object\":[";
  for (const Field& field : object) {
    if (&field != object.data()) out += ',';
    out += '[';
    write_text(field.first, out);
    out += ',';
    write_json(field.second, out);
    out += ']';
  }
  out += "]}";
}

void write_object(const Object& object, std::string& out) {
  bool plain = !looks_extended(object);
  for (const Field& field : object) plain = plain && is_wtf8(as_bytes(field.first), false);
  if (!plain) return write_pairs(object, out);
  out += '{';
  for (const Field& field : object) {
    if (&field != object.data()) out += ',';
    write_quoted(field.first, out);
    out += ':';
    write_json(field.second, out);
  }
  out += '}';
}

void write_array(const Array& items, std::string& out) {
  out += '[';
  for (const Value& item : items) {
    if (&item != items.data()) out += ',';
    write_json(item, out);
  }
  out += ']';
}

constexpr const char* kOps[] = {"insert", "update", "delete", "touch"};

Value value_of(const ObjectView& patch) {
  Object object;
  TupleReader fields = patch.fields;
  for (std::string_view name : patch.names) {
    Item item = fields.next();
    ByteBuffer value;
    TupleWriter(value, 1).put(item);
    object.emplace_back(std::string(name),
                        item.tag == kUndefined ? Value(Undefined{}) : decode_value(value.bytes()));
  }
  return object;
}

Value key_of(Bytes key) {
  ByteBuffer value;
  TupleWriter writer(value, 1);
  put_key(key, writer);
  return decode_value(value.bytes());
}

void write_row(const BatchReader& reader, const fb::RowBatch& batch, size_t row, std::string& out) {
  Object line{{"key", key_of(reader.key())}};
  if (reader.op() != fb::Op::Insert)
    line.emplace_back("op", Value(kOps[static_cast<size_t>(reader.op())]));
  if (reader.op() <= fb::Op::Update) line.emplace_back("value", value_of(reader.patch()));
  auto at = static_cast<flatbuffers::uoffset_t>(row);
  uint64_t version = batch.versions() == nullptr ? 0 : batch.versions()->Get(at);
  if (version != 0) line.emplace_back("version", Value(static_cast<double>(version)));
  if (reader.metadata_op() == fb::MetadataOp::Set)
    line.emplace_back("metadata", decode_value(reader.metadata()));
  // Batches that are read say so of every insert without metadata: there it goes without saying.
  if (reader.metadata_op() == fb::MetadataOp::Remove && reader.op() != fb::Op::Insert)
    line.emplace_back("metadata", Value(Undefined{}));
  write_json(line, out);
  out += '\n';
}

// Rows of a batch whose objects are all loose.
struct LooseRows {
  // Values one after another.
  struct Tagged {
    ByteBuffer data;
    std::vector<uint32_t> ends;

    void add(const Value& value) {
      encode_value(value, data);
      ends.push_back(static_cast<uint32_t>(data.size()));
    }
    uint32_t count() const { return static_cast<uint32_t>(ends.size()); }
  };

  Tagged keys, values, metadata;
  // Of all rows; where no row has one they are left out.
  std::vector<uint8_t> ops, metadata_ops;
  std::vector<uint64_t> versions;

  // A row that is inserted; `value` is null for other ops.
  void add(const Value& key, const Value* value) {
    keys.add(key);
    if (value != nullptr) values.add(*value);
    if (keys.data.size() + values.data.size() + metadata.data.size() > kMaxBatchBytes - (1u << 20))
      throw Error(Status::kTooLarge, "the rows exceed a batch of 64 MiB: give them in parts");
  }

  // Of the row that was added last. Where one has a version, those without have 0.
  void add_version(const double* number) {
    if (number == nullptr || !(*number >= 0)) malformed("a row's version is a number from 0");
    constexpr double kAbove = 18446744073709551616.0;
    versions.resize(keys.count());
    versions.back() = *number < kAbove ? static_cast<uint64_t>(*number) : UINT64_MAX;
  }

  static flatbuffers::Offset<fb::Column> put(TableBuilder& builder, const Tagged& column) {
    auto bytes = builder.CreateVector(column.data.data(), column.data.size());
    auto ends = builder.CreateVector(column.ends);
    fb::ColumnBuilder table(builder);
    table.add_kind(fb::ColumnKind::Tagged);
    table.add_data(bytes);
    table.add_ends(ends);
    table.add_count(column.count());
    return table.Finish();
  }

  template <typename T>
  static flatbuffers::Offset<flatbuffers::Vector<T>> put_some(TableBuilder& builder,
                                                              const std::vector<T>& numbers) {
    if (std::all_of(numbers.begin(), numbers.end(), [](T number) { return number == 0; })) return 0;
    return builder.CreateVector(numbers);
  }

  Table finish() {
    TableBuilder builder(keys.data.size() + values.data.size() + metadata.data.size() +
                         32 * keys.ends.size() + 1024);
    auto key_column = put(builder, keys);
    auto loose = put(builder, values);
    auto groups = builder.CreateVector(std::vector<uint16_t>(values.count(), 65535));
    auto objects = fb::CreateObjects(builder, values.count(), groups, 0, loose);
    auto op_vector = put_some(builder, ops);
    flatbuffers::Offset<flatbuffers::Vector<uint64_t>> version_vector;
    if (!versions.empty()) versions.resize(keys.count());
    if (!versions.empty()) version_vector = builder.CreateVector(versions);
    auto metadata_op_vector = put_some(builder, metadata_ops);
    flatbuffers::Offset<fb::Column> metadata_column;
    if (metadata.count() > 0) metadata_column = put(builder, metadata);
    return builder.finish(fb::CreateRowBatch(builder, keys.count(), key_column, op_vector, objects,
                                             version_vector, metadata_op_vector, metadata_column));
  }
};

[[noreturn]] void bad_row(size_t line, const std::string& what) {
  throw Error(Status::kInvalidValue, "row " + std::to_string(line) + ": " + what);
}

bool is_key(const Value& value) {
  auto* number = value.get<double>();
  return value.get<std::string>() || (number != nullptr && std::isfinite(*number));
}

fb::Op op_of(const Value& line) {
  const Value* op = line.find("op");
  if (op == nullptr) return fb::Op::Insert;
  for (size_t i = 0; i < std::size(kOps); ++i)
    if (*op == Value(kOps[i])) return static_cast<fb::Op>(i);
  malformed("a row's op is insert, update, delete or touch");
}

fb::MetadataOp metadata_op_of(const Value* metadata) {
  if (metadata == nullptr) return fb::MetadataOp::Keep;
  return metadata->get<Undefined>() ? fb::MetadataOp::Remove : fb::MetadataOp::Set;
}

void add_line(const Value& line, LooseRows& rows) {
  const Value* key = line.find("key");
  const Value* value = line.find("value");
  const Value* metadata = line.find("metadata");
  const Value* version = line.find("version");
  fb::Op op = op_of(line);
  if (key == nullptr || !is_key(*key))
    malformed("a row has no text and no finite number as its key");
  if ((value != nullptr && value->get<Object>() != nullptr) != (op <= fb::Op::Update))
    malformed("a row has an object as its value where it is inserted or updated, and there alone");
  rows.add(*key, value);
  rows.ops.push_back(static_cast<uint8_t>(op));
  if (version != nullptr) rows.add_version(version->get<double>());
  fb::MetadataOp metadata_op = metadata_op_of(metadata);
  rows.metadata_ops.push_back(static_cast<uint8_t>(metadata_op));
  if (metadata_op == fb::MetadataOp::Set) rows.metadata.add(*metadata);
}

}  // namespace

void write_json(const Value& value, std::string& out) {
  if (auto* flag = value.get<bool>()) {
    out += *flag ? "true" : "false";
  } else if (auto* number = value.get<double>()) {
    write_number(*number, out);
  } else if (auto* big = value.get<BigInt>()) {
    write_field("bigint", big->to_decimal(), out);
  } else if (auto* text = value.get<std::string>()) {
    write_text(*text, out);
  } else if (auto* bytes = value.get<std::vector<uint8_t>>()) {
    write_field("bytes", to_base64(*bytes), out);
  } else if (auto* date = value.get<Date>()) {
    write_date(*date, out);
  } else if (auto* items = value.get<Array>()) {
    write_array(*items, out);
  } else if (auto* object = value.get<Object>()) {
    write_object(*object, out);
  } else {
    out += value.get<Undefined>() ? "{\"$undefined\":true}" : "null";
  }
}

std::string to_json(const Value& value) {
  std::string out;
  write_json(value, out);
  return out;
}

Table batch_from_json(std::string_view json, std::string_view key_field) {
  LooseRows rows;
  parse_json_rows(json, [&](Value&& value, size_t line) {
    if (!value.get<Object>()) bad_row(line, "a row must be an object");
    const Value* key = value.find(key_field);
    if (key == nullptr) bad_row(line, "no field \"" + std::string(key_field) + "\" for its key");
    if (!is_key(*key)) bad_row(line, "its key is neither a text nor a finite number");
    try {
      rows.add(*key, &value);
    } catch (const ValueError& error) {
      bad_row(line, error.describe());
    }
  });
  return rows.finish();
}

Table batch_from_lines(const Array& lines) {
  LooseRows rows;
  for (const Value& line : lines) {
    if (line.get<Object>() == nullptr) malformed("a row of a batch is an object");
    add_line(line, rows);
  }
  return rows.finish();
}

std::string batch_to_json(Bytes batch) {
  NoShapes shapes;
  BatchReader reader(batch, shapes);
  std::string out;
  for (size_t row = 0; reader.next(); ++row) write_row(reader, reader.table(), row, out);
  return out;
}

}  // namespace cairn
