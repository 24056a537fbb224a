// A thin C++ layer over cairn.h: handles that close themselves, and statuses that become
// exceptions. It adds no rule of its own. Each object is for one thread at a time.
#pragma once

#include <cairn.h>
#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cairn/schemas/batch_generated.h"
#include "cairn/schemas/query_generated.h"
#include "cairn/schemas/replica_generated.h"
#include "cairn/schemas/requests_generated.h"

namespace cairn::cli {

using Bytes = std::span<const uint8_t>;

// What ends a command: a status of the engine's, or CAIRN_OK where the tool itself found the
// trouble. The hint says what to do, where the message does not; the excerpt is printable lines
// that show where in a text of the command line it is.
class Error : public std::runtime_error {
 public:
  Error(cairn_status status, const std::string& message, std::string hint = "",
        std::string excerpt = "")
      : std::runtime_error(message),
        status_(status),
        hint_(std::move(hint)),
        excerpt_(std::move(excerpt)) {}
  explicit Error(const std::string& message, std::string hint = "")
      : Error(CAIRN_OK, message, std::move(hint)) {}

  cairn_status status() const { return status_; }
  const std::string& hint() const { return hint_; }
  const std::string& excerpt() const { return excerpt_; }

 private:
  cairn_status status_;
  std::string hint_;
  std::string excerpt_;
};

template <auto Free>
struct Release {
  template <class Handle>
  void operator()(Handle* handle) const noexcept {
    Free(handle);
  }
};

// Bytes that the library gave.
class Buffer {
 public:
  explicit Buffer(cairn_buffer* buffer = nullptr) : buffer_(buffer) {}

  Bytes bytes() const {
    return {cairn_buffer_data(buffer_.get()), cairn_buffer_size(buffer_.get())};
  }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(cairn_buffer_data(buffer_.get())),
            cairn_buffer_size(buffer_.get())};
  }
  template <class Table>
  const Table& table() const {
    return *flatbuffers::GetRoot<Table>(cairn_buffer_data(buffer_.get()));
  }

 private:
  std::unique_ptr<cairn_buffer, Release<cairn_buffer_free>> buffer_;
};

// A request that is being built; finish() makes its bytes.
class Request {
 public:
  flatbuffers::FlatBufferBuilder& builder() { return builder_; }
  template <class Table>
  Bytes finish(flatbuffers::Offset<Table> root) {
    builder_.Finish(root);
    return {builder_.GetBufferPointer(), builder_.GetSize()};
  }

 private:
  flatbuffers::FlatBufferBuilder builder_;
};

// Rows in batches: of a load, or of a delta.
class Cursor {
 public:
  explicit Cursor(cairn_cursor* cursor) : cursor_(cursor) {}
  Buffer head();                 // CursorHead
  std::optional<Buffer> next();  // RowBatch
  Buffer explain();              // Explanation

 private:
  std::unique_ptr<cairn_cursor, Release<cairn_cursor_close>> cursor_;
};

// A transaction rolls back unless it was committed.
class Transaction {
 public:
  explicit Transaction(cairn_transaction* transaction) : transaction_(transaction) {}
  void add(Bytes batch);
  Buffer commit();  // CommitResult

 private:
  std::unique_ptr<cairn_transaction, Release<cairn_transaction_close>> transaction_;
};

// How a replica hears of other processes.
class Coordinator {
 public:
  explicit Coordinator(cairn_coordinator* coordinator) : coordinator_(coordinator) {}
  cairn_coordinator* get() const { return coordinator_.get(); }
  // Until there may be effects, at most so long.
  void wait(uint32_t milliseconds);

 private:
  std::unique_ptr<cairn_coordinator, Release<cairn_coordinator_close>> coordinator_;
};

class Replica {
 public:
  explicit Replica(cairn_replica* replica) : replica_(replica) {}
  void send(Bytes event);        // ReplicaEvent
  std::optional<Buffer> next();  // ReplicaEffect

 private:
  std::unique_ptr<cairn_replica, Release<cairn_replica_close>> replica_;
};

class Collection {
 public:
  explicit Collection(cairn_collection* collection) : collection_(collection) {}
  Buffer info();      // CollectionInfo
  Buffer metadata();  // MetadataReport
  std::optional<Buffer> get(Bytes key);
  uint64_t remove(Bytes key);
  Cursor load(Bytes request);                                      // LoadRequest
  Cursor delta(Bytes request);                                     // DeltaRequest
  Transaction begin(Bytes options);                                // TransactionOptions
  Buffer ensure_index(Bytes request);                              // IndexRequest, IndexInfo
  bool remove_index(std::string_view signature);                   // false: there is none
  Replica replica(const Coordinator& coordinator, Bytes options);  // ReplicaOptions

 private:
  std::unique_ptr<cairn_collection, Release<cairn_collection_close>> collection_;
};

class Database {
 public:
  Database(std::string_view path, Bytes options);  // DatabaseOptions
  Buffer info();                                   // DatabaseInfo
  Buffer check(Bytes options);                     // CheckOptions, CheckReport
  Buffer digest();                                 // DigestReport
  Buffer backup(std::string_view path);            // BackupReport
  void compact();
  Collection open(std::string_view name, Bytes options);  // CollectionOptions
  Coordinator coordinate();

 private:
  std::unique_ptr<cairn_database, Release<cairn_database_close>> database_;
};

Buffer restore(std::string_view backup, std::string_view path);                 // BackupReport
Buffer salvage(std::string_view damaged, std::string_view out, Bytes options);  // SalvageReport

Buffer value_from_json(std::string_view json);
Buffer value_to_json(Bytes value);
Buffer batch_from_json(std::string_view json, std::string_view key_field);
Buffer batch_to_json(Bytes batch);

}  // namespace cairn::cli
