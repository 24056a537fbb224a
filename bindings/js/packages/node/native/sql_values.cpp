// The portable encoding of SQL's values; see sql_values.h.
#include "sql_values.h"

#include <cmath>
#include <cstring>

namespace cairn::node {
namespace {

enum Tag : uint8_t {
  kNull = 0x00,
  kInteger1 = 0x04,
  kInteger8 = 0x09,
  kFloat = 0x0A,
  kDouble = 0x0B,
  kBytes = 0x11,
  kAscii = 0x12,
  kText = 0x13,
  kArray = 0x14,
  kSmall = 0x20,       // to kSmall + 31: the number itself
  kShortAscii = 0x80,  // to kShortAscii + 95: a text of that size
  kInteger4 = 0x07
};
constexpr size_t kShortAsciiEnd = 96;
constexpr size_t kIntegerSizes[] = {1, 2, 3, 4, 6, 8};

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

template <class T>
void append_plain(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

bool is_ascii(std::string_view text) {
  for (char c : text) {
    if (static_cast<uint8_t>(c) >= 0x80) return false;
  }
  return true;
}

// Takes bytes from the front, and remembers whether any were missing.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  std::string_view take(uint64_t size) {
    failed_ = failed_ || size > rest_.size();
    std::string_view taken = failed_ ? std::string_view() : rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  uint8_t byte() {
    std::string_view taken = take(1);
    return taken.empty() ? 0 : static_cast<uint8_t>(taken[0]);
  }

  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      uint8_t bits = byte();
      value |= static_cast<uint64_t>(bits & 0x7F) << shift;
      if (bits < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }

  template <class T>
  double plain() {
    T value = 0;
    std::string_view bytes = take(sizeof value);
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  double integer(size_t size) {
    std::string_view bytes = take(size);
    uint64_t bits = !bytes.empty() && (bytes.back() & 0x80) != 0 ? ~uint64_t{0} : 0;
    for (size_t i = bytes.size(); i-- > 0;) bits = bits << 8 | static_cast<uint8_t>(bytes[i]);
    return static_cast<double>(static_cast<int64_t>(bits));
  }

  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

napi_value number(napi_env env, double value) {
  napi_value made = nullptr;
  napi_create_double(env, value, &made);
  return made;
}

napi_value text(napi_env env, std::string_view value) {
  napi_value made = nullptr;
  napi_create_string_utf8(env, value.data(), value.size(), &made);
  return made;
}

napi_value bytes(napi_env env, std::string_view value) {
  napi_value made = nullptr;
  napi_create_buffer_copy(env, value.size(), value.data(), nullptr, &made);
  return made;
}

napi_value null(napi_env env) {
  napi_value made = nullptr;
  napi_get_null(env, &made);
  return made;
}

napi_value read_payload(napi_env env, uint8_t tag, Reader& reader) {
  if (tag == kNull) return null(env);
  if (tag >= kInteger1 && tag <= kInteger8)
    return number(env, reader.integer(kIntegerSizes[tag - kInteger1]));
  if (tag == kFloat) return number(env, reader.plain<float>());
  if (tag == kDouble) return number(env, reader.plain<double>());
  if (tag >= kSmall && tag < kSmall + 32) return number(env, tag - kSmall);
  if (tag >= kShortAscii && tag < kShortAscii + kShortAsciiEnd)
    return text(env, reader.take(tag - kShortAscii));
  if (tag == kBytes) return bytes(env, reader.take(reader.varint()));
  if (tag == kAscii || tag == kText) return text(env, reader.take(reader.varint()));
  return nullptr;
}

}  // namespace

napi_value sql_parameters(napi_env env, std::string_view encoded) {
  Reader reader(encoded);
  if (reader.byte() != kArray) return nullptr;
  reader.varint();
  std::string_view tags = reader.take(reader.varint());
  napi_value list = nullptr;
  if (napi_create_array_with_length(env, tags.size(), &list) != napi_ok) return nullptr;
  for (uint32_t i = 0; i < tags.size(); ++i) {
    napi_value value = read_payload(env, static_cast<uint8_t>(tags[i]), reader);
    if (value == nullptr || napi_set_element(env, list, i, value) != napi_ok) return nullptr;
  }
  return reader.failed() ? nullptr : list;
}

bool SqlRows::add(napi_value value) {
  napi_valuetype type = napi_undefined;
  if (napi_typeof(env_, value, &type) != napi_ok) return false;
  count_++;
  switch (type) {
    case napi_null:
      tags_.push_back(kNull);
      return true;
    case napi_number:
      return add_number(value);
    case napi_string:
      return add_text(value);
    case napi_object:
      return add_bytes(value);
    default:
      return false;
  }
}

bool SqlRows::add_number(napi_value value) {
  double number = 0;
  if (napi_get_value_double(env_, value, &number) != napi_ok) return false;
  bool integral = std::fabs(number) < 2147483648.0 && std::nearbyint(number) == number;
  if (!integral || (number == 0 && std::signbit(number))) {
    tags_.push_back(kDouble);
    append_plain(payloads_, number);
  } else if (number >= 0 && number < 32) {
    tags_.push_back(static_cast<char>(kSmall + static_cast<int>(number)));
  } else {
    tags_.push_back(kInteger4);
    append_plain(payloads_, static_cast<int32_t>(number));
  }
  return true;
}

bool SqlRows::add_text(napi_value value) {
  size_t size = 0;
  if (napi_get_value_string_utf8(env_, value, nullptr, 0, &size) != napi_ok) return false;
  std::string text(size + 1, '\0');
  if (napi_get_value_string_utf8(env_, value, text.data(), text.size(), &size) != napi_ok)
    return false;
  text.resize(size);
  bool ascii = is_ascii(text);
  if (ascii && size < kShortAsciiEnd) {
    tags_.push_back(static_cast<char>(kShortAscii + size));
    payloads_ += text;
  } else {
    add_sized(ascii ? kAscii : kText, text);
  }
  return true;
}

bool SqlRows::add_bytes(napi_value value) {
  bool is_typed = false;
  napi_typedarray_type type = napi_int8_array;
  size_t size = 0;
  void* data = nullptr;
  if (napi_is_typedarray(env_, value, &is_typed) != napi_ok || !is_typed) return false;
  if (napi_get_typedarray_info(env_, value, &type, &size, &data, nullptr, nullptr) != napi_ok)
    return false;
  if (type != napi_uint8_array) return false;
  add_sized(kBytes, {static_cast<const char*>(data), size});
  return true;
}

void SqlRows::add_sized(uint8_t tag, std::string_view bytes) {
  tags_.push_back(static_cast<char>(tag));
  append_varint(payloads_, bytes.size());
  payloads_ += bytes;
}

std::string SqlRows::take() {
  std::string body;
  append_varint(body, count_);
  body += tags_;
  body += payloads_;
  std::string array(1, static_cast<char>(kArray));
  append_varint(array, body.size());
  array += body;
  count_ = 0;
  tags_.clear();
  payloads_.clear();
  return array;
}

}  // namespace cairn::node
