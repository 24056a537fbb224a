// Owning handles over the C API for the benchmarks and their helper programs, and the one function
// that turns a failed status into an exception. The benchmarks use nothing of the engine but
// cairn.h. A handle is for one thread.
#pragma once

#include <cairn.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cairn::bench {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

using Buffer = std::unique_ptr<cairn_buffer, Deleter<cairn_buffer_free>>;
using Database = std::unique_ptr<cairn_database, Deleter<cairn_database_close>>;
using Collection = std::unique_ptr<cairn_collection, Deleter<cairn_collection_close>>;
using Cursor = std::unique_ptr<cairn_cursor, Deleter<cairn_cursor_close>>;
using Transaction = std::unique_ptr<cairn_transaction, Deleter<cairn_transaction_close>>;

inline const uint8_t* data(const Buffer& buffer) { return cairn_buffer_data(buffer.get()); }
inline size_t size(const Buffer& buffer) { return cairn_buffer_size(buffer.get()); }

// Throws with the library's message unless `status` is one of no error; takes `*error`.
cairn_status check(cairn_status status, cairn_error** error);

// A table of schemas/ from JSON, such as table("LoadRequest", R"({"versions": true})").
Buffer table(std::string_view name, std::string_view json);

// A portable value from JSON.
Buffer value(std::string_view json);

// A row batch of inserts from NDJSON.
Buffer batch_from_json(std::string_view json, std::string_view key_field);

Database open_database(const std::string& path, std::string_view options_json);
Collection open_collection(const Database& database, std::string_view name,
                           std::string_view options_json = "");

Cursor load(const Collection& collection, const Buffer& request);  // LoadRequest
Cursor load(const Collection& collection, std::string_view request_json);

// The next batch, or null after the last.
Buffer next_batch(const Cursor& cursor);

Transaction begin(const Collection& collection, std::string_view options_json);
void add(const Transaction& transaction, const uint8_t* batch, size_t batch_size);
Buffer commit(const Transaction& transaction);

void put(const Collection& collection, const Buffer& key, const Buffer& row);

// Runs upkeep until nothing is left: afterwards the journal's contents are in the file.
void maintain_fully(const Database& database);

}  // namespace cairn::bench
