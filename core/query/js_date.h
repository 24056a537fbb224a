// Dates to and from text as ECMAScript converts them, and V8 where it leaves room. Only UTC is
// known here: what depends on the host's time zone is handed back. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/value/civil_time.h"

namespace cairn {

// What Date.parse makes of a text.
struct ParsedDate {
  enum class Kind : uint8_t {
    kTime,   // `milliseconds` since 1970-01-01T00:00:00Z, within ±8.64e15
    kLocal,  // date and time without an offset: `milliseconds` as if the host's zone were UTC, not
             // yet clipped to ±8.64e15
    kInvalid,   // an invalid date
    kFreeForm,  // not in ISO's form: the host must parse it
  };

  Kind kind;
  int64_t milliseconds = 0;

  bool operator==(const ParsedDate&) const = default;
};

// Reads ECMAScript's date-time format as V8 does.
ParsedDate parse_date(std::string_view text);

// Appends String(date) as where the host's zone is UTC. core/value's append_iso_date is
// toISOString().
void append_utc_date(int64_t milliseconds, std::string& out);

}  // namespace cairn
