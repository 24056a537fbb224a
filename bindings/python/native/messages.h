// The messages of a replica (schemas/replica.fbs). With the GIL only.
#pragma once

#include "values.h"

namespace cairn::python {

// A ReplicaEvent of its fields by name; `batch` and `subset` are bytes, `metadata` is a dict whose
// values are set, or removed where they are UNDEFINED.
Ref write_event(PyObject* arguments, PyObject* named);
// A dict of a ReplicaEffect's fields, those that it has not got left out; `batch` as read_batch
// gives it, `metadata` as a dict, `position` as a dict of its numbers.
Ref read_effect(ByteSpan bytes);

}  // namespace cairn::python
