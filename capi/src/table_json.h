// The tables of schemas/ from and to JSON, by the schemas themselves. Any thread.
#pragma once

#include <string>

#include "core/value/batch_builder.h"

namespace cairn::capi {

// `table`: a name without namespace, such as "LoadRequest".
Table table_from_json(const std::string& table, std::string_view json);
std::string table_to_json(const std::string& table, Bytes bytes);

}  // namespace cairn::capi
