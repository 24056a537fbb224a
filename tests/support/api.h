// The C API for tests in C++: owning pointers, and calls that throw what they report. It adds
// nothing to the API's own rules; threads as there.
#pragma once

#include <cairn.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cairn::testing {

template <auto kFree>
struct Free {
  template <typename Handle>
  void operator()(Handle* handle) const {
    kFree(handle);
  }
};

using BufferPtr = std::unique_ptr<cairn_buffer, Free<cairn_buffer_free>>;
using ErrorPtr = std::unique_ptr<cairn_error, Free<cairn_error_free>>;
using DatabasePtr = std::unique_ptr<cairn_database, Free<cairn_database_close>>;
using CollectionPtr = std::unique_ptr<cairn_collection, Free<cairn_collection_close>>;
using CursorPtr = std::unique_ptr<cairn_cursor, Free<cairn_cursor_close>>;
using CoordinatorPtr = std::unique_ptr<cairn_coordinator, Free<cairn_coordinator_close>>;
using ReplicaPtr = std::unique_ptr<cairn_replica, Free<cairn_replica_close>>;
using TransactionPtr = std::unique_ptr<cairn_transaction, Free<cairn_transaction_close>>;

// A call that did not give CAIRN_OK.
class ApiError : public std::runtime_error {
 public:
  ApiError(cairn_status status, const std::string& message)
      : std::runtime_error(std::string(cairn_status_name(status)) + ": " + message),
        status_(status),
        message_(message) {}
  cairn_status status() const { return status_; }
  const std::string& message() const { return message_; }

 private:
  cairn_status status_;
  std::string message_;
};

// Calls a function whose last parameter is an error, and throws ApiError unless it gives CAIRN_OK.
template <typename Function, typename... Arguments>
void call(Function function, Arguments... arguments) {
  cairn_error* error = nullptr;
  const cairn_status status = function(arguments..., &error);
  const ErrorPtr owner(error);
  if (status != CAIRN_OK) throw ApiError(status, cairn_error_message(error));
}

// The same for a function that gives bytes before its error; gives a copy of the bytes.
template <typename Function, typename... Arguments>
std::string call_for_bytes(Function function, Arguments... arguments) {
  cairn_buffer* buffer = nullptr;
  call(function, arguments..., &buffer);
  const BufferPtr owner(buffer);
  const auto* data = reinterpret_cast<const char*>(cairn_buffer_data(buffer));
  return data ? std::string(data, cairn_buffer_size(buffer)) : std::string();
}

inline const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// A table of schemas/ from JSON and back.
inline std::string make_table(std::string_view name, std::string_view json) {
  return call_for_bytes(cairn_table_from_json, name.data(), name.size(), json.data(), json.size());
}
inline std::string read_table(std::string_view name, std::string_view bytes) {
  return call_for_bytes(cairn_table_to_json, name.data(), name.size(), bytes_of(bytes),
                        bytes.size());
}

inline DatabasePtr open_database(std::string_view path, std::string_view options_json = "{}") {
  const std::string options = make_table("DatabaseOptions", options_json);
  cairn_database* database = nullptr;
  call(cairn_database_open, path.data(), path.size(), bytes_of(options), options.size(), &database);
  return DatabasePtr(database);
}

inline CollectionPtr open_collection(cairn_database* database, std::string_view name,
                                     std::string_view options_json = "{}") {
  const std::string options = make_table("CollectionOptions", options_json);
  cairn_collection* collection = nullptr;
  call(cairn_collection_open, database, name.data(), name.size(), bytes_of(options), options.size(),
       &collection);
  return CollectionPtr(collection);
}

}  // namespace cairn::testing
