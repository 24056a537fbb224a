// Row batches into Python objects (schemas/batch.fbs). With the GIL only.
#pragma once

#include "values.h"

namespace cairn::python {

// Gives (keys, ops, values, versions, metadata): a list of keys; bytes of Op, or None where all are
// inserts; a list with the dict of each insert and update, None for other rows; a list of versions
// or None; a list of metadata, UNDEFINED for rows without any, or None.
Ref read_batch(ByteSpan bytes);
// Gives the list of its dicts alone, which is quicker.
Ref read_rows(ByteSpan bytes);

}  // namespace cairn::python
