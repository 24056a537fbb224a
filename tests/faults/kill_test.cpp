// kill -9 at random moments of an import that acknowledges each transaction on a pipe. Afterwards
// the database is in order and holds what was acknowledged, or one transaction more; and the next
// import goes on from there, some after the upgrade of an older file. CAIRN_KILLS=N kills N times.
#include <cstdlib>
#include <random>

#include "formats.h"
#include "import.h"
#include "state.h"

namespace cairn::testing {
namespace {

constexpr int kKills = 100;
constexpr size_t kMostAtOnce = 40;
constexpr size_t kLongest = 250;

class KillTest : public ConcurrencyTest, public ::testing::WithParamInterface<const char*> {
 protected:
  // The states after each acknowledgement; the first is that of an empty database.
  const std::vector<std::string>& states() {
    if (!states_.empty()) return states_;
    const DatabasePtr model = open_database("", R"({"in_memory": true})");
    states_.push_back(state_of(model.get()));
    const CollectionPtr collection = open_collection(model.get(), "c");
    states_.push_back(state_of(model.get()));
    for (size_t i = 1; i < kLongest + 500; i++) {
      write_batch(collection.get(), import_batch(static_cast<int>(i)));
      states_.push_back(state_of(model.get()));
    }
    return states_;
  }

  // Kills an import that begins after `done` acknowledgements; gives how many there are then.
  size_t kill_import(const std::string& file, size_t done) {
    Process import({"import", file, GetParam(), std::to_string(done)});
    import.wait_until_ready();
    import.go();
    for (size_t left = random_() % kMostAtOnce; left > 0;) {
      const size_t read = import.read_output(left);
      if (read == 0) throw std::runtime_error("the import ended by itself");
      done += read;
      left -= read;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random_() % 3000));
    import.kill();
    EXPECT_EQ(import.wait(), -1);
    while (const size_t read = import.read_output(100)) done += read;
    return done;
  }

  // The number of the state that the file holds.
  size_t look(const std::string& file, size_t acknowledged) {
    const DatabasePtr database = open_database(file, R"({"background": false})");
    EXPECT_EQ(problems_of(database.get()), "");
    EXPECT_TRUE(has_whole_format(file));
    const std::string state = state_of(database.get());
    for (size_t at : {acknowledged, acknowledged + 1})
      if (state == states().at(at)) return at;
    ADD_FAILURE() << acknowledged << " were acknowledged, but it holds\n" << state;
    return acknowledged;
  }

 private:
  std::mt19937_64 random_{std::random_device{}()};
  std::vector<std::string> states_;
};

TEST_P(KillTest, WhatWasAcknowledgedIsThere) {
  const char* wanted = std::getenv("CAIRN_KILLS");
  const int kills = (wanted == nullptr ? kKills : std::atoi(wanted)) / 2;
  size_t done = 0, more = 0;
  std::string file;
  for (int i = 0; i < kills && !HasFailure(); i++) {
    if (i == 0 || done > kLongest) {
      file = path("db" + std::to_string(i));
      done = 0;
    }
    if (done > 0 && i % 3 == 2) make_older(file);
    const size_t acknowledged = kill_import(file, done);
    done = look(file, acknowledged);
    more += done - acknowledged;
  }
  RecordProperty("kills", kills);
  RecordProperty("one_more", static_cast<int>(more));
}

INSTANTIATE_TEST_SUITE_P(Durability, KillTest, ::testing::Values("Disk", "Os"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace cairn::testing
