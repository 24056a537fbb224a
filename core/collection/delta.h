// What changed in a collection since a row version, out of its log. One thread at a time.
#pragma once

#include <string>
#include <vector>

#include "core/collection/cursor.h"
#include "core/collection/log.h"

namespace cairn {

struct Delta {
  std::vector<int64_t> rows;            // changed and still there, by number
  std::vector<std::string> deleted;     // keys without a row
  std::vector<LogEntry::Deleted> gone;  // rows that are not there any more, by number
};

// Fills in the head; where it says reload, the delta is empty.
Delta collect_delta(Connection& connection, int64_t collection, const CollectionState& state,
                    const DeltaRequest& request, CursorHead& head);

}  // namespace cairn
