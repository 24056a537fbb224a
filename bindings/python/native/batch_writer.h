// Rows of Python into row batches. With the GIL only.
#pragma once

#include "values.h"

namespace cairn::python {

// Of a sequence of (op, key, value, metadata op, metadata): numbers of Op and MetadataOp, a str or
// a number, a dict for insert and update, and metadata that is looked at for MetadataOp.Set.
std::string write_batch(PyObject* rows);

}  // namespace cairn::python
