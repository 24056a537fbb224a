// Base64 (RFC 4648, with padding), for bytes in JSON. Pure functions, any thread.
#pragma once

#include <string>
#include <vector>

#include "core/value/bytes.h"

namespace cairn {

std::string to_base64(Bytes bytes);

// Throws kInvalidValue.
std::vector<uint8_t> from_base64(std::string_view text);

}  // namespace cairn
