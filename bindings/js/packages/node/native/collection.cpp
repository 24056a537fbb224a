// The calls on a collection, writing included. On the JavaScript thread; their work is done in the
// pool.
#include <cairn/transaction.h>

#include "handle.h"

namespace cairn::node {
namespace {

struct TransactionClose {
  void operator()(cairn_transaction* transaction) const { cairn_transaction_close(transaction); }
};

// A transaction from its beginning to its commit; what fails midway is rolled back.
void write(cairn_collection* collection, const Input& options, const std::vector<Input>& batches,
           Result& result) {
  cairn_transaction* begun = nullptr;
  bool goes_on = result.run([&](cairn_error** error) {
    return cairn_transaction_begin(collection, options.data(), options.size(), &begun, error);
  });
  std::unique_ptr<cairn_transaction, TransactionClose> transaction(begun);
  for (size_t i = 0; goes_on && i < batches.size(); ++i) {
    goes_on = result.run([&](cairn_error** error) {
      return cairn_transaction_add(begun, batches[i].data(), batches[i].size(), error);
    });
  }
  if (!goes_on) return;
  result.take([&](cairn_buffer** out, cairn_error** error) {
    return cairn_transaction_commit(begun, out, error);
  });
}

// collectionApply(collection, options, batches)
Napi::Value apply(const Napi::CallbackInfo& info) {
  auto call = [options = Input(info[1]), batches = inputs_of(info[2])](cairn_collection* collection,
                                                                       Result& result) {
    write(collection, options, batches, result);
  };
  return Target<cairn_collection>(info).add(std::move(call), give_buffer);
}

// collectionRemoveIndex(collection, signature): false where there is none.
Napi::Value remove_index(const Napi::CallbackInfo& info) {
  auto call = [signature = text_of(info[1])](cairn_collection* collection, Result& result) {
    auto remove = [&](cairn_error** error) {
      return cairn_collection_remove_index(collection, signature.data(), signature.size(), error);
    };
    result.run(remove, CAIRN_NOT_FOUND);
  };
  auto give = [](napi_env env, Result& result) {
    napi_value removed = nullptr;
    napi_get_boolean(env, result.status == CAIRN_OK, &removed);
    return removed;
  };
  return Target<cairn_collection>(info).add(std::move(call), give);
}

}  // namespace

void export_collections(Napi::Object exports) {
  using T = cairn_collection;
  export_function<report<T, cairn_collection_info>>(exports, "collectionInfo");
  export_function<report<T, cairn_collection_metadata>>(exports, "collectionMetadata");
  export_function<apply>(exports, "collectionApply");
  export_function<report<T, cairn_collection_ensure_index>>(exports, "collectionEnsureIndex");
  export_function<remove_index>(exports, "collectionRemoveIndex");
  export_function<order<T, cairn_collection_reset>>(exports, "collectionReset");
  export_function<close<T>>(exports, "collectionClose");
}

}  // namespace cairn::node
