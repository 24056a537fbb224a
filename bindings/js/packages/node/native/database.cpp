// The calls on a database. On the JavaScript thread; their work is done in the pool.
#include "handle.h"

namespace cairn::node {
namespace {

// databaseOpen(path, options)
Napi::Value open_database(const Napi::CallbackInfo& info) {
  auto lane = std::make_shared<Lane>(info.Env(), Lane::Where::kPool);
  auto work = [path = text_of(info[0]), options = Input(info[1])](Result& result) {
    open_into<cairn_database>(result, [&](cairn_database** out, cairn_error** error) {
      return cairn_database_open(path.data(), path.size(), options.data(), options.size(), out,
                                 error);
    });
  };
  // The handle goes on in the lane in which it was opened.
  auto give = [lane](napi_env env, Result& result) {
    auto native = std::make_shared<Native>(Native{nullptr, std::move(result.opened)});
    return give_handle(env, Kind::kDatabase, std::move(native), lane);
  };
  return lane->add(std::move(work), std::move(give));
}

// databaseOpenCollection(database, name, options)
Napi::Value open_collection(const Napi::CallbackInfo& info) {
  auto call = [name = text_of(info[1]), options = Input(info[2])](cairn_database* database,
                                                                  Result& result) {
    open_into<cairn_collection>(result, [&](cairn_collection** out, cairn_error** error) {
      return cairn_collection_open(database, name.data(), name.size(), options.data(),
                                   options.size(), out, error);
    });
  };
  Target<cairn_database> target(info);
  return target.add(std::move(call), give_opened<cairn_collection>(target.handle.lane));
}

// databaseDropCollection(database, name); where there is none nothing is to be done.
Napi::Value drop_collection(const Napi::CallbackInfo& info) {
  auto call = [name = text_of(info[1])](cairn_database* database, Result& result) {
    auto drop = [&](cairn_error** error) {
      return cairn_collection_drop(database, name.data(), name.size(), error);
    };
    result.run(drop, CAIRN_NOT_FOUND);
  };
  return Target<cairn_database>(info).add(std::move(call), give_nothing);
}

// databaseBackup(database, path)
Napi::Value backup(const Napi::CallbackInfo& info) {
  auto call = [path = text_of(info[1])](cairn_database* database, Result& result) {
    result.take([&](cairn_buffer** out, cairn_error** error) {
      return cairn_database_backup(database, path.data(), path.size(), out, error);
    });
  };
  return Target<cairn_database>(info).add(std::move(call), give_buffer);
}

}  // namespace

void export_databases(Napi::Object exports) {
  using T = cairn_database;
  export_function<open_database>(exports, "databaseOpen");
  export_function<report<T, cairn_database_info>>(exports, "databaseInfo");
  export_function<open_collection>(exports, "databaseOpenCollection");
  export_function<drop_collection>(exports, "databaseDropCollection");
  export_function<open_child<T, cairn_coordinator, cairn_coordinator_open>>(
      exports, "databaseOpenCoordinator");
  export_function<report<T, cairn_database_digest>>(exports, "databaseDigest");
  export_function<report<T, cairn_database_check>>(exports, "databaseCheck");
  export_function<backup>(exports, "databaseBackup");
  export_function<order<T, cairn_database_flush>>(exports, "databaseFlush");
  export_function<order<T, cairn_database_compact>>(exports, "databaseCompact");
  export_function<close<T>>(exports, "databaseClose");
}

}  // namespace cairn::node
