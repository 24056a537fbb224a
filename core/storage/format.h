// The file format's version, the creation of an empty database and the upgrades from every version
// that was released (FORMAT.md). One thread at a time.
#pragma once

#include "core/storage/connection.h"

namespace cairn {

inline constexpr int64_t kFormatVersion = 2;

// The rows of cairn_format.
enum FormatId : int64_t { kFormatVersionId = 1, kNextCollectionId = 2, kNextIndexId = 3 };

// The version of the database's format, 0 where nothing has been created yet. Throws kNewerFormat
// for one that this library does not read.
int64_t read_format(Connection& connection);

// Whether the format has indexes: an older one that is open read-only is read as it is.
bool has_indexes(Connection& connection);

// Creates what is not there and upgrades what is older, in one transaction. Another process may be
// doing the same.
void ensure_format(Connection& connection);

}  // namespace cairn
