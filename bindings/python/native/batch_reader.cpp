#include "batch_reader.h"

#include <cstring>
#include <vector>

#include "cairn/schemas/batch_generated.h"
#include "module.h"

namespace cairn::python {
namespace {

using Values = std::vector<Ref>;

constexpr int kMaxColumnDepth = 64;
constexpr size_t kMaxValues = size_t{128} << 20;

[[noreturn]] void malformed() { throw std::invalid_argument("these bytes are no row batch"); }

// The elements of a vector, at least `count` of them.
template <class T>
const T* elements(const flatbuffers::Vector<T>* vector, size_t count) {
  if (count == 0) return nullptr;
  if (vector == nullptr || vector->size() < count) malformed();
  return reinterpret_cast<const T*>(vector->Data());
}

class BatchReader {
 public:
  explicit BatchReader(const fb::RowBatch& batch) : batch_(batch) {
    if (batch.narrow() != nullptr) narrow_ = {batch.narrow()->data(), batch.narrow()->size()};
    if (batch.wide() != nullptr)
      wide_ = {reinterpret_cast<const uint8_t*>(batch.wide()->Data()),
               size_t{2} * batch.wide()->size()};
  }

  Ref read_rows() { return values(ops(), batch_.count()); }

  Ref read() {
    size_t rows = batch_.count();
    const uint8_t* ops = this->ops();
    Values keys = column(batch_.keys(), rows, 1);
    return Ref(PyTuple_Pack(5, list_of(keys).get(), ops_of(ops, rows).get(),
                            values(ops, rows).get(), versions(rows).get(), metadata(rows).get()));
  }

 private:
  const uint8_t* ops() const {
    bool none = batch_.ops() == nullptr || batch_.ops()->size() == 0;
    return none ? nullptr : elements(batch_.ops(), batch_.count());
  }

  static Ref list_of(Values& values) {
    Ref list(PyList_New(static_cast<Py_ssize_t>(values.size())));
    for (size_t i = 0; i < values.size(); ++i)
      PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), values[i].release());
    return list;
  }

  static Ref ops_of(const uint8_t* ops, size_t rows) {
    if (ops == nullptr) return Ref::borrowed(Py_None);
    return bytes_of({reinterpret_cast<const char*>(ops), rows});
  }

  Ref values(const uint8_t* ops, size_t rows) {
    auto has_value = [&](size_t row) {
      return ops == nullptr || ops[row] <= static_cast<uint8_t>(fb::Op::Update);
    };
    size_t count = 0;
    for (size_t row = 0; row < rows; ++row) count += has_value(row);
    Values objects = this->objects(batch_.values(), count, 1);
    if (count == rows) return list_of(objects);
    Values all;
    size_t next = 0;
    for (size_t row = 0; row < rows; ++row)
      all.push_back(has_value(row) ? std::move(objects[next++]) : Ref::borrowed(Py_None));
    return list_of(all);
  }

  Ref versions(size_t rows) {
    if (batch_.versions() == nullptr || batch_.versions()->size() == 0)
      return Ref::borrowed(Py_None);
    elements(batch_.versions(), rows);
    Values versions;
    for (size_t row = 0; row < rows; ++row)
      versions.emplace_back(
          PyLong_FromUnsignedLongLong(batch_.versions()->Get(static_cast<uint32_t>(row))));
    return list_of(versions);
  }

  Ref metadata(size_t rows) {
    if (batch_.metadata_ops() == nullptr || batch_.metadata_ops()->size() == 0)
      return Ref::borrowed(Py_None);
    const uint8_t* ops = elements(batch_.metadata_ops(), rows);
    auto is_set = [&](size_t row) { return ops[row] == static_cast<uint8_t>(fb::MetadataOp::Set); };
    size_t count = 0;
    for (size_t row = 0; row < rows; ++row) count += is_set(row);
    Values set = count == 0 ? Values() : column(batch_.metadata(), count, 1);
    Values all;
    size_t next = 0;
    for (size_t row = 0; row < rows; ++row)
      all.push_back(is_set(row) ? std::move(set[next++]) : Ref::borrowed(classes().undefined));
    return list_of(all);
  }

  // --- objects ---

  struct Group {
    std::vector<Values> columns;
    Ref names;
    Ref pattern;  // a dict with all names, to copy: it need not grow
    size_t next = 0;
  };

  Values objects(const fb::Objects* table, size_t count, int depth) {
    Values result;
    if (count == 0) return result;
    if (table == nullptr || depth > kMaxColumnDepth) malformed();
    const uint16_t* of = table->group_of() == nullptr || table->group_of()->size() == 0
                             ? nullptr
                             : elements(table->group_of(), count);
    std::vector<Group> groups = read_groups(*table, depth);
    Values loose;
    size_t next_loose = 0;
    if (table->loose() != nullptr)
      loose = column(table->loose(), table->loose()->count(), depth + 1);
    result.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      size_t group = of == nullptr ? 0 : of[i];
      if (group == 65535 && next_loose < loose.size()) {
        result.push_back(std::move(loose[next_loose++]));
      } else if (group < groups.size()) {
        result.push_back(object_of(groups[group]));
      } else {
        malformed();
      }
    }
    return result;
  }

  std::vector<Group> read_groups(const fb::Objects& table, int depth) {
    std::vector<Group> groups;
    if (table.groups() == nullptr) return groups;
    for (const fb::Group* from : *table.groups()) {
      Group group;
      if (from->fields() == nullptr) malformed();
      group.names = read_value({from->fields()->data(), from->fields()->size()});
      if (!PyList_Check(group.names.get())) malformed();
      auto fields = static_cast<size_t>(PyList_GET_SIZE(group.names.get()));
      size_t columns = from->columns() == nullptr ? 0 : from->columns()->size();
      if (fields != columns) malformed();
      group.pattern = Ref(PyDict_New());
      for (size_t i = 0; i < fields; ++i) {
        intern(group.names.get(), i);
        check(PyDict_SetItem(group.pattern.get(), name_of(group, i), Py_None));
        group.columns.push_back(
            column(from->columns()->Get(static_cast<uint32_t>(i)), from->count(), depth + 1));
      }
      groups.push_back(std::move(group));
    }
    return groups;
  }

  // Rows of one shape share the names; those of the next batch are then the same objects.
  static void intern(PyObject* names, size_t i) {
    PyObject* name = PyList_GET_ITEM(names, static_cast<Py_ssize_t>(i));
    if (!PyUnicode_Check(name)) malformed();
    PyUnicode_InternInPlace(&name);
    PyList_SET_ITEM(names, static_cast<Py_ssize_t>(i), name);
  }

  static PyObject* name_of(const Group& group, size_t i) {
    return PyList_GET_ITEM(group.names.get(), static_cast<Py_ssize_t>(i));
  }

  static Ref object_of(Group& group) {
    size_t at = group.next++;
    Ref object(PyDict_Copy(group.pattern.get()));
    for (size_t i = 0; i < group.columns.size(); ++i) {
      if (at >= group.columns[i].size()) malformed();
      check(PyDict_SetItem(object.get(), name_of(group, i), group.columns[i][at].get()));
      group.columns[i][at] = Ref();
    }
    return object;
  }

  // --- columns ---

  Values column(const fb::Column* from, size_t count, int depth) {
    Values values;
    if (count == 0) return values;
    if (from == nullptr || from->count() != count || depth > kMaxColumnDepth) malformed();
    // Nulls take no bytes, and columns may share what they refer to.
    spent_ += count;
    if (spent_ > kMaxValues) malformed();
    const uint8_t* nulls = from->nulls() == nullptr || from->nulls()->size() == 0
                               ? nullptr
                               : elements(from->nulls(), (count + 7) / 8);
    values.reserve(count);
    fill(*from, count, nulls, depth, values);
    return values;
  }

  static bool is_null(const uint8_t* nulls, size_t i) {
    return nulls != nullptr && (nulls[i / 8] >> (i % 8) & 1) != 0;
  }

  // Adds a value per slot: `make(i)` for those that are not null.
  template <class Make>
  static void each(size_t count, const uint8_t* nulls, Values& values, Make make) {
    for (size_t i = 0; i < count; ++i)
      is_null(nulls, i) ? values.push_back(Ref::borrowed(Py_None)) : values.push_back(make(i));
  }

  void fill(const fb::Column& from, size_t count, const uint8_t* nulls, int depth, Values& values) {
    switch (from.kind()) {
      case fb::ColumnKind::Null:
        return each(count, nulls, values, [](size_t) { return Ref::borrowed(Py_None); });
      case fb::ColumnKind::Bool: {
        const uint8_t* data = elements(from.data(), count);
        return each(count, nulls, values,
                    [&](size_t i) { return Ref::borrowed(data[i] != 0 ? Py_True : Py_False); });
      }
      case fb::ColumnKind::Int32: {
        const int32_t* ints = elements(from.ints(), count);
        return each(count, nulls, values, [&](size_t i) { return Ref(PyLong_FromLong(ints[i])); });
      }
      case fb::ColumnKind::Float64:
      case fb::ColumnKind::Date: {
        const double* doubles = elements(from.doubles(), count);
        bool is_date = from.kind() == fb::ColumnKind::Date;
        return each(count, nulls, values, [&](size_t i) {
          double number;
          std::memcpy(&number, doubles + i, sizeof number);
          return is_date ? date_of(number) : number_of(number);
        });
      }
      case fb::ColumnKind::Text:
        return texts(from, count, nulls, values);
      case fb::ColumnKind::TextDict:
        return dictionary(from, count, nulls, depth, values);
      case fb::ColumnKind::Object:
        return nested(from, count, nulls, depth, values);
      default:
        return ranges(from, count, nulls, depth, values);
    }
  }

  void texts(const fb::Column& from, size_t count, const uint8_t* nulls, Values& values) {
    const uint32_t* ends = elements(from.ends(), count);
    size_t narrow = from.narrow_start(), wide = size_t{2} * from.wide_start();
    for (size_t i = 0; i < count; ++i) {
      bool is_wide = (ends[i] & 1) != 0;
      size_t end = size_t{ends[i] >> 1} * (is_wide ? 2 : 1);
      size_t& start = is_wide ? wide : narrow;
      ByteSpan heap = is_wide ? wide_ : narrow_;
      if (end < start || end > heap.size()) malformed();
      const uint8_t* text = heap.data() + start;
      size_t size = end - start;
      start = end;
      if (is_null(nulls, i)) {
        values.push_back(Ref::borrowed(Py_None));
      } else {
        values.push_back(is_wide ? utf16(text, size) : text_of(text, size));
      }
    }
  }

  static Ref utf16(const uint8_t* text, size_t size) {
    int order = -1;
    return Ref(PyUnicode_DecodeUTF16(reinterpret_cast<const char*>(text),
                                     static_cast<Py_ssize_t>(size), "surrogatepass", &order));
  }

  void dictionary(const fb::Column& from, size_t count, const uint8_t* nulls, int depth,
                  Values& values) {
    const fb::Column* child = from.child();
    Values texts = column(child, child == nullptr ? 0 : child->count(), depth + 1);
    bool is_short = from.codes() != nullptr && from.codes()->size() != 0;
    const uint8_t* codes = is_short ? elements(from.codes(), count) : nullptr;
    const uint16_t* codes16 = is_short ? nullptr : elements(from.codes16(), count);
    each(count, nulls, values, [&](size_t i) {
      size_t code = is_short ? codes[i] : codes16[i];
      if (code >= texts.size()) malformed();
      return texts[code];
    });
  }

  void nested(const fb::Column& from, size_t count, const uint8_t* nulls, int depth,
              Values& values) {
    size_t there = 0;
    for (size_t i = 0; i < count; ++i) there += !is_null(nulls, i);
    Values objects = this->objects(from.objects(), there, depth + 1);
    size_t next = 0;
    each(count, nulls, values, [&](size_t) { return std::move(objects[next++]); });
  }

  // Bytes, List and Tagged: each value from the end of the one before it.
  void ranges(const fb::Column& from, size_t count, const uint8_t* nulls, int depth,
              Values& values) {
    const uint32_t* ends = elements(from.ends(), count);
    bool is_list = from.kind() == fb::ColumnKind::List;
    Values items;
    if (is_list) items = column(from.child(), ends[count - 1], depth + 1);
    ByteSpan data;
    if (!is_list && from.data() != nullptr) data = {from.data()->data(), from.data()->size()};
    size_t size = is_list ? items.size() : data.size(), start = 0;
    for (size_t i = 0; i < count; ++i) {
      size_t first = start, end = ends[i];
      if (end < first || end > size) malformed();
      start = end;
      if (is_null(nulls, i)) {
        values.push_back(Ref::borrowed(Py_None));
      } else if (is_list) {
        values.push_back(list_of_range(items, first, end));
      } else if (from.kind() == fb::ColumnKind::Bytes) {
        values.push_back(
            bytes_of({reinterpret_cast<const char*>(data.data()) + first, end - first}));
      } else {
        values.push_back(read_value(data.subspan(first, end - first)));
      }
    }
  }

  static Ref list_of_range(Values& items, size_t first, size_t end) {
    Ref list(PyList_New(static_cast<Py_ssize_t>(end - first)));
    for (size_t i = first; i < end; ++i)
      PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i - first), items[i].release());
    return list;
  }

  const fb::RowBatch& batch_;
  ByteSpan narrow_;
  ByteSpan wide_;
  size_t spent_ = 0;
};

const fb::RowBatch& verified(ByteSpan bytes) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), /*max_depth=*/128);
  if (bytes.size() < 8 || !verifier.VerifyBuffer<fb::RowBatch>(nullptr)) malformed();
  return *flatbuffers::GetRoot<fb::RowBatch>(bytes.data());
}

// Thousands of new objects that are all in use: looking for garbage among them is lost time.
class WithoutCollection {
 public:
  WithoutCollection() : was_enabled_(PyGC_Disable()) {}
  ~WithoutCollection() {
    if (was_enabled_ != 0) PyGC_Enable();
  }
  WithoutCollection(const WithoutCollection&) = delete;
  WithoutCollection& operator=(const WithoutCollection&) = delete;

 private:
  int was_enabled_;
};

}  // namespace

Ref read_batch(ByteSpan bytes) {
  WithoutCollection pause;
  return BatchReader(verified(bytes)).read();
}

Ref read_rows(ByteSpan bytes) {
  WithoutCollection pause;
  return BatchReader(verified(bytes)).read_rows();
}

}  // namespace cairn::python
