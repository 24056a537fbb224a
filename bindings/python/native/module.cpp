#include "module.h"

#include <cstring>

#include "batch_reader.h"
#include "batch_writer.h"
#include "handle.h"
#include "messages.h"
#include "values.h"

namespace cairn::python {
namespace {

Classes known;

void raise_as(PyObject* make, PyObject* arguments) {
  if (arguments == nullptr || make == nullptr) return;
  PyObject* error = PyObject_CallObject(make, arguments);
  Py_DECREF(arguments);
  if (error == nullptr) return;
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error)), error);
  Py_DECREF(error);
}

// configure(error, closed, BigInt, Timestamp, UNDEFINED)
PyObject* configure(PyObject*, PyObject* arguments) {
  PyObject* objects[5];
  if (!PyArg_UnpackTuple(arguments, "configure", 5, 5, &objects[0], &objects[1], &objects[2],
                         &objects[3], &objects[4]))
    return nullptr;
  PyObject** slots[5] = {&known.error, &known.closed, &known.big_int, &known.timestamp,
                         &known.undefined};
  for (int i = 0; i < 5; ++i) {
    Py_INCREF(objects[i]);
    Py_XSETREF(*slots[i], objects[i]);
  }
  Py_RETURN_NONE;
}

PyObject* encode(PyObject*, PyObject* value) {
  return guarded([&] {
    std::string out;
    write_value(value, out);
    return bytes_of(out);
  });
}

PyObject* decode(PyObject*, PyObject* bytes) {
  return guarded([&] {
    BytesIn in;
    if (!in.take(bytes)) throw Raised{};
    return read_value({in.data(), in.size()});
  });
}

// encode_rows([(op, key, value, metadata op, metadata)...])
PyObject* encode_rows(PyObject*, PyObject* rows) {
  return guarded([&] { return bytes_of(write_batch(rows)); });
}

PyObject* decode_rows(PyObject*, PyObject* batch) {
  return guarded([&] {
    BytesIn in;
    if (!in.take(batch)) throw Raised{};
    return read_batch({in.data(), in.size()});
  });
}

PyObject* decode_values(PyObject*, PyObject* batch) {
  return guarded([&] {
    BytesIn in;
    if (!in.take(batch)) throw Raised{};
    return read_rows({in.data(), in.size()});
  });
}

PyObject* encode_event(PyObject*, PyObject* arguments, PyObject* named) {
  return guarded([&] { return write_event(arguments, named); });
}

PyObject* decode_effect(PyObject*, PyObject* effect) {
  return guarded([&] {
    BytesIn in;
    if (!in.take(effect)) throw Raised{};
    return read_effect({in.data(), in.size()});
  });
}

PyMethodDef functions[] = {
    {"configure", configure, METH_VARARGS, "Gives the classes that are made of Python."},
    {"encode", encode, METH_O, "Gives the portable value of an object."},
    {"decode", decode, METH_O, "Gives the object of a portable value."},
    {"encode_rows", encode_rows, METH_O, "Gives the RowBatch of rows."},
    {"decode_rows", decode_rows, METH_O,
     "Gives the keys, ops, values, versions and metadata of a RowBatch; None for what it lacks."},
    {"decode_values", decode_values, METH_O, "Gives the rows of a RowBatch as dicts."},
    {"encode_event", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(encode_event)),
     METH_VARARGS | METH_KEYWORDS, "Gives a ReplicaEvent."},
    {"decode_effect", decode_effect, METH_O, "Gives the fields of a ReplicaEffect."},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

const Classes& classes() { return known; }

bool set_up(PyObject* module) {
  return set_up_dates() && add_handle_types(module) &&
         PyModule_AddFunctions(module, functions) == 0;
}

void raise_status(cairn_status status, const char* message, int sqlite_code, bool retryable) {
  // A message quotes names of users, and may have been cut in the midst of one.
  PyObject* text =
      PyUnicode_DecodeUTF8(message, static_cast<Py_ssize_t>(std::strlen(message)), "replace");
  if (text == nullptr) return;
  PyObject* arguments = Py_BuildValue("(isNiO)", status, cairn_status_name(status), text,
                                      sqlite_code, retryable ? Py_True : Py_False);
  raise_as(known.error, arguments);
}

void raise_closed(const char* what) { raise_as(known.closed, Py_BuildValue("(s)", what)); }

}  // namespace cairn::python
