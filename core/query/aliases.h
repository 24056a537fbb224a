// References through a table's alias, such as todos.title, as references to the row's own fields.
// Pure functions, any thread.
#pragma once

#include <functional>

#include "core/query/subset.h"

namespace cairn {

// Drops the aliases of a subset's references where no row has a field of that name, so that they
// are the same as references without. `is_field`: whether a row may have one.
Subset without_aliases(const Subset& subset,
                       const std::function<bool(std::string_view name)>& is_field);

}  // namespace cairn
