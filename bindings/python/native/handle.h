// What the generated functions take and give: handles that may be closed at any time, also while
// another thread uses them, buffers as memoryviews, bytes and texts. With the GIL only; it is what
// guards the counts.
#pragma once

#include <cairn.h>

#include "ref.h"

namespace cairn::python {

using Close = void (*)(void* pointer);

// A handle of the library; None for null. A view reads bytes where they stand: it keeps the
// arguments that it was opened with.
PyObject* handle_of(void* pointer, const char* type, Close close, PyObject* arguments);
// The library's buffer as a memoryview that keeps it; None for null.
PyObject* Buffer_take(cairn_buffer* buffer);
// Raises cairn.CairnError where a call has failed, and frees the error.
bool raised(cairn_status status, cairn_error* error);

// One use of a handle, for a call. A handle that is closed meanwhile stays until it ends.
class Use {
 public:
  Use() = default;
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use();
  bool enter(PyObject* handle, const char* type);
  void* pointer() const;
  void close();

 private:
  PyObject* handle_ = nullptr;
};

class BytesIn {
 public:
  BytesIn() = default;
  BytesIn(const BytesIn&) = delete;
  BytesIn& operator=(const BytesIn&) = delete;
  ~BytesIn();
  // None is no bytes.
  bool take(PyObject* object);
  const uint8_t* data() const { return static_cast<const uint8_t*>(view_.buf); }
  size_t size() const { return static_cast<size_t>(view_.len); }

 private:
  Py_buffer view_{};
};

class TextIn {
 public:
  bool take(PyObject* object);
  const char* data() const { return data_; }
  size_t size() const { return static_cast<size_t>(size_); }

 private:
  const char* data_ = nullptr;  // the text's own
  Py_ssize_t size_ = 0;
};

// Makes the types; they are added to the module.
bool add_handle_types(PyObject* module);

}  // namespace cairn::python
