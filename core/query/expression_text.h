// Expressions as texts, as TanStack DB's ensureIndex passes them: a serialized tree, or a fragment
// of SQL, of which a plain JSON path is understood. Pure functions, any thread.
#pragma once

#include <string_view>

#include "core/query/expression.h"

namespace cairn {

// `text`: {"type":"func","name":"lower","args":[{"type":"ref","path":["title"]}]} and the like, or
// json_extract(value, '$.a.b'). Throws kUnsupported for other SQL, and what Expression::read
// throws.
ExpressionPtr parse_expression_text(std::string_view text);

}  // namespace cairn
