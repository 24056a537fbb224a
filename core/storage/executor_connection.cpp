#include "core/storage/executor_connection.h"

#include <exception>
#include <vector>

#include "core/storage/native_connection.h"
#include "core/value/object.h"

namespace cairn {
namespace {

[[noreturn]] void host_failed(int32_t code, const std::string& doing) {
  // Codes that are SQLite's own keep their meaning, full disks and locks above all.
  if (code > 1 && has_meaning(code))
    throw_sqlite(code, "the host's SQL answered " + std::to_string(code), doing);
  throw Error(Status::kHost,
              "cannot " + doing + ": the host's SQL failed with " + std::to_string(code) +
                  " (see the host's own error)",
              code);
}

// Collects parameters, runs once, and keeps the rows: the host gives them all during the call.
class ExecutorStatement : public Statement {
 public:
  ExecutorStatement(const SqlHost& host, std::string sql) : host_(host), sql_(std::move(sql)) {}

  void bind(int parameter, int64_t value) override {
    TupleWriter writer(place(parameter), 1);
    writer.put_integer(value);
  }
  void bind(int parameter, Bytes value) override {
    TupleWriter writer(place(parameter), 1);
    writer.put_sized(kBytes, value);
  }
  void bind_null(int parameter) override {
    TupleWriter writer(place(parameter), 1);
    writer.put_null();
  }

  bool step() override {
    if (!ran_) run();
    if (at_ + columns() > items_.size()) return false;
    row_ = at_;
    at_ += columns();
    return true;
  }

  int64_t integer(int column) override {
    const Item& item = cell(column);
    if (item.tag == kNull) return 0;
    if (is_integer(item.tag)) return item.integer();
    if (is_number(item.tag) && fits_integer(item.number()))
      return static_cast<int64_t>(item.number());
    throw Error(Status::kHost, "the host's SQL gave a column that is no integer");
  }

  Bytes bytes(int column) override {
    const Item& item = cell(column);
    if (item.tag == kNull) return {};
    if (item.tag == kBytes || is_text(item.tag)) return item.bytes();
    throw Error(Status::kHost, "the host's SQL gave a column that is no blob");
  }

  void reset() override {
    ran_ = false;
    parts_.clear();
    items_.clear();
    at_ = 0;
  }

 private:
  ByteBuffer& place(int parameter) {
    auto index = static_cast<size_t>(parameter - 1);
    if (parameters_.size() <= index) parameters_.resize(index + 1);
    parameters_[index].clear();
    return parameters_[index];
  }

  // The columns that the statement selects: the commas before FROM.
  size_t columns() {
    if (columns_ != 0) return columns_;
    size_t from = sql_.find(" FROM ");
    columns_ = 1;
    for (size_t i = 0; i < from && i < sql_.size(); ++i) columns_ += sql_[i] == ',';
    return columns_;
  }

  const Item& cell(int column) { return items_[row_ + static_cast<size_t>(column)]; }

  static int32_t receive(void* context, const uint8_t* values, size_t size) {
    auto* self = static_cast<ExecutorStatement*>(context);
    try {
      self->parts_.emplace_back().put(Bytes{values, size});
      return 0;
    } catch (...) {
      self->failure_ = std::current_exception();
      return SQLITE_NOMEM;
    }
  }

  void run() {
    ByteBuffer body;
    body.put_varint(parameters_.size());
    TupleWriter values(body, parameters_.size());
    for (ByteBuffer& parameter : parameters_) values.put(read_item(parameter.bytes()));
    ByteBuffer array;
    TupleWriter(array, 1).put_sized(kArray, body.bytes());
    failure_ = nullptr;
    int32_t code = host_.execute(host_.user_data, sql_.data(), sql_.size(), array.data(),
                                 array.size(), &receive, this);
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    if (code != 0) host_failed(code, "run a statement");
    ran_ = true;
    read_rows();
  }

  void read_rows() try {
    for (ByteBuffer& part : parts_) {
      Item array = read_item(part.bytes());
      if (array.tag != kArray) malformed("rows that are no array");
      TupleReader cells = read_array(array.bytes());
      while (!cells.done()) items_.push_back(cells.next());
    }
    if (items_.size() % columns() != 0) malformed("a part of a row");
  } catch (const Error& error) {
    throw Error(Status::kHost, std::string("the host's SQL gave ") + error.what());
  }

  const SqlHost& host_;
  std::string sql_;
  size_t columns_ = 0;
  std::vector<ByteBuffer> parameters_;
  std::vector<ByteBuffer> parts_;
  std::vector<Item> items_;
  size_t at_ = 0;
  size_t row_ = 0;
  bool ran_ = false;
  std::exception_ptr failure_;
};

// The body of a transaction, across the host's C callback.
struct Body {
  const std::function<void()>& run;
  std::exception_ptr failure;
  bool ran = false;

  static int32_t call(void* context) {
    auto* self = static_cast<Body*>(context);
    self->ran = true;
    try {
      self->run();
      return 0;
    } catch (...) {
      self->failure = std::current_exception();
      return 1;
    }
  }
};

}  // namespace

ExecutorConnection::~ExecutorConnection() {
  forget_all();
  if (host_.destroy != nullptr) host_.destroy(host_.user_data);
}

std::unique_ptr<Statement> ExecutorConnection::prepare(const std::string& sql) {
  return std::make_unique<ExecutorStatement>(host_, sql);
}

void ExecutorConnection::execute(const std::string& sql) { ExecutorStatement(host_, sql).step(); }

void ExecutorConnection::transaction(const std::function<void()>& body) {
  Body call{body, nullptr};
  int32_t code = host_.transaction(host_.user_data, &Body::call, &call);
  if (call.failure != nullptr) std::rethrow_exception(call.failure);
  if (code != 0) host_failed(code, "commit");
  if (!call.ran) throw Error(Status::kHost, "the host's transaction did not run its body");
}

}  // namespace cairn
