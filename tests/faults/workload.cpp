#include "workload.h"

#include <iterator>

namespace cairn::testing {
namespace {

constexpr int kKeys = 60;

}  // namespace

Workload::Workload(uint64_t seed) : random_(seed) {
  // Mostly small rows; sometimes such that emptying a collection leaves pages to give back.
  text_size_ = seed % 25 == 0 ? 20000 : seed % 5 == 0 ? 3000 : 100;
}

std::string Workload::any_collection() {
  return *std::next(collections_.begin(), static_cast<int>(random_() % collections_.size()));
}

Step Workload::next() {
  ++number_;
  if (collections_.size() < 2 || (collections_.size() < 5 && happens(3))) {
    const std::string name = "c" + std::to_string(number_);
    collections_.insert(name);
    return {Step::Kind::kOpenCollection, name, "{}", "", false};
  }
  const std::string name = any_collection();
  if (happens(75)) return write(name);
  if (happens(15)) return {Step::Kind::kReset, name, "{}", "", false};
  if (happens(10)) {
    collections_.erase(name);
    return {Step::Kind::kDrop, name, "{}", "", false};
  }
  if (happens(30)) return {Step::Kind::kFlush, "", "{}", "", true};
  return {happens(75) ? Step::Kind::kMaintain : Step::Kind::kReopen, "", "{}", "", false};
}

Step Workload::write(const std::string& collection) {
  Json options = Json::object();
  const bool is_snapshot = happens(8);
  Step step{Step::Kind::kWrite, collection, "", batch(is_snapshot), happens(40)};
  if (step.to_disk) options["durability"] = "Disk";
  if (is_snapshot) {
    options["mode"] = "Reconcile";
  } else if (happens(8)) {
    options["truncate"] = true;
  }
  if (happens(20)) options["replace"] = true;
  if (happens(20)) options["request_id"] = "r" + std::to_string(random_() % 4);
  if (happens(30))
    options["metadata"] = Json::array({Json({{"key", "cursor"}, {"value", number_}})});
  step.options = options.dump();
  return step;
}

// A snapshot is of inserts alone.
std::string Workload::batch(bool is_snapshot) {
  BatchWriter batch;
  for (int left = static_cast<int>(random_() % 12); left >= 0; --left) {
    const std::string key = encode_portable(random_() % kKeys);
    Json value = {{"n", random_() % 1000}, {"text", std::string(random_() % text_size_, 't')}};
    if (happens(20)) value["f" + std::to_string(random_() % 30)] = true;
    const auto metadata = happens(20) ? BatchMetadata::Set : BatchMetadata::Keep;
    if (!is_snapshot && happens(25)) {
      batch.add(BatchOp::Delete, key);
    } else {
      batch.add(is_snapshot || happens(50) ? BatchOp::Insert : BatchOp::Update, key,
                encode_portable(value), metadata, encode_portable("m"));
    }
  }
  return batch.finish();
}

void take(const Step& step, cairn_database* database) {
  const std::string& name = step.collection;
  switch (step.kind) {
    case Step::Kind::kWrite:
      write_batch(open_collection(database, name).get(), step.batch, step.options);
      return;
    case Step::Kind::kReset:
      return call(cairn_collection_reset, open_collection(database, name).get());
    case Step::Kind::kOpenCollection:
      open_collection(database, name);
      return;
    case Step::Kind::kDrop:
      return call(cairn_collection_drop, database, name.data(), name.size());
    case Step::Kind::kFlush:
      return call(cairn_database_flush, database);
    case Step::Kind::kMaintain: {
      cairn_error* error = nullptr;
      const cairn_status status = cairn_database_maintain(database, 60000, &error);
      const ErrorPtr owner(error);
      if (status > CAIRN_DONE) throw ApiError(status, cairn_error_message(error));
      return;
    }
    case Step::Kind::kReopen:
      return;
  }
}

}  // namespace cairn::testing
