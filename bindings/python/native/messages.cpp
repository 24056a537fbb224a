#include "messages.h"

#include <vector>

#include "batch_reader.h"
#include "cairn/schemas/replica_generated.h"
#include "handle.h"
#include "module.h"

namespace cairn::python {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

struct EventFields {
  int kind = 0;
  unsigned long long number = 0, subset_id = 0, effect = 0;
  long long now_ms = 0;
  int request = 0, status = 0;
  PyObject *subset = Py_None, *batch = Py_None, *payload = Py_None;
  PyObject *id = Py_None, *message = Py_None, *mutation_ids = Py_None, *metadata = Py_None;
};

using Bytes = Offset<flatbuffers::Vector<uint8_t>>;
using Text = Offset<flatbuffers::String>;

Bytes bytes_in(FlatBufferBuilder& builder, PyObject* object) {
  if (object == Py_None) return 0;
  BytesIn bytes;
  if (!bytes.take(object)) throw Raised{};
  builder.ForceVectorAlignment(bytes.size(), 1, 16);
  return builder.CreateVector(bytes.data(), bytes.size());
}

Text text_in(FlatBufferBuilder& builder, PyObject* object) {
  if (object == Py_None) return 0;
  TextIn text;
  if (!text.take(object)) throw Raised{};
  return builder.CreateString(text.data(), text.size());
}

Offset<flatbuffers::Vector<Text>> texts_in(FlatBufferBuilder& builder, PyObject* object) {
  if (object == Py_None) return 0;
  Ref sequence(PySequence_Fast(object, "ids are a sequence of str"));
  std::vector<Text> texts;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence.get()); ++i)
    texts.push_back(text_in(builder, PySequence_Fast_GET_ITEM(sequence.get(), i)));
  return builder.CreateVector(texts);
}

Offset<flatbuffers::Vector<Offset<fb::MetadataEntry>>> metadata_in(FlatBufferBuilder& builder,
                                                                   PyObject* object) {
  if (object == Py_None) return 0;
  if (!PyDict_Check(object)) raise(PyExc_TypeError, "metadata is a dict");
  std::vector<Offset<fb::MetadataEntry>> entries;
  PyObject *key, *value;
  Py_ssize_t at = 0;
  while (PyDict_Next(object, &at, &key, &value)) {
    Text name = text_in(builder, key);
    Bytes bytes = 0;
    if (value != classes().undefined) {
      std::string portable;
      write_value(value, portable);
      bytes =
          builder.CreateVector(reinterpret_cast<const uint8_t*>(portable.data()), portable.size());
    }
    entries.push_back(fb::CreateMetadataEntry(builder, name, bytes));
  }
  return builder.CreateVector(entries);
}

// Sets a field where there is something to set.
class Fields {
 public:
  explicit Fields(PyObject* dict) : dict_(dict) {}

  void number(const char* name, unsigned long long value) {
    if (value != 0) set(name, Ref(PyLong_FromUnsignedLongLong(value)));
  }
  void flag(const char* name, bool value) {
    if (value) set(name, Ref::borrowed(Py_True));
  }
  void text(const char* name, const flatbuffers::String* value) {
    if (value != nullptr) set(name, text_of(value->Data(), value->size()));
  }
  void texts(const char* name, const flatbuffers::Vector<Text>* values) {
    if (values == nullptr) return;
    Ref list(PyList_New(0));
    for (const flatbuffers::String* value : *values)
      check(PyList_Append(list.get(), text_of(value->Data(), value->size()).get()));
    set(name, std::move(list));
  }
  void bytes(const char* name, const flatbuffers::Vector<uint8_t>* value) {
    if (value != nullptr)
      set(name, bytes_of({reinterpret_cast<const char*>(value->data()), value->size()}));
  }
  void set(const char* name, Ref value) { check(PyDict_SetItemString(dict_, name, value.get())); }

 private:
  PyObject* dict_;
};

Ref position_of(const fb::Position& position) {
  Ref dict(PyDict_New());
  Fields fields(dict.get());
  fields.set("term", Ref(PyLong_FromUnsignedLongLong(position.term())));
  fields.set("seq", Ref(PyLong_FromUnsignedLongLong(position.seq())));
  fields.set("row_version", Ref(PyLong_FromUnsignedLongLong(position.row_version())));
  fields.set("reset_epoch", Ref(PyLong_FromUnsignedLongLong(position.reset_epoch())));
  return dict;
}

Ref metadata_of(const flatbuffers::Vector<Offset<fb::MetadataEntry>>& entries) {
  Ref dict(PyDict_New());
  for (const fb::MetadataEntry* entry : entries) {
    if (entry->key() == nullptr) continue;
    Ref key = text_of(entry->key()->Data(), entry->key()->size());
    Ref value = entry->value() == nullptr
                    ? Ref::borrowed(classes().undefined)
                    : read_value({entry->value()->data(), entry->value()->size()});
    check(PyDict_SetItem(dict.get(), key.get(), value.get()));
  }
  return dict;
}

}  // namespace

Ref write_event(PyObject* arguments, PyObject* named) {
  static const char* names[] = {"kind",   "number",       "subset_id", "subset",  "batch",
                                "id",     "mutation_ids", "metadata",  "request", "payload",
                                "effect", "status",       "message",   "now_ms",  nullptr};
  EventFields in;
  if (!PyArg_ParseTupleAndKeywords(arguments, named, "iK|$KOOOOOiOKiOL", const_cast<char**>(names),
                                   &in.kind, &in.number, &in.subset_id, &in.subset, &in.batch,
                                   &in.id, &in.mutation_ids, &in.metadata, &in.request, &in.payload,
                                   &in.effect, &in.status, &in.message, &in.now_ms))
    throw Raised{};
  FlatBufferBuilder builder(256);
  Bytes subset = bytes_in(builder, in.subset), batch = bytes_in(builder, in.batch),
        payload = bytes_in(builder, in.payload);
  Text id = text_in(builder, in.id), message = text_in(builder, in.message);
  auto mutation_ids = texts_in(builder, in.mutation_ids);
  auto metadata = metadata_in(builder, in.metadata);
  builder.Finish(fb::CreateReplicaEvent(builder, static_cast<fb::EventKind>(in.kind), in.number,
                                        in.subset_id, subset, batch, id, mutation_ids, metadata,
                                        static_cast<fb::RequestKind>(in.request), payload,
                                        in.effect, in.status, message, in.now_ms));
  return bytes_of({reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
}

Ref read_effect(ByteSpan bytes) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  if (bytes.size() < 8 || !verifier.VerifyBuffer<fb::ReplicaEffect>(nullptr))
    throw std::invalid_argument("these bytes are no effect of a replica");
  const auto* effect = flatbuffers::GetRoot<fb::ReplicaEffect>(bytes.data());
  Ref dict(PyDict_New());
  Fields fields(dict.get());
  fields.set("kind", Ref(PyLong_FromLong(static_cast<long>(effect->kind()))));
  fields.set("number", Ref(PyLong_FromUnsignedLongLong(effect->number())));
  fields.set("seen", Ref(PyLong_FromUnsignedLongLong(effect->seen())));
  fields.set("subset_id", Ref(PyLong_FromUnsignedLongLong(effect->subset_id())));
  if (effect->batch() != nullptr)
    fields.set("batch", read_batch({effect->batch()->data(), effect->batch()->size()}));
  if (effect->position() != nullptr) fields.set("position", position_of(*effect->position()));
  if (effect->metadata() != nullptr) fields.set("metadata", metadata_of(*effect->metadata()));
  fields.flag("first", effect->first());
  fields.flag("last", effect->last());
  fields.texts("transaction_ids", effect->transaction_ids());
  fields.flag("was_reset", effect->was_reset());
  fields.flag("remote", effect->remote());
  fields.bytes("subset", effect->subset());
  fields.bytes("payload", effect->payload());
  fields.text("id", effect->id());
  fields.texts("mutation_ids", effect->mutation_ids());
  fields.number("durability", static_cast<unsigned>(effect->durability()));
  fields.flag("leads", effect->leads());
  fields.number("term", effect->term());
  fields.set("status", Ref(PyLong_FromLong(effect->status())));
  fields.text("message", effect->message());
  fields.flag("retryable", effect->retryable());
  fields.number("unsaved", effect->unsaved());
  return dict;
}

}  // namespace cairn::python
