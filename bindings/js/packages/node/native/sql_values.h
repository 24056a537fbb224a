// Parameters and rows of SQL statements, between JavaScript's values and the portable arrays of
// core/value/ENCODING.md: nulls, numbers, texts and bytes. For the JavaScript thread. Nothing here
// throws: a failure of Node-API's, or a value that SQL does not have, gives null or false.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::node {

// A portable array as an array of JavaScript; bytes are Buffers of their own.
napi_value sql_parameters(napi_env env, std::string_view encoded);

// Collects columns, and writes them as one portable array.
class SqlRows {
 public:
  explicit SqlRows(napi_env env) : env_(env) {}

  bool add(napi_value value);
  size_t bytes() const { return payloads_.size(); }
  // The columns since the last time.
  std::string take();

 private:
  bool add_number(napi_value value);
  bool add_text(napi_value value);
  bool add_bytes(napi_value value);
  void add_sized(uint8_t tag, std::string_view bytes);

  napi_env env_;
  uint64_t count_ = 0;
  std::string tags_;
  std::string payloads_;
};

}  // namespace cairn::node
