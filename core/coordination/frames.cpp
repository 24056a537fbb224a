#include "core/coordination/frames.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view kHelloMagic = "CairnPrs";
constexpr uint64_t kHelloVersion = 1;
constexpr size_t kHelloVersionSize = 2;
constexpr size_t kHelloStart = kHelloMagic.size() + kHelloVersionSize;

constexpr size_t kRoom = size_t{64} << 10;
// Room for a long message is given back once it has been read.
constexpr size_t kKeptRoom = size_t{1} << 20;

bool is_node_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

}  // namespace

bool is_node(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNode &&
         std::all_of(text.begin(), text.end(), is_node_character);
}

ByteBuffer hello_of(std::string_view node) {
  ByteBuffer hello;
  hello.put(kHelloMagic);
  hello.put_le(kHelloVersion, kHelloVersionSize);
  hello.put(node);
  return hello;
}

std::optional<std::string> node_of(Bytes hello) {
  std::string_view text = as_text(hello);
  if (text.size() < kHelloStart || !text.starts_with(kHelloMagic)) return std::nullopt;
  if (load_le(hello.data() + kHelloMagic.size(), kHelloVersionSize) != kHelloVersion)
    return std::nullopt;
  std::string_view node = text.substr(kHelloStart);
  if (!is_node(node)) return std::nullopt;
  return std::string(node);
}

std::span<uint8_t> FrameReader::room() {
  size_t left = bytes_.size() - at_;
  if (left == 0 && bytes_.size() > kKeptRoom) bytes_ = ByteBuffer();
  if (left != 0 && at_ != 0) std::memmove(bytes_.data(), bytes_.data() + at_, left);
  bytes_.truncate(left);
  at_ = 0;
  return {bytes_.reserve(kRoom), kRoom};
}

std::optional<Bytes> FrameReader::next() {
  Bytes left = bytes_.from(at_);
  if (left.size() < kFrameHead) return std::nullopt;
  size_t size = static_cast<size_t>(load_le(left.data(), kFrameHead));
  if (size > (greeted_ ? kMaxMessage : kHelloStart + kMaxNode))
    malformed("a message of another process is too long");
  if (left.size() - kFrameHead < size) return std::nullopt;
  greeted_ = true;
  at_ += kFrameHead + size;
  return left.subspan(kFrameHead, size);
}

OutgoingFrame::OutgoingFrame(Bytes message) : body_(message) {
  for (size_t i = 0; i < kFrameHead; ++i)
    head_[i] = static_cast<uint8_t>(message.size() >> (8 * i));
}

std::shared_ptr<const ByteBuffer> OutgoingFrame::copy() {
  if (copy_ != nullptr) return copy_;
  auto copy = std::make_shared<ByteBuffer>();
  copy->reserve(size());
  copy->put(head());
  copy->put(body_);
  return copy_ = std::move(copy);
}

}  // namespace cairn
