// The reference encoder and digests; see reference.h.
#include "reference.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <stdexcept>

#include "sql_values.h"

namespace cairn::testing {
namespace {

enum class Form { Portable, Ordered, Canonical };

struct Encoded {
  char tag;
  std::string payload;
};

Encoded encode(const Json& value, Form form);

std::string little_endian(int64_t value, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; i++) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

bool fits(int64_t value, size_t size) {
  const int64_t limit = int64_t{1} << (8 * size - 1);
  return value >= -limit && value < limit;
}

std::string sized(const std::string& bytes) {
  std::string out;
  append_varint(&out, bytes.size());
  return out + bytes;
}

template <typename Float>
std::string float_bytes(Float value) {
  std::string bytes(sizeof value, 0);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

Encoded encode_number(double number) {
  if (std::isnan(number)) return {0x0A, std::string("\x00\x00\xC0\x7F", 4)};
  const bool negative_zero = number == 0 && std::signbit(number);
  if (std::trunc(number) == number && std::fabs(number) <= 9007199254740992.0 && !negative_zero) {
    const auto integer = static_cast<int64_t>(number);
    if (integer >= 0 && integer <= 31) return {static_cast<char>(0x20 + integer), ""};
    const size_t sizes[] = {1, 2, 3, 4, 6};
    for (size_t i = 0; i < std::size(sizes); i++) {
      if (fits(integer, sizes[i])) return {char(0x04 + i), little_endian(integer, sizes[i])};
    }
    return {0x09, little_endian(integer, 8)};
  }
  if (std::fabs(number) <= 3.4028234663852886e38 || std::isinf(number)) {
    const auto narrow = static_cast<float>(number);
    if (narrow == number) return {0x0A, float_bytes(narrow)};
  }
  return {0x0B, float_bytes(number)};
}

Encoded encode_text(const std::string& text) {
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
  if (ascii && text.size() < 96) return {static_cast<char>(0x80 + text.size()), text};
  return {ascii ? char(0x12) : char(0x13), sized(text)};
}

}  // namespace

std::string from_base64(const std::string& text) {
  static const std::string kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    if (c == '=') break;
    const size_t digit = kDigits.find(c);
    if (digit == std::string::npos) throw std::runtime_error("not base64: " + text);
    bits = bits << 6 | static_cast<uint32_t>(digit);
    if ((count += 6) >= 8) out += static_cast<char>(bits >> (count -= 8));
  }
  return out;
}

namespace {

Encoded encode_bigint(const std::string& decimal) {
  const bool negative = decimal[0] == '-';
  std::string magnitude;
  for (char digit : decimal.substr(negative ? 1 : 0)) {
    int carry = digit - '0';
    for (char& byte : magnitude) {
      carry += static_cast<uint8_t>(byte) * 10;
      byte = static_cast<char>(carry);
      carry >>= 8;
    }
    if (carry) magnitude += static_cast<char>(carry);
  }
  return {0x10, sized(std::string(1, negative ? 1 : 0) + magnitude)};
}

int64_t days_from_civil(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

int64_t milliseconds_of(const Json& date) {
  if (date.is_number()) return date.get<int64_t>();
  long long year, month, day, hour, minute, second, milliseconds;
  const auto text = date.get<std::string>();
  if (std::sscanf(text.c_str(), "%lld-%lld-%lldT%lld:%lld:%lld.%lldZ", &year, &month, &day, &hour,
                  &minute, &second, &milliseconds) != 7) {
    throw std::runtime_error("not a date: " + text);
  }
  const int64_t minutes = (days_from_civil(year, month, day) * 24 + hour) * 60 + minute;
  return (minutes * 60 + second) * 1000 + milliseconds;
}

Encoded encode_date(const Json& date) {
  const int64_t milliseconds = milliseconds_of(date);
  if (fits(milliseconds, 6)) return {0x0C, little_endian(milliseconds, 6)};
  return {0x0D, little_endian(milliseconds, 8)};
}

double special_number(const std::string& name) {
  if (name == "NaN") return std::nan("");
  if (name == "-0") return -0.0;
  if (name == "Infinity") return HUGE_VAL;
  if (name == "-Infinity") return -HUGE_VAL;
  throw std::runtime_error("not a number: " + name);
}

using Fields = std::vector<std::pair<std::string, Json>>;

Encoded encode_fields(Fields fields, Form form) {
  if (form == Form::Canonical) {
    std::sort(fields.begin(), fields.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  std::string names, tags, payloads, interleaved;
  append_varint(&interleaved, fields.size());
  append_varint(&names, 0);
  append_varint(&names, fields.size());
  for (const auto& [name, value] : fields) {
    const Encoded field = encode(value, form);
    names += sized(name);
    tags += field.tag;
    payloads += field.payload;
    interleaved += sized(name) + field.tag + field.payload;
  }
  if (form == Form::Portable) return {0x15, sized(names + tags + payloads)};
  return {0x15, interleaved};
}

Encoded encode_array(const Json& array, Form form) {
  std::string tags, payloads, interleaved;
  append_varint(&interleaved, array.size());
  append_varint(&tags, array.size());
  for (const Json& element : array) {
    const Encoded encoded = encode(element, form);
    tags += encoded.tag;
    payloads += encoded.payload;
    interleaved += encoded.tag + encoded.payload;
  }
  if (form == Form::Portable) return {0x14, sized(tags + payloads)};
  return {0x14, interleaved};
}

Encoded encode_special(const std::string& name, const Json& value, Form form) {
  if (name == "$date") return encode_date(value);
  if (name == "$bigint") return encode_bigint(value.get<std::string>());
  if (name == "$bytes") return {0x11, sized(from_base64(value.get<std::string>()))};
  if (name == "$number") return encode_number(special_number(value.get<std::string>()));
  if (name == "$text") return encode_text(from_base64(value.get<std::string>()));
  if (name == "$undefined") return {0x03, ""};
  Fields fields;
  if (name == "$object") {
    for (const Json& pair : value) fields.emplace_back(pair.at(0).get<std::string>(), pair.at(1));
    return encode_fields(std::move(fields), form);
  }
  return encode_fields({{name, value}}, form);
}

Encoded encode_object(const Json& object, Form form) {
  if (object.size() == 1) return encode_special(object.begin().key(), *object.begin(), form);
  Fields fields;
  for (const auto& [name, value] : object.items()) fields.emplace_back(name, value);
  return encode_fields(std::move(fields), form);
}

Encoded encode(const Json& value, Form form) {
  switch (value.type()) {
    case Json::value_t::null:
      return {0x00, ""};
    case Json::value_t::boolean:
      return {value.get<bool>() ? char(0x02) : char(0x01), ""};
    case Json::value_t::string:
      return encode_text(value.get<std::string>());
    case Json::value_t::array:
      return encode_array(value, form);
    case Json::value_t::object:
      return encode_object(value, form);
    default:
      return encode_number(value.get<double>());
  }
}

std::string whole(const Encoded& encoded) { return encoded.tag + encoded.payload; }

// UTF-16 units, each as UTF-8 would encode a code point of that number: only the four-byte
// sequences differ from WTF-8.
std::string key_text(const std::string& text) {
  std::string out(1, 0x02);
  for (size_t i = 0; i < text.size(); i++) {
    if (static_cast<uint8_t>(text[i]) < 0xF0) {
      out += text[i];
      continue;
    }
    uint32_t point = text[i] & 0x07;
    for (int k = 0; k < 3; k++) point = point << 6 | (text[++i] & 0x3F);
    point -= 0x10000;
    for (uint32_t unit : {0xD800 + (point >> 10), 0xDC00 + (point & 0x3FF)}) {
      out += static_cast<char>(0xE0 | unit >> 12);
      out += static_cast<char>(0x80 | (unit >> 6 & 0x3F));
      out += static_cast<char>(0x80 | (unit & 0x3F));
    }
  }
  return out;
}

double number_of(const Json& key) {
  return key.is_object() ? special_number(key.at("$number").get<std::string>()) : key.get<double>();
}

std::string digest_bytes(const std::string& bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  return {reinterpret_cast<const char*>(canonical.digest), sizeof canonical.digest};
}

std::string hexadecimal(const std::string& bytes) {
  std::string out;
  for (char byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<uint8_t>(byte));
    out += digits;
  }
  return out;
}

std::string raw_digest_of_rows(const std::vector<ReferenceRow>& rows) {
  std::map<std::string, std::string> by_key;
  for (const ReferenceRow& row : rows) {
    by_key[encode_key(row.key)] = encode_canonical(row.value) + encode_canonical(row.metadata);
  }
  std::string bytes;
  for (const auto& [key, content] : by_key) bytes += sized(key) + content;
  return digest_bytes(bytes);
}

}  // namespace

std::string encode_portable(const Json& value) { return whole(encode(value, Form::Portable)); }
std::string encode_canonical(const Json& value) { return whole(encode(value, Form::Canonical)); }
std::string encode_ordered(const Json& value) { return whole(encode(value, Form::Ordered)); }

std::string encode_key(const Json& key) {
  if (key.is_string()) return key_text(key.get<std::string>());
  if (key.is_object() && key.contains("$text")) {
    return key_text(from_base64(key.at("$text").get<std::string>()));
  }
  const double number = number_of(key);
  uint64_t bits = 0;
  std::memcpy(&bits, &number, sizeof bits);
  bits = std::signbit(number) ? ~bits : bits ^ 0x8000000000000000;
  std::string out(1, 0x04);
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift);
  return out;
}

std::string digest_of_rows(const std::vector<ReferenceRow>& rows) {
  return hexadecimal(raw_digest_of_rows(rows));
}

std::string digest_of_database(std::vector<ReferenceCollection> collections) {
  std::sort(collections.begin(), collections.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  std::string bytes;
  for (const ReferenceCollection& collection : collections) {
    bytes += sized(collection.name) + raw_digest_of_rows(collection.rows);
  }
  return hexadecimal(digest_bytes(bytes));
}

}  // namespace cairn::testing
