// Copies a database page by page while others read and write it (https://sqlite.org/backup.html).
// One thread; the source's snapshot does not change meanwhile.
#pragma once

#include <string>

#include "core/storage/native_connection.h"
#include "core/storage/store.h"

namespace cairn {

// Copies what `from` sees, in a read transaction that it is in or that this begins, into a new
// file. Throws kCancelled, kDiskFull, kIo; the file is not of use then.
void copy_pages(NativeConnection& from, const std::string& to, const Interruptible& interruptible);

}  // namespace cairn
