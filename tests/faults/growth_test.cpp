// The file does not grow with its history: after a million small transactions it is hardly larger
// than one into which the same rows were imported.
#include <random>

#include "state.h"

namespace cairn::testing {
namespace {

constexpr int kTransactions = 1000000;
constexpr uint32_t kKeys = 5000;

class GrowthTest : public ConcurrencyTest {
 protected:
  uint64_t bytes_of_file(const std::string& name) const {
    uint64_t bytes = 0;
    for (const char* suffix : {"", "-wal"})
      if (std::filesystem::exists(path(name) + suffix))
        bytes += std::filesystem::file_size(path(name) + suffix);
    return bytes;
  }
};

TEST_F(GrowthTest, AMillionTransactionsLeaveNoMoreThanTheirRows) {
  std::mt19937 random(1);
  std::vector<std::string> keys, values, last(kKeys);
  for (uint32_t i = 0; i < kKeys; i++) {
    keys.push_back(encode_portable(i));
    values.push_back(encode_portable(
        {{"id", i}, {"text", std::string(20 + i % 100, 'g')}, {"done", i % 2 == 0}}));
  }
  DatabasePtr database = open_database(path("grown"));
  CollectionPtr collection = open_collection(database.get(), "c");
  for (int i = 0; i < kTransactions; i++) {
    const uint32_t key = random() % kKeys;
    uint32_t value = random() % kKeys;
    if (last[key] == values[value]) value = (value + 1) % kKeys;  // each has to change something
    last[key] = values[value];
    call(cairn_collection_put, collection.get(), bytes_of(keys[key]), keys[key].size(),
         bytes_of(last[key]), last[key].size(), nullptr);
  }
  EXPECT_EQ(info_of(collection.get()).at("position").at("row_version"), kTransactions);
  const std::string digest = call_for_bytes(cairn_database_digest, database.get());
  EXPECT_TRUE(is_in_order(database.get()));
  collection.reset();
  database.reset();

  database = open_database(path("fresh"));
  collection = open_collection(database.get(), "c");
  BatchWriter batch;
  for (uint32_t i = 0; i < kKeys; i++)
    if (!last[i].empty()) batch.add(BatchOp::Insert, keys[i], last[i]);
  write_batch(collection.get(), batch.finish());
  EXPECT_EQ(call_for_bytes(cairn_database_digest, database.get()), digest);
  collection.reset();
  database.reset();

  const uint64_t grown = bytes_of_file("grown"), fresh = bytes_of_file("fresh");
  EXPECT_LE(grown * 2, fresh * 3);
  RecordProperty("grown", std::to_string(grown));
  RecordProperty("fresh", std::to_string(fresh));
}

}  // namespace
}  // namespace cairn::testing
