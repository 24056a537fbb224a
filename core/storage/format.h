// The file format's version and the creation of an empty database (FORMAT.md). One thread at a
// time.
#pragma once

#include "core/storage/connection.h"

namespace cairn {

inline constexpr int64_t kFormatVersion = 1;

// The rows of cairn_format.
enum FormatId : int64_t { kFormatVersionId = 1, kNextCollectionId = 2 };

// The version of the database's format, 0 where nothing has been created yet. Throws kNewerFormat
// for one that this library does not read.
int64_t read_format(Connection& connection);

// Creates what is not there, in a transaction. Another process may be doing the same.
void ensure_format(Connection& connection);

}  // namespace cairn
