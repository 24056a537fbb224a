// Bytes in and out; see payload.h.
#include "payload.h"

#include <cstring>

namespace cairn::node {
namespace {

// Below this size a copy costs less than what it takes to keep the original alive.
constexpr size_t kInputCopied = 16 * 1024;
constexpr size_t kOutputCopied = 4 * 1024;

void free_buffer(napi_env, void*, void* buffer) {
  cairn_buffer_free(static_cast<cairn_buffer*>(buffer));
}

napi_value copied(napi_env env, const Buffer& buffer) {
  size_t size = cairn_buffer_size(buffer.get());
  void* data = nullptr;
  napi_value array = nullptr;
  if (napi_create_arraybuffer(env, size, &data, &array) != napi_ok) return nullptr;
  if (size != 0) std::memcpy(data, cairn_buffer_data(buffer.get()), size);
  return array;
}

// V8 itself counts these bytes for its garbage collection, until it has called `free_buffer`.
napi_value external(napi_env env, Buffer& buffer) {
  void* data = const_cast<uint8_t*>(cairn_buffer_data(buffer.get()));
  size_t size = cairn_buffer_size(buffer.get());
  napi_value array = nullptr;
  napi_status status =
      napi_create_external_arraybuffer(env, data, size, free_buffer, buffer.get(), &array);
  if (status == napi_no_external_buffers_allowed) return copied(env, buffer);
  if (status != napi_ok) return nullptr;
  (void)buffer.release();
  return array;
}

bool has_lone_surrogate(const std::u16string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & 0xF800) != 0xD800) continue;
    bool pair = text[i] < 0xDC00 && i + 1 < text.size() && (text[i + 1] & 0xFC00) == 0xDC00;
    if (!pair) return true;
    ++i;
  }
  return false;
}

}  // namespace

Input::Input(const Napi::Value& value) : env_(value.Env()) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    throw Napi::TypeError::New(env_, "bytes are a Uint8Array");
  auto array = value.As<Napi::Uint8Array>();
  size_ = array.ByteLength();
  data_ = array.Data();
  if (size_ >= kInputCopied) {
    if (napi_create_reference(env_, value, 1, &kept_) != napi_ok) throw Napi::Error::New(env_);
  } else if (size_ != 0) {
    copy_ = std::make_unique<uint8_t[]>(size_);
    std::memcpy(copy_.get(), data_, size_);
    data_ = copy_.get();
  }
}

Input& Input::operator=(Input&& other) noexcept {
  env_ = other.env_;
  std::swap(kept_, other.kept_);
  copy_.swap(other.copy_);
  data_ = other.data_;
  size_ = other.size_;
  return *this;
}

Input::~Input() {
  if (kept_ != nullptr) napi_delete_reference(env_, kept_);
}

std::vector<Input> inputs_of(const Napi::Value& value) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), "this is no array of bytes");
  auto list = value.As<Napi::Array>();
  std::vector<Input> inputs;
  inputs.reserve(list.Length());
  for (uint32_t i = 0; i < list.Length(); ++i) {
    // Node-API keeps a handle for each element until the scope ends.
    Napi::HandleScope scope(value.Env());
    inputs.emplace_back(list.Get(i));
  }
  return inputs;
}

napi_value give_bytes(napi_env env, Buffer buffer) {
  size_t size = cairn_buffer_size(buffer.get());
  napi_value array = size < kOutputCopied ? copied(env, buffer) : external(env, buffer);
  napi_value bytes = nullptr;
  if (array == nullptr) return nullptr;
  if (napi_create_typedarray(env, napi_uint8_array, size, array, 0, &bytes) != napi_ok)
    return nullptr;
  return bytes;
}

std::string text_of(const Napi::Value& value) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), "a name or a path is a string");
  auto string = value.As<Napi::String>();
  std::string text = string.Utf8Value();
  // Only a text with U+FFFD can have lost something.
  if (text.find("\xEF\xBF\xBD") != std::string::npos && has_lone_surrogate(string.Utf16Value()))
    throw Napi::TypeError::New(value.Env(), "a name or a path must not have lone surrogates");
  return text;
}

}  // namespace cairn::node
