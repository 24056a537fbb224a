// Reading and writing of portable arrays of SQL values; see sql_values.h.
#include "sql_values.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace cairn::testing {
namespace {

// Reads from a view, and remembers whether anything was missing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(uint64_t size) {
    if (size > rest_.size()) {
      failed_ = true;
      return {};
    }
    std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      std::string_view byte = take(1);
      if (failed_) return 0;
      const auto bits = static_cast<uint8_t>(byte[0]);
      value |= static_cast<uint64_t>(bits & 0x7F) << shift;
      if (bits < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }

  bool ok() const { return !failed_; }
  bool at_end() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

double read_integer(std::string_view bytes) {
  if (bytes.empty()) return 0;
  uint64_t bits = (bytes.back() & 0x80) ? ~uint64_t{0} : 0;
  for (size_t i = bytes.size(); i-- > 0;) bits = bits << 8 | static_cast<uint8_t>(bytes[i]);
  return static_cast<double>(static_cast<int64_t>(bits));
}

template <typename Float>
double read_float(std::string_view bytes) {
  Float value = 0;
  if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

bool read_payload(uint8_t tag, Reader* reader, SqlValue* value) {
  static constexpr uint64_t kIntegerSizes[] = {1, 2, 3, 4, 6, 8};
  if (tag == 0x00) {
    *value = std::monostate();
  } else if (tag >= 0x04 && tag <= 0x09) {
    *value = read_integer(reader->take(kIntegerSizes[tag - 0x04]));
  } else if (tag == 0x0A) {
    *value = read_float<float>(reader->take(4));
  } else if (tag == 0x0B) {
    *value = read_float<double>(reader->take(8));
  } else if (tag >= 0x20 && tag <= 0x3F) {
    *value = static_cast<double>(tag - 0x20);
  } else if (tag == 0x11) {
    *value = Bytes{std::string(reader->take(reader->varint()))};
  } else if (tag == 0x12 || tag == 0x13) {
    *value = std::string(reader->take(reader->varint()));
  } else if (tag >= 0x80 && tag <= 0xDF) {
    *value = std::string(reader->take(tag - 0x80u));
  } else {
    return false;
  }
  return reader->ok();
}

void append_bytes(std::string* out, const void* data, size_t size) {
  out->append(static_cast<const char*>(data), size);
}

// Appends the payload of a number and returns its tag.
char append_number(std::string* out, double number) {
  const bool integer = std::trunc(number) == number && std::fabs(number) <= 9007199254740992.0 &&
                       !(number == 0 && std::signbit(number));
  if (integer && number >= 0 && number <= 31) return static_cast<char>(0x20 + int(number));
  if (integer) {
    const auto value = static_cast<int64_t>(number);
    append_bytes(out, &value, sizeof value);
    return 0x09;
  }
  append_bytes(out, &number, sizeof number);
  return 0x0B;
}

char append_text(std::string* out, const std::string& text) {
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
  if (ascii && text.size() < 96) {
    *out += text;
    return static_cast<char>(0x80 + text.size());
  }
  append_varint(out, text.size());
  *out += text;
  return ascii ? 0x12 : 0x13;
}

char append_payload(std::string* out, const SqlValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return append_number(out, *number);
  if (const auto* text = std::get_if<std::string>(&value)) return append_text(out, *text);
  if (const auto* bytes = std::get_if<Bytes>(&value)) {
    append_varint(out, bytes->data.size());
    *out += bytes->data;
    return 0x11;
  }
  return 0x00;
}

// The number of bytes of the UTF-8 sequence at the start of `text`, or 0 if it is not one.
size_t sequence_size(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  uint32_t point = lead & (0x7Fu >> size);
  for (size_t i = 1; i < size; i++) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80) return 0;
    point = point << 6 | (byte & 0x3F);
  }
  static constexpr uint32_t kFirst[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return point < kFirst[size] || point > 0x10FFFF || surrogate ? 0 : size;
}

}  // namespace

bool decode_sql_values(std::string_view encoded, std::vector<SqlValue>* values) {
  values->clear();
  Reader reader(encoded);
  std::string_view tag = reader.take(1);
  if (!reader.ok() || tag[0] != 0x14) return false;
  Reader body(reader.take(reader.varint()));
  if (!reader.at_end()) return false;
  std::string_view tags = body.take(body.varint());
  for (char element : tags) {
    SqlValue value;
    if (!read_payload(static_cast<uint8_t>(element), &body, &value)) return false;
    values->push_back(std::move(value));
  }
  return body.at_end();
}

std::string encode_sql_values(const std::vector<SqlValue>& values) {
  std::string payloads;
  std::string body;
  append_varint(&body, values.size());
  for (const SqlValue& value : values) body += append_payload(&payloads, value);
  std::string out(1, 0x14);
  append_varint(&out, body.size() + payloads.size());
  return out + body + payloads;
}

void append_varint(std::string* out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *out += static_cast<char>(value | 0x80);
  *out += static_cast<char>(value);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t size = sequence_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace cairn::testing
