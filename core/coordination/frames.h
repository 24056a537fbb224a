// The bytes between two processes: frames of a length and a message, the first of which says who
// speaks; README.md describes them. What arrives may be hostile. One thread per object.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/value/bytes.h"

namespace cairn {

inline constexpr size_t kFrameHead = 4;
inline constexpr size_t kMaxMessage = (size_t{64} << 20) + (size_t{64} << 10);
inline constexpr size_t kMaxNode = 64;

// Whether a text can name a node: 1 to 64 characters of 0-9, a-z, A-Z and the hyphen.
bool is_node(std::string_view text);

// The message that a connection begins with, from each side.
ByteBuffer hello_of(std::string_view node);
// The node that it names; nothing where it is no hello, or one of another version.
std::optional<std::string> node_of(Bytes hello);

// Finds the frames in bytes that arrive in pieces of any size. It takes memory for what has
// arrived, not for what a length promises.
class FrameReader {
 public:
  // Where the next bytes go. What next() gave ends here.
  std::span<uint8_t> room();
  void arrived(size_t size) { bytes_.extend(size); }
  // The next message that is all there. Throws kMalformed for one that is too long: a hello has to
  // be short, since who sends it is not known yet.
  std::optional<Bytes> next();

 private:
  ByteBuffer bytes_;
  size_t at_ = 0;
  bool greeted_ = false;
};

// A message on its way to one peer or several. It refers to the caller's bytes, and is copied once
// and only if somebody does not take it at once.
class OutgoingFrame {
 public:
  explicit OutgoingFrame(Bytes message);

  Bytes head() const { return {head_, kFrameHead}; }
  Bytes body() const { return body_; }
  size_t size() const { return kFrameHead + body_.size(); }
  // Head and body, to be kept.
  std::shared_ptr<const ByteBuffer> copy();

 private:
  uint8_t head_[kFrameHead];
  Bytes body_;
  std::shared_ptr<const ByteBuffer> copy_;
};

}  // namespace cairn
