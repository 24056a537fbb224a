// A request for an index, as it comes from outside. Any thread.
#pragma once

#include "cairn/schemas/requests_generated.h"
#include "core/collection/collection.h"

namespace cairn {

// Throws kMalformed, kInvalidArgument, kTooLarge.
IndexRequest read_index_request(const fb::IndexRequest& table);

}  // namespace cairn
