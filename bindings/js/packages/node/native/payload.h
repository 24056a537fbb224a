// Bytes on their way in and out. Large ones are not copied: a call reads the caller's own memory,
// and JavaScript reads the library's. Made and destroyed on the JavaScript thread; read on any
// thread.
#pragma once

#include <cairn/buffer.h>
#include <napi.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cairn::node {

// The bytes of a Uint8Array, for as long as a call needs them. Large ones stay where they are, and
// whoever gave them must not change or transfer them before the call has ended.
class Input {
 public:
  // Throws a TypeError for anything but a Uint8Array.
  explicit Input(const Napi::Value& value);
  Input(Input&& other) noexcept { *this = std::move(other); }
  Input& operator=(Input&& other) noexcept;
  ~Input();

  // Null where there are none, as the C API wants it for its defaults.
  const uint8_t* data() const { return size_ == 0 ? nullptr : data_; }
  size_t size() const { return size_; }

 private:
  napi_env env_ = nullptr;
  napi_ref kept_ = nullptr;
  std::unique_ptr<uint8_t[]> copy_;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// The same of an array of them.
std::vector<Input> inputs_of(const Napi::Value& value);

struct BufferFree {
  void operator()(cairn_buffer* buffer) const { cairn_buffer_free(buffer); }
};
using Buffer = std::unique_ptr<cairn_buffer, BufferFree>;

// A Uint8Array of a buffer's bytes, which starts at byte 0 of its ArrayBuffer. Null where
// JavaScript ends, or has no memory for a copy.
napi_value give_bytes(napi_env env, Buffer buffer);

// A text as UTF-8. Throws a TypeError for anything but a string, and for one with lone surrogates,
// which would otherwise become the same text as another one.
std::string text_of(const Napi::Value& value);

}  // namespace cairn::node
