// Texts as numbers as ECMAScript converts them (StringToNumber); the way back is core/value's
// append_number. Pure functions, any thread.
#pragma once

#include <string_view>

#include "core/value/number_text.h"

namespace cairn {

// Number(text) of WTF-8: white space around it is dropped, empty text is 0, what is no number NaN.
double number_from_text(std::string_view text);

}  // namespace cairn
