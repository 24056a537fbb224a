#include "convert.h"

using namespace cairn;
using namespace cairn::capi;

namespace {

// Calls a host's `destroy` whatever happens before the host is given away.
struct Owner {
  const SqlHost& host;
  bool released = false;
  ~Owner() {
    if (!released && host.destroy != nullptr) host.destroy(host.user_data);
  }
};

}  // namespace

cairn_status cairn_database_open(const char* path, size_t path_size, const uint8_t* options,
                                 size_t options_size, cairn_database** out, cairn_error** error) {
  return barrier(out, error, [&] {
    Request<fb::DatabaseOptions> request(options, options_size);
    DatabaseOptions wanted = to_options(request.get());
    wanted.store.path = wanted.in_memory ? text_in(path, path_size) : path_in(path, path_size);
    *out = new cairn_database(Database::open(wanted));
  });
}

cairn_status cairn_database_open_executor(const cairn_sql_executor* executor,
                                          const uint8_t* options, size_t options_size,
                                          cairn_database** out, cairn_error** error) {
  if (executor == nullptr || executor->struct_size < sizeof(cairn_sql_executor)) {
    return barrier(out, error, [] {
      throw Error(Status::kInvalidArgument, "the executor is null, or its struct_size too small");
    });
  }
  SqlHost host{executor->user_data, executor->destroy, executor->execute, executor->transaction};
  Owner owner{host};
  return barrier(out, error, [&] {
    if (host.execute == nullptr || host.transaction == nullptr)
      throw Error(Status::kInvalidArgument, "the executor lacks a callback");
    Request<fb::DatabaseOptions> request(options, options_size);
    DatabaseOptions wanted = to_options(request.get());
    owner.released = true;  // the connection calls it from here on
    *out = new cairn_database(Database::open_host(host, wanted));
  });
}

void cairn_database_close(cairn_database* database) { delete database; }

cairn_status cairn_database_interrupt(cairn_database* database) {
  return barrier(nullptr, [&] { use(database)->store().interrupt(); });
}

cairn_status cairn_database_info(cairn_database* database, cairn_buffer** out,
                                 cairn_error** error) {
  return barrier(out, error, [&] { *out = buffer_of(to_table(use(database)->info())); });
}

cairn_status cairn_database_check(cairn_database* database, const uint8_t* options,
                                  size_t options_size, cairn_buffer** out, cairn_error** error) {
  return barrier(out, error, [&] {
    Request<fb::CheckOptions> request(options, options_size);
    *out = buffer_of(to_table(use(database)->check(to_options(request.get()))));
  });
}

cairn_status cairn_database_digest(cairn_database* database, cairn_buffer** out,
                                   cairn_error** error) {
  return barrier(out, error, [&] { *out = buffer_of(to_table(use(database)->digest())); });
}

cairn_status cairn_database_flush(cairn_database* database, cairn_error** error) {
  return barrier(error, [&] { use(database)->store().sync(); });
}

cairn_status cairn_database_maintain(cairn_database* database, uint32_t budget_ms,
                                     cairn_error** error) {
  return barrier(error, [&] {
    return use(database)->store().maintain(budget_ms) ? Status::kDone : Status::kOk;
  });
}

cairn_status cairn_database_compact(cairn_database* database, cairn_error** error) {
  return barrier(error, [&] { use(database)->store().compact(); });
}

cairn_status cairn_database_prepare_for_suspend(cairn_database* database, cairn_error** error) {
  return barrier(error, [&] { use(database)->store().suspend(); });
}

cairn_status cairn_database_backup(cairn_database* database, const char* path, size_t path_size,
                                   cairn_buffer** out, cairn_error** error) {
  return barrier(out, error, [&] {
    *out = buffer_of(to_table(use(database)->backup(path_in(path, path_size))));
  });
}

cairn_status cairn_restore(const char* backup, size_t backup_size, const char* path,
                           size_t path_size, cairn_buffer** out, cairn_error** error) {
  return barrier(out, error, [&] {
    *out = buffer_of(to_table(restore(path_in(backup, backup_size), path_in(path, path_size))));
  });
}
