#include "core/value/json.h"
#include "handle.h"
#include "table_json.h"

using namespace cairn;
using namespace cairn::capi;

namespace {

std::string_view json_in(const char* json, size_t size) {
  if (size > kMaxBatchBytes) throw Error(Status::kTooLarge, "JSON above 64 MiB: give it in parts");
  return as_text(bytes_in(reinterpret_cast<const uint8_t*>(json), size));
}

}  // namespace

cairn_status cairn_value_from_json(const char* json, size_t json_size, cairn_buffer** out,
                                   cairn_error** error) {
  return barrier(out, error, [&] {
    ByteBuffer value;
    encode_value(parse_json(json_in(json, json_size)), value);
    *out = buffer_of(std::move(value));
  });
}

cairn_status cairn_value_to_json(const uint8_t* value, size_t value_size, cairn_buffer** out,
                                 cairn_error** error) {
  return barrier(out, error,
                 [&] { *out = buffer_of(to_json(decode_value(bytes_in(value, value_size)))); });
}

cairn_status cairn_batch_from_json(const char* json, size_t json_size, const char* key_field,
                                   size_t key_field_size, cairn_buffer** out, cairn_error** error) {
  return barrier(out, error, [&] {
    *out = buffer_of(batch_from_json(json_in(json, json_size), text_in(key_field, key_field_size)));
  });
}

cairn_status cairn_batch_to_json(const uint8_t* batch, size_t batch_size, cairn_buffer** out,
                                 cairn_error** error) {
  return barrier(out, error, [&] { *out = buffer_of(batch_to_json(bytes_in(batch, batch_size))); });
}

cairn_status cairn_table_from_json(const char* table, size_t table_size, const char* json,
                                   size_t json_size, cairn_buffer** out, cairn_error** error) {
  return barrier(out, error, [&] {
    *out = buffer_of(table_from_json(text_in(table, table_size), json_in(json, json_size)));
  });
}

cairn_status cairn_table_to_json(const char* table, size_t table_size, const uint8_t* bytes,
                                 size_t bytes_size, cairn_buffer** out, cairn_error** error) {
  return barrier(out, error, [&] {
    *out = buffer_of(table_to_json(text_in(table, table_size), bytes_in(bytes, bytes_size)));
  });
}
