#include "handle.h"

#include "core/storage/store.h"
#include "core/value/text.h"

namespace cairn::capi {
namespace {

void fill(cairn_error** error, Status status, const char* message, int sqlite_code,
          bool retryable) {
  // Below 100 nothing went wrong, so there is nothing to free either.
  if (error == nullptr || static_cast<cairn_status>(status) < CAIRN_INVALID_ARGUMENT) return;
  try {
    auto filled = std::make_unique<cairn_error>();
    filled->status = static_cast<cairn_status>(status);
    filled->message = message;
    filled->sqlite_code = sqlite_code;
    filled->retryable = retryable;
    *error = filled.release();
  } catch (...) {
    // Without memory for an error the status alone has to tell.
  }
}

}  // namespace

uint64_t current_process() { return Store::process(); }

cairn_status report(cairn_error** error) noexcept {
  try {
    throw;
  } catch (const ValueError& failure) {
    fill(error, failure.status(), failure.describe().c_str(), 0, false);
    return static_cast<cairn_status>(failure.status());
  } catch (const Error& failure) {
    fill(error, failure.status(), failure.what(), failure.sqlite_code(), failure.retryable());
    return static_cast<cairn_status>(failure.status());
  } catch (const std::bad_alloc&) {
    fill(error, Status::kOutOfMemory, "memory is exhausted", 0, true);
    return CAIRN_OUT_OF_MEMORY;
  } catch (const std::exception& failure) {
    fill(error, Status::kInternal, failure.what(), 0, false);
    return CAIRN_INTERNAL;
  } catch (...) {
    fill(error, Status::kInternal, "an unknown exception", 0, false);
    return CAIRN_INTERNAL;
  }
}

Bytes bytes_in(const uint8_t* data, size_t size) {
  if (data == nullptr && size != 0)
    throw Error(Status::kInvalidArgument, "a null pointer with a size that is not 0");
  return {data, size};
}

std::string text_in(const char* data, size_t size) {
  Bytes bytes = bytes_in(reinterpret_cast<const uint8_t*>(data), size);
  if (!is_wtf8(bytes, false)) throw Error(Status::kInvalidArgument, "a text is not UTF-8");
  return std::string(as_text(bytes));
}

std::string path_in(const char* path, size_t size) {
  std::string text = text_in(path, size);
  if (text.empty() || text.find('\0') != std::string::npos)
    throw Error(Status::kInvalidArgument, "a database needs a path, and one without NUL");
  return text;
}

cairn_buffer* buffer_of(Table table) { return new cairn_buffer(std::move(table)); }
cairn_buffer* buffer_of(ByteBuffer bytes) { return new cairn_buffer(std::move(bytes)); }

cairn_buffer* buffer_of(const std::string& text) {
  ByteBuffer bytes;
  bytes.reserve(1);  // so that an empty text has an address, too
  bytes.put(text);
  return buffer_of(std::move(bytes));
}

}  // namespace cairn::capi
