// The wrappers that handles.h declares: a call of the C API, and the check of its status.
#include "benchmarks/support/handles.h"

namespace cairn::bench {

cairn_status check(cairn_status status, cairn_error** error) {
  std::string message = cairn_status_name(status);
  if (*error != nullptr) message += std::string(": ") + cairn_error_message(*error);
  cairn_error_free(*error);
  *error = nullptr;
  if (status >= 100) throw std::runtime_error(message);
  return status;
}

Buffer table(std::string_view name, std::string_view json) {
  cairn_buffer* out = nullptr;
  cairn_error* error = nullptr;
  check(cairn_table_from_json(name.data(), name.size(), json.data(), json.size(), &out, &error),
        &error);
  return Buffer(out);
}

Buffer value(std::string_view json) {
  cairn_buffer* out = nullptr;
  cairn_error* error = nullptr;
  check(cairn_value_from_json(json.data(), json.size(), &out, &error), &error);
  return Buffer(out);
}

Buffer batch_from_json(std::string_view json, std::string_view key_field) {
  cairn_buffer* out = nullptr;
  cairn_error* error = nullptr;
  check(cairn_batch_from_json(json.data(), json.size(), key_field.data(), key_field.size(), &out,
                              &error),
        &error);
  return Buffer(out);
}

Database open_database(const std::string& path, std::string_view options_json) {
  const Buffer options = table("DatabaseOptions", options_json);
  cairn_database* out = nullptr;
  cairn_error* error = nullptr;
  check(cairn_database_open(path.data(), path.size(), data(options), size(options), &out, &error),
        &error);
  return Database(out);
}

Collection open_collection(const Database& database, std::string_view name,
                           std::string_view options_json) {
  const Buffer options = options_json.empty() ? nullptr : table("CollectionOptions", options_json);
  cairn_collection* out = nullptr;
  cairn_error* error = nullptr;
  check(cairn_collection_open(database.get(), name.data(), name.size(), data(options),
                              size(options), &out, &error),
        &error);
  return Collection(out);
}

Cursor load(const Collection& collection, std::string_view request_json) {
  return load(collection, table("LoadRequest", request_json));
}

Cursor load(const Collection& collection, const Buffer& request) {
  cairn_cursor* out = nullptr;
  cairn_error* error = nullptr;
  check(cairn_collection_load(collection.get(), data(request), size(request), &out, &error),
        &error);
  return Cursor(out);
}

Buffer next_batch(const Cursor& cursor) {
  cairn_buffer* out = nullptr;
  cairn_error* error = nullptr;
  check(cairn_cursor_next(cursor.get(), &out, &error), &error);
  return Buffer(out);
}

Transaction begin(const Collection& collection, std::string_view options_json) {
  const Buffer options = table("TransactionOptions", options_json);
  cairn_transaction* out = nullptr;
  cairn_error* error = nullptr;
  check(cairn_transaction_begin(collection.get(), data(options), size(options), &out, &error),
        &error);
  return Transaction(out);
}

void add(const Transaction& transaction, const uint8_t* batch, size_t batch_size) {
  cairn_error* error = nullptr;
  check(cairn_transaction_add(transaction.get(), batch, batch_size, &error), &error);
}

Buffer commit(const Transaction& transaction) {
  cairn_buffer* out = nullptr;
  cairn_error* error = nullptr;
  check(cairn_transaction_commit(transaction.get(), &out, &error), &error);
  return Buffer(out);
}

void put(const Collection& collection, const Buffer& key, const Buffer& row) {
  cairn_error* error = nullptr;
  check(cairn_collection_put(collection.get(), data(key), size(key), data(row), size(row), nullptr,
                             &error),
        &error);
}

void maintain_fully(const Database& database) {
  cairn_status status = CAIRN_OK;
  while (status != CAIRN_DONE) {
    cairn_error* error = nullptr;
    status = check(cairn_database_maintain(database.get(), 60000, &error), &error);
  }
}

}  // namespace cairn::bench
