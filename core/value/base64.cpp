#include "core/value/base64.h"

namespace cairn {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint32_t digit_of(char c) {
  size_t at = kDigits.find(c);
  if (at == std::string_view::npos) throw Error(Status::kInvalidValue, "not base64");
  return static_cast<uint32_t>(at);
}

}  // namespace

std::string to_base64(Bytes bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < count ? bytes[i + j] : 0u);
    for (size_t j = 0; j < 4; ++j) text += j <= count ? kDigits[bits >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

std::vector<uint8_t> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) throw Error(Status::kInvalidValue, "not base64: wrong length");
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < text.size(); i += 4) {
    bool last = i + 4 == text.size();
    size_t padding = last ? (text[i + 3] == '=') + (text[i + 2] == '=' && text[i + 3] == '=') : 0;
    uint32_t bits = 0;
    for (size_t j = 0; j < 4; ++j) bits = bits << 6 | (j < 4 - padding ? digit_of(text[i + j]) : 0);
    for (size_t j = 0; j < 3 - padding; ++j)
      bytes.push_back(static_cast<uint8_t>(bits >> (16 - 8 * j)));
  }
  return bytes;
}

}  // namespace cairn
