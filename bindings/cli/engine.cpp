// The calls behind engine.h: each hands its arguments on and turns an error into an exception.
#include "engine.h"

namespace cairn::cli {
namespace {

// Takes the error of a call. Not-found and done are results, for the caller to look at.
cairn_status checked(cairn_status status, cairn_error* error) {
  std::unique_ptr<cairn_error, Release<cairn_error_free>> owned(error);
  if (status < 100 && status != CAIRN_CANCELLED) return status;
  std::string message = cairn_error_message(owned.get());
  throw Error(status, message.empty() ? cairn_status_name(status) : message);
}

template <class Function, class... Arguments>
cairn_status call(Function function, Arguments... arguments) {
  cairn_error* error = nullptr;
  const cairn_status status = function(arguments..., &error);
  return checked(status, error);
}

// For functions whose last parameters are an out handle and the error. Not-found gives null.
template <class Handle, class Function, class... Arguments>
Handle* fetch(Function function, Arguments... arguments) {
  Handle* out = nullptr;
  const cairn_status status = call(function, arguments..., &out);
  if (status == CAIRN_NOT_FOUND) throw Error(status, "There is nothing of that name.");
  return out;
}

}  // namespace

Buffer Cursor::head() { return Buffer(fetch<cairn_buffer>(cairn_cursor_head, cursor_.get())); }

std::optional<Buffer> Cursor::next() {
  cairn_buffer* out = nullptr;
  if (call(cairn_cursor_next, cursor_.get(), &out) == CAIRN_DONE) return std::nullopt;
  return Buffer(out);
}

Buffer Cursor::explain() {
  return Buffer(fetch<cairn_buffer>(cairn_cursor_explain, cursor_.get()));
}

void Transaction::add(Bytes batch) {
  call(cairn_transaction_add, transaction_.get(), batch.data(), batch.size());
}

Buffer Transaction::commit() {
  return Buffer(fetch<cairn_buffer>(cairn_transaction_commit, transaction_.get()));
}

Buffer Collection::info() {
  return Buffer(fetch<cairn_buffer>(cairn_collection_info, collection_.get()));
}

Buffer Collection::metadata() {
  return Buffer(fetch<cairn_buffer>(cairn_collection_metadata, collection_.get()));
}

std::optional<Buffer> Collection::get(Bytes key) {
  cairn_buffer* out = nullptr;
  const cairn_status status =
      call(cairn_collection_get, collection_.get(), key.data(), key.size(), &out);
  if (status == CAIRN_NOT_FOUND) return std::nullopt;
  return Buffer(out);
}

uint64_t Collection::remove(Bytes key) {
  uint64_t row_version = 0;
  call(cairn_collection_remove, collection_.get(), key.data(), key.size(), &row_version);
  return row_version;
}

Cursor Collection::load(Bytes request) {
  return Cursor(fetch<cairn_cursor>(cairn_collection_load, collection_.get(), request.data(),
                                    request.size()));
}

Cursor Collection::delta(Bytes request) {
  return Cursor(fetch<cairn_cursor>(cairn_collection_delta, collection_.get(), request.data(),
                                    request.size()));
}

Transaction Collection::begin(Bytes options) {
  return Transaction(fetch<cairn_transaction>(cairn_transaction_begin, collection_.get(),
                                              options.data(), options.size()));
}

Buffer Collection::ensure_index(Bytes request) {
  return Buffer(fetch<cairn_buffer>(cairn_collection_ensure_index, collection_.get(),
                                    request.data(), request.size()));
}

bool Collection::remove_index(std::string_view signature) {
  return call(cairn_collection_remove_index, collection_.get(), signature.data(),
              signature.size()) != CAIRN_NOT_FOUND;
}

Database::Database(std::string_view path, Bytes options)
    : database_(fetch<cairn_database>(cairn_database_open, path.data(), path.size(), options.data(),
                                      options.size())) {}

Buffer Database::info() {
  return Buffer(fetch<cairn_buffer>(cairn_database_info, database_.get()));
}

Buffer Database::check(Bytes options) {
  return Buffer(
      fetch<cairn_buffer>(cairn_database_check, database_.get(), options.data(), options.size()));
}

Buffer Database::digest() {
  return Buffer(fetch<cairn_buffer>(cairn_database_digest, database_.get()));
}

Buffer Database::backup(std::string_view path) {
  return Buffer(
      fetch<cairn_buffer>(cairn_database_backup, database_.get(), path.data(), path.size()));
}

void Database::compact() { call(cairn_database_compact, database_.get()); }

Collection Database::open(std::string_view name, Bytes options) {
  return Collection(fetch<cairn_collection>(cairn_collection_open, database_.get(), name.data(),
                                            name.size(), options.data(), options.size()));
}

Coordinator Database::coordinate() {
  return Coordinator(
      fetch<cairn_coordinator>(cairn_coordinator_open, database_.get(), nullptr, size_t{0}));
}

Replica Collection::replica(const Coordinator& coordinator, Bytes options) {
  return Replica(fetch<cairn_replica>(cairn_replica_open, collection_.get(), coordinator.get(),
                                      options.data(), options.size()));
}

void Coordinator::wait(uint32_t milliseconds) {
  call(cairn_wait, coordinator_.get(), milliseconds);
}

void Replica::send(Bytes event) {
  call(cairn_replica_send, replica_.get(), event.data(), event.size());
}

std::optional<Buffer> Replica::next() {
  Buffer effect(fetch<cairn_buffer>(cairn_replica_next, replica_.get()));
  if (effect.bytes().empty()) return std::nullopt;
  return effect;
}

Buffer restore(std::string_view backup, std::string_view path) {
  return Buffer(
      fetch<cairn_buffer>(cairn_restore, backup.data(), backup.size(), path.data(), path.size()));
}

Buffer salvage(std::string_view damaged, std::string_view out, Bytes options) {
  return Buffer(fetch<cairn_buffer>(cairn_salvage, damaged.data(), damaged.size(), out.data(),
                                    out.size(), options.data(), options.size()));
}

Buffer value_from_json(std::string_view json) {
  return Buffer(fetch<cairn_buffer>(cairn_value_from_json, json.data(), json.size()));
}

Buffer value_to_json(Bytes value) {
  return Buffer(fetch<cairn_buffer>(cairn_value_to_json, value.data(), value.size()));
}

Buffer batch_from_json(std::string_view json, std::string_view key_field) {
  return Buffer(fetch<cairn_buffer>(cairn_batch_from_json, json.data(), json.size(),
                                    key_field.data(), key_field.size()));
}

Buffer batch_to_json(Bytes batch) {
  return Buffer(fetch<cairn_buffer>(cairn_batch_to_json, batch.data(), batch.size()));
}

}  // namespace cairn::cli
