#include "convert.h"
#include "core/collection/index_request.h"

using namespace cairn;
using namespace cairn::capi;

namespace {

// One row in a transaction of its own; null deletes it.
void write_row(cairn_collection* collection, Bytes key, const Bytes* value, uint64_t* row_version) {
  Transaction transaction(use(collection), {});
  transaction.put(key, value);
  CommitResult result = transaction.commit();
  if (row_version != nullptr) *row_version = result.position.row_version;
}

}  // namespace

cairn_status cairn_collection_open(cairn_database* database, const char* name, size_t name_size,
                                   const uint8_t* options, size_t options_size,
                                   cairn_collection** out, cairn_error** error) {
  return barrier(out, error, [&] {
    Request<fb::CollectionOptions> request(options, options_size);
    *out = new cairn_collection(
        Collection::open(use(database), text_in(name, name_size), to_options(request.get())));
  });
}

void cairn_collection_close(cairn_collection* collection) { delete collection; }

cairn_status cairn_collection_info(cairn_collection* collection, cairn_buffer** out,
                                   cairn_error** error) {
  return barrier(out, error, [&] { *out = buffer_of(to_table(use(collection)->info())); });
}

cairn_status cairn_collection_get(cairn_collection* collection, const uint8_t* key, size_t key_size,
                                  cairn_buffer** out, cairn_error** error) {
  return barrier(out, error, [&] {
    ByteBuffer value;
    if (!use(collection)->get(bytes_in(key, key_size), value)) return Status::kNotFound;
    *out = buffer_of(std::move(value));
    return Status::kOk;
  });
}

cairn_status cairn_collection_put(cairn_collection* collection, const uint8_t* key, size_t key_size,
                                  const uint8_t* value, size_t value_size, uint64_t* row_version,
                                  cairn_error** error) {
  if (row_version != nullptr) *row_version = 0;
  return barrier(error, [&] {
    Bytes bytes = bytes_in(value, value_size);
    write_row(collection, bytes_in(key, key_size), &bytes, row_version);
  });
}

cairn_status cairn_collection_remove(cairn_collection* collection, const uint8_t* key,
                                     size_t key_size, uint64_t* row_version, cairn_error** error) {
  if (row_version != nullptr) *row_version = 0;
  return barrier(error,
                 [&] { write_row(collection, bytes_in(key, key_size), nullptr, row_version); });
}

cairn_status cairn_collection_metadata(cairn_collection* collection, cairn_buffer** out,
                                       cairn_error** error) {
  return barrier(out, error, [&] { *out = buffer_of(to_table(use(collection)->metadata())); });
}

cairn_status cairn_collection_ensure_index(cairn_collection* collection, const uint8_t* request,
                                           size_t request_size, cairn_buffer** out,
                                           cairn_error** error) {
  return barrier(out, error, [&] {
    Request<fb::IndexRequest> table(request, request_size);
    IndexRequest wanted;
    if (table.get() != nullptr) wanted = read_index_request(*table.get());
    *out = buffer_of(to_table(use(collection)->ensure_index(wanted)));
  });
}

cairn_status cairn_collection_remove_index(cairn_collection* collection, const char* signature,
                                           size_t signature_size, cairn_error** error) {
  return barrier(error, [&] { use(collection)->remove_index(text_in(signature, signature_size)); });
}

cairn_status cairn_collection_reset(cairn_collection* collection, cairn_error** error) {
  return barrier(error, [&] { use(collection)->reset(); });
}

cairn_status cairn_collection_drop(cairn_database* database, const char* name, size_t name_size,
                                   cairn_error** error) {
  return barrier(error, [&] { use(database)->drop(text_in(name, name_size)); });
}
