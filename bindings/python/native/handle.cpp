#include "handle.h"

#include <cstring>

#include "module.h"

namespace cairn::python {
namespace {

struct Handle {
  PyObject_HEAD void* pointer;
  const char* type;
  Close close;
  PyObject* kept;
  int users;
  bool closed;
};

struct Buffer {
  PyObject_HEAD cairn_buffer* buffer;
};

PyTypeObject* handle_type;
PyTypeObject* buffer_type;

// Closing may take as long as the disk does.
void close_now(Handle* handle) {
  void* pointer = std::exchange(handle->pointer, nullptr);
  if (pointer == nullptr) return;
  Py_BEGIN_ALLOW_THREADS handle->close(pointer);
  Py_END_ALLOW_THREADS Py_CLEAR(handle->kept);
}

void handle_dealloc(PyObject* self) {
  close_now(reinterpret_cast<Handle*>(self));
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* handle_closed(PyObject* self, void*) {
  return PyBool_FromLong(reinterpret_cast<Handle*>(self)->closed);
}

int buffer_get(PyObject* self, Py_buffer* view, int flags) {
  cairn_buffer* buffer = reinterpret_cast<Buffer*>(self)->buffer;
  auto* data = const_cast<uint8_t*>(cairn_buffer_data(buffer));
  auto size = static_cast<Py_ssize_t>(cairn_buffer_size(buffer));
  return PyBuffer_FillInfo(view, self, data, size, /*readonly=*/1, flags);
}

void buffer_dealloc(PyObject* self) {
  cairn_buffer_free(reinterpret_cast<Buffer*>(self)->buffer);
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyGetSetDef handle_fields[] = {
    {"closed", handle_closed, nullptr, "Whether it was closed.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot handle_slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(handle_dealloc)},
                              {Py_tp_getset, handle_fields},
                              {0, nullptr}};
PyType_Slot buffer_slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(buffer_dealloc)},
                              {Py_bf_getbuffer, reinterpret_cast<void*>(buffer_get)},
                              {0, nullptr}};
constexpr unsigned kFlags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION;
PyType_Spec handle_spec = {"cairn._cairn.Handle", sizeof(Handle), 0, kFlags, handle_slots};
PyType_Spec buffer_spec = {"cairn._cairn.Buffer", sizeof(Buffer), 0, kFlags, buffer_slots};

bool add_type(PyObject* module, PyType_Spec& spec, PyTypeObject*& type) {
  type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return type != nullptr && PyModule_AddType(module, type) == 0;
}

}  // namespace

bool add_handle_types(PyObject* module) {
  return add_type(module, handle_spec, handle_type) && add_type(module, buffer_spec, buffer_type);
}

PyObject* handle_of(void* pointer, const char* type, Close close, PyObject* arguments) {
  if (pointer == nullptr) Py_RETURN_NONE;
  auto* handle = PyObject_New(Handle, handle_type);
  if (handle == nullptr) {
    close(pointer);
    return nullptr;
  }
  handle->pointer = pointer;
  handle->type = type;
  handle->close = close;
  handle->kept = std::strcmp(type, "cairn_view") == 0 ? arguments : nullptr;
  Py_XINCREF(handle->kept);
  handle->users = 0;
  handle->closed = false;
  return reinterpret_cast<PyObject*>(handle);
}

PyObject* Buffer_take(cairn_buffer* taken) {
  if (taken == nullptr) Py_RETURN_NONE;
  auto* buffer = PyObject_New(Buffer, buffer_type);
  if (buffer == nullptr) {
    cairn_buffer_free(taken);
    return nullptr;
  }
  buffer->buffer = taken;
  PyObject* view = PyMemoryView_FromObject(reinterpret_cast<PyObject*>(buffer));
  Py_DECREF(buffer);
  return view;
}

bool raised(cairn_status status, cairn_error* error) {
  if (status < CAIRN_INVALID_ARGUMENT) return false;
  raise_status(status, cairn_error_message(error), cairn_error_sqlite_code(error),
               cairn_error_retryable(error) != 0);
  cairn_error_free(error);
  return true;
}

bool Use::enter(PyObject* object, const char* type) {
  if (object == Py_None) return true;
  auto* handle = reinterpret_cast<Handle*>(object);
  if (Py_TYPE(object) != handle_type || std::strcmp(handle->type, type) != 0) {
    PyErr_Format(PyExc_TypeError, "a %s is needed, not %R", type, object);
    return false;
  }
  if (handle->closed) {
    // "cairn_database" is closed as a database.
    raise_closed(std::strchr(type, '_') + 1);
    return false;
  }
  Py_INCREF(object);
  handle_ = object;
  ++handle->users;
  return true;
}

void* Use::pointer() const {
  return handle_ == nullptr ? nullptr : reinterpret_cast<Handle*>(handle_)->pointer;
}

void Use::close() {
  if (handle_ != nullptr) reinterpret_cast<Handle*>(handle_)->closed = true;
}

Use::~Use() {
  if (handle_ == nullptr) return;
  auto* handle = reinterpret_cast<Handle*>(handle_);
  if (--handle->users == 0 && handle->closed) close_now(handle);
  Py_DECREF(handle_);
}

BytesIn::~BytesIn() {
  if (view_.obj != nullptr) PyBuffer_Release(&view_);
}

bool BytesIn::take(PyObject* object) {
  return object == Py_None || PyObject_GetBuffer(object, &view_, PyBUF_SIMPLE) == 0;
}

bool TextIn::take(PyObject* object) {
  data_ = PyUnicode_AsUTF8AndSize(object, &size_);
  return data_ != nullptr;
}

}  // namespace cairn::python
