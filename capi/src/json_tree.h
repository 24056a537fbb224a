// JSON as a tree, for tables. Unlike the parser's own tree it keeps integers of 64 bits beside
// doubles, and coming apart takes no memory, so that memory which runs out stays an error. Plain
// values; no thread rule of their own.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/value/value.h"

namespace cairn::capi {

struct Json {
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // in order; names differ

  template <typename T>
  const T* get() const {
    return std::get_if<T>(&data);
  }
  bool is_null() const { return get<std::nullptr_t>() != nullptr; }

  std::variant<std::nullptr_t, bool, uint64_t, double, std::string, Array, Object> data = nullptr;
};

// Throws kMalformed, which says that it is `what` that is no JSON.
Json parse_tree(std::string_view text, const std::string& what);

// The value that it stands for; see core/value/json.h.
Value to_value(const Json& json);

}  // namespace cairn::capi
