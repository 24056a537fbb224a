// Unicode's letter case of single code points: full mappings, and the properties that decide what a
// sigma becomes. Simple mappings and categories are utf8proc's, the rest are tables here. Pure
// functions, any thread.
#pragma once

#include <array>
#include <cstdint>

namespace cairn {

// What a code point becomes: up to three, the unused ones 0.
using CaseMapping = std::array<uint32_t, 3>;

// `code_point` is not ASCII.
CaseMapping upper_mapping(uint32_t code_point);
// Without the rule for a sigma that ends a word.
CaseMapping lower_mapping(uint32_t code_point);

// Any code point. The two do not overlap: what is case-ignorable is not called cased here, which is
// how ICU, and so V8, looks for the letters around a sigma.
bool is_cased(uint32_t code_point);
bool is_case_ignorable(uint32_t code_point);

}  // namespace cairn
