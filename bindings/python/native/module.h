// What the extension offers beside the C API: exceptions, and the codecs of values, row batches and
// a replica's messages. With the GIL only.
#pragma once

#include <cairn.h>

#include "ref.h"

namespace cairn::python {

// Called once, by the generated module.
bool set_up(PyObject* module);

// Raises cairn.CairnError, of the class that goes with the status.
void raise_status(cairn_status status, const char* message, int sqlite_code, bool retryable);
void raise_closed(const char* what);

// The classes of the Python side, once they were given by configure().
struct Classes {
  PyObject* error = nullptr;    // makes an exception of (status, name, message, sqlite, retryable)
  PyObject* closed = nullptr;   // ... of what was closed
  PyObject* big_int = nullptr;  // cairn.BigInt
  PyObject* timestamp = nullptr;  // cairn.Timestamp
  PyObject* undefined = nullptr;  // cairn.UNDEFINED
};
const Classes& classes();

}  // namespace cairn::python
