// The calls on a collection, writing included. On the JavaScript thread; their work is done in the
// pool.
#include <cairn/transaction.h>

#include "feed.h"
#include "handle.h"

namespace cairn::node {
namespace {

struct TransactionClose {
  void operator()(cairn_transaction* transaction) const { cairn_transaction_close(transaction); }
};

// A transaction whose batches come from a feed.
class Write {
 public:
  Write(Input options, std::shared_ptr<Feed> feed)
      : options_(std::move(options)), feed_(std::move(feed)) {}

  // Goes as far as the feed has batches; what fails midway is rolled back.
  void go_on(cairn_collection* collection, Result& result) {
    if (transaction_ == nullptr && !begin(collection, result)) return;
    Feed::Next next;
    for (const Input* batch; (next = feed_->take(&batch)) == Feed::Next::kBatch;)
      if (!add(*batch, result)) return transaction_.reset();
    result.again = next == Feed::Next::kLater;
    if (next == Feed::Next::kWhole) commit(result);
    if (!result.again) transaction_.reset();
  }

 private:
  bool begin(cairn_collection* collection, Result& result) {
    cairn_transaction* begun = nullptr;
    bool done = result.run([&](cairn_error** error) {
      return cairn_transaction_begin(collection, options_.data(), options_.size(), &begun, error);
    });
    transaction_.reset(begun);
    return done;
  }

  bool add(const Input& batch, Result& result) {
    return result.run([&](cairn_error** error) {
      return cairn_transaction_add(transaction_.get(), batch.data(), batch.size(), error);
    });
  }

  void commit(Result& result) {
    result.take([&](cairn_buffer** out, cairn_error** error) {
      return cairn_transaction_commit(transaction_.get(), out, error);
    });
  }

  Input options_;
  std::shared_ptr<Feed> feed_;
  std::unique_ptr<cairn_transaction, TransactionClose> transaction_;
};

// Ends a feed however the call ends.
struct FeedEnd {
  ~FeedEnd() { feed.end(whole); }
  Feed& feed;
  bool whole = false;
};

// Puts what `next()` gives into a feed: undefined is the end, null that the rest cannot be made.
// Where the thread is ended meanwhile, nothing can be thrown any more.
void fill(Feed& feed, const Napi::Value& next) {
  Napi::Env env = next.Env();
  FeedEnd end{feed};
  for (;;) {
    Napi::HandleScope scope(env);
    napi_value given = nullptr;
    if (napi_call_function(env, env.Undefined(), next, 0, nullptr, &given) != napi_ok) return;
    Napi::Value batch(env, given);
    end.whole = batch.IsUndefined();
    if (end.whole || batch.IsNull()) return;
    feed.add(Input(batch));
  }
}

// A transaction that was given up gives nothing.
napi_value give_if_written(napi_env env, Result& result) {
  return result.buffers.empty() ? give_nothing(env, result) : give_buffer(env, result);
}

// collectionApply(collection, options, next): the batches that `next` makes are written while it
// makes others; over a host's SQL, which is on this thread, afterwards.
Napi::Value apply(const Napi::CallbackInfo& info) {
  Target<cairn_collection> target(info);
  bool is_open = target.object != nullptr;
  bool is_inline = target.handle.lane->where() == Lane::Where::kInline;
  auto feed = std::make_shared<Feed>();
  auto write = std::make_unique<Write>(Input(info[1]), feed);
  if (is_open && is_inline) fill(*feed, info[2]);
  auto call = [write = std::move(write)](cairn_collection* collection, Result& result) {
    write->go_on(collection, result);
  };
  Napi::Value promise = target.add(std::move(call), give_if_written);
  if (is_open && !is_inline) fill(*feed, info[2]);
  return promise;
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
