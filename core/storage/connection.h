// A connection to a database, as the engine needs it: statements and one write transaction at a
// time. Two implementations: SQLite itself, and a host's synchronous SQL. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/storage/sql.h"
#include "core/value/bytes.h"

namespace cairn {

class Statement {
 public:
  virtual ~Statement() = default;

  // Parameters count from 1; bytes are borrowed until the statement is reset.
  virtual void bind(int parameter, int64_t value) = 0;
  virtual void bind(int parameter, Bytes value) = 0;
  virtual void bind_null(int parameter) = 0;

  // Moves to the next row; false when there is none.
  virtual bool step() = 0;

  // Columns count from 0; bytes are valid until the next step or reset.
  virtual int64_t integer(int column) = 0;
  virtual Bytes bytes(int column) = 0;

  // Makes the statement ready to run again, without parameters.
  virtual void reset() = 0;
};

// A parameter that is NULL where there are no bytes.
struct Nullable {
  Bytes bytes;
};

// A statement for one use: it is reset at the end of the scope.
class Query {
 public:
  explicit Query(Statement& statement) : statement_(statement) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() { statement_.reset(); }

  // Sets the next parameters.
  template <typename... Values>
  Query& with(const Values&... values) {
    (bind(++parameter_, values), ...);
    return *this;
  }
  bool step() { return statement_.step(); }
  void run() { statement_.step(); }
  int64_t integer(int column) { return statement_.integer(column); }
  Bytes bytes(int column) { return statement_.bytes(column); }

 private:
  void bind(int parameter, Bytes value) { statement_.bind(parameter, value); }
  void bind(int parameter, const ByteBuffer& value) { statement_.bind(parameter, value.bytes()); }
  void bind(int parameter, std::string_view value) { statement_.bind(parameter, as_bytes(value)); }
  void bind(int parameter, Nullable value) {
    if (value.bytes.empty()) return statement_.bind_null(parameter);
    statement_.bind(parameter, value.bytes);
  }
  template <typename T>
  requires std::is_integral_v<T>
  void bind(int parameter, T value) { statement_.bind(parameter, static_cast<int64_t>(value)); }

  Statement& statement_;
  int parameter_ = 0;
};

class Connection {
 public:
  virtual ~Connection() = default;

  // A statement that is prepared once and kept; for one use at a time. `number`: of the collection
  // or the index that it is over; `collection`: that of an index, where its rows are read as well.
  Statement& statement(Sql sql, int64_t number = 0, int64_t collection = 0);
  // Forgets the statements of a collection or an index whose tables are gone.
  void forget(int64_t number);
  // Runs one statement that is not kept.
  virtual void execute(const std::string& sql) = 0;

  // Runs `body` in a write transaction: commits, or rolls back if it throws.
  virtual void transaction(const std::function<void()>& body) = 0;

  // A snapshot for several reads; nothing where the host lets nobody write in between.
  virtual void begin_read() {}
  virtual void end_read() {}

  // How many rows one statement should ask for: a host gives them all at once.
  virtual int64_t chunk_rows() const = 0;
  bool streams() const { return chunk_rows() == INT64_MAX; }

  // How many rows the last statement has written; a host does not tell.
  virtual std::optional<int64_t> changes() { return std::nullopt; }

  // The rules of tables that are gone: true for SQLite's "no such table".
  static bool is_missing_table(const Error& error);

 protected:
  virtual std::unique_ptr<Statement> prepare(const std::string& sql) = 0;
  void forget_all() { statements_.clear(); }

 private:
  std::unordered_map<uint64_t, std::unique_ptr<Statement>> statements_;
};

}  // namespace cairn
