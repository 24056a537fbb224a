/* python.i - what cairn.i needs for Python: handles are objects that know whether they are open and
 * in use, bytes are anything with the buffer protocol, texts are str, buffers come as read-only
 * memoryviews of the library's own memory, and errors are raised as cairn.CairnError. A function
 * that returns a status gives it first, then what it puts out. Every call runs without the GIL. */

%{
#include "handle.h"
#include "module.h"
using cairn::python::Buffer_take;
using cairn::python::BytesIn;
using cairn::python::TextIn;
using cairn::python::Use;
%}

%init %{
  if (!cairn::python::set_up(m)) return NULL;
%}

/* What the library has returned so far, and one more thing. */
%{
static PyObject* cairn_with(PyObject* result, PyObject* more) {
  if (more == nullptr) {
    Py_XDECREF(result);
    return nullptr;
  }
  return SWIG_Python_AppendOutput(result, more);
}
%}

/* --- handles --- */

%define CAIRN_HANDLE(TYPE, CLOSE)
%typemap(in) TYPE* (Use use), const TYPE* (Use use) %{
  if (!use.enter($input, #TYPE)) SWIG_fail;
  $1 = static_cast<$1_ltype>(use.pointer());
%}
%typemap(in, numinputs = 0) TYPE** (TYPE* opened = nullptr) "$1 = &opened;"
%typemap(argout) TYPE** %{
  $result = cairn_with($result, cairn::python::handle_of(*$1, #TYPE, [](void* pointer) {
    CLOSE(static_cast<TYPE*>(pointer));
  }, args));
  if ($result == nullptr) SWIG_fail;
%}
/* The last one that uses it closes it. */
%exception CLOSE "use1.close();"
%enddef

/* --- bytes and texts in --- */

%typemap(in) (const uint8_t* BYTES, size_t SIZE) (BytesIn bytes) %{
  if (!bytes.take($input)) SWIG_fail;
  $1 = const_cast<uint8_t*>(bytes.data());
  $2 = bytes.size();
%}
%typemap(in) (const char* TEXT, size_t SIZE) (TextIn text) %{
  if (!text.take($input)) SWIG_fail;
  $1 = const_cast<char*>(text.data());
  $2 = text.size();
%}

/* --- results --- */

%typemap(in, numinputs = 0) cairn_buffer** (cairn_buffer* taken = nullptr) "$1 = &taken;"
%typemap(argout) cairn_buffer** %{
  $result = cairn_with($result, Buffer_take(*$1));
  if ($result == nullptr) SWIG_fail;
%}
%typemap(in, numinputs = 0) uint64_t* (uint64_t number = 0), uint32_t* (uint32_t number = 0)
  "$1 = &number;"
%typemap(argout) uint64_t*, uint32_t* %{
  $result = cairn_with($result, PyLong_FromUnsignedLongLong(*$1));
  if ($result == nullptr) SWIG_fail;
%}
%typemap(in, numinputs = 0) (const void** out, size_t* count) (const void* first = nullptr,
                                                               size_t count = 0)
  "$1 = ($1_ltype)&first; $2 = &count;"
/* arg5 is the size of an element. */
%typemap(argout) (const void** out, size_t* count) %{
  $result = cairn_with($result, PyBytes_FromStringAndSize(static_cast<const char*>(*$1),
                                                          static_cast<Py_ssize_t>(*$2 * arg5)));
  if ($result == nullptr) SWIG_fail;
%}
%typemap(in, numinputs = 0) (const char** out, size_t* size) (const char* first = nullptr,
                                                              size_t size = 0)
  "$1 = ($1_ltype)&first; $2 = &size;"
%typemap(argout) (const char** out, size_t* size) %{
  $result = cairn_with($result, PyBytes_FromStringAndSize(*$1, static_cast<Py_ssize_t>(*$2)));
  if ($result == nullptr) SWIG_fail;
%}

/* --- errors --- */

%typemap(in, numinputs = 0) cairn_error** (cairn_error* failure = nullptr) "$1 = &failure;"
%typemap(argout) cairn_error** %{
  if (cairn::python::raised(result, *$1)) {
    Py_XDECREF($result);
    SWIG_fail;
  }
%}
