// References to Python objects that are given up by themselves, and how errors of Python pass
// through C++: a function that fails throws Raised once Python's error is set, and what Python
// calls catches it. With the GIL only.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <new>
#include <stdexcept>
#include <utility>

namespace cairn::python {

// Python's error is set.
struct Raised {};

class Ref {
 public:
  Ref() = default;
  // Takes over what a function of Python has returned; throws where that is null.
  explicit Ref(PyObject* owned) : object_(owned) {
    if (owned == nullptr) throw Raised{};
  }
  static Ref borrowed(PyObject* object) {
    Py_INCREF(object);
    return Ref(object);
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  Ref(const Ref& other) : object_(other.object_) { Py_XINCREF(object_); }
  Ref& operator=(const Ref&) = delete;
  ~Ref() { Py_XDECREF(object_); }

  PyObject* get() const { return object_; }
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

// Throws where a function of Python says that it has failed.
inline void check(int status) {
  if (status < 0) throw Raised{};
}

[[noreturn]] inline void raise(PyObject* type, const char* message) {
  PyErr_SetString(type, message);
  throw Raised{};
}

// Runs what gives a Ref for a function that Python calls.
template <class Body>
PyObject* guarded(Body body) noexcept {
  try {
    return body().release();
  } catch (const Raised&) {
    return nullptr;
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
    return nullptr;
  }
}

}  // namespace cairn::python
