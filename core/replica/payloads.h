// The payloads of requests to a leader and of their replies, as bytes (replica.fbs). Any thread.
#pragma once

#include <string>
#include <vector>

#include "core/collection/cursor.h"
#include "core/query/subset.h"

namespace cairn {

struct MutationSet {
  std::vector<std::string> mutation_ids;
  std::string batch;  // a RowBatch table
};

// All of these throw kMalformed and what reading a subset throws.
Subset read_subset_bytes(Bytes bytes);
MutationSet read_mutation_set(Bytes bytes);
DeltaRequest read_delta_request(Bytes bytes);

std::string write_mutation_result(const std::vector<std::string>& accepted,
                                  const Position& position, Durability durability);
// Where the delta exceeds 16 MiB the reply says reload.
std::string write_delta_reply(Cursor& cursor);

}  // namespace cairn
