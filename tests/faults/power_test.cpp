// The power fails at a random write or sync of a random workload. Afterwards the database opens and
// is in order, it holds the state after some transaction, and none that was acknowledged as being
// on the disk is missing. CAIRN_SEED=N runs the one seed, CAIRN_SEEDS=N another number of them.
#include <cstdlib>

#include "formats.h"
#include "power_vfs.h"
#include "trial.h"
#include "workload.h"

namespace cairn::testing {
namespace {

constexpr int kParts = 10;
constexpr int kSeeds = kIsSlow ? 200 : 1000;
constexpr int kSteps = 40;

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

class PowerLoss {
 public:
  PowerLoss(uint64_t seed, const std::string& path)
      : random_(~seed), vfs_(seed), workload_(seed), path_(path), is_old_(seed % 7 == 6) {}

  void run();
  // How many transactions that were not promised were there, and how many were lost.
  int kept = 0, lost = 0;

 private:
  bool works(const std::function<void()>& body);
  void open() { database_ = open_database(path_, R"({"background": false})"); }
  void grow_old();
  void work();
  void take_step(const Step& step);
  void fail_again_while_opening();
  void look();

  std::mt19937_64 random_;
  PowerVfs vfs_;
  Workload workload_;
  std::string path_;
  bool is_old_;  // it begins with a file of the format before, so that opening it upgrades it
  DatabasePtr database_;
  DatabasePtr model_ = open_database("", R"({"in_memory": true})");
  std::vector<std::string> states_ = {state_of(model_.get())};  // after each transaction begun
  size_t promised_ = 0;                                         // the newest that is on the disk
};

void PowerLoss::run() {
  if (is_old_) grow_old();
  work();
  database_.reset();
  vfs_.cut();
  vfs_.restart();
  if (random_() % 3 == 0) fail_again_while_opening();
  look();
}

// False where the power is off; any other failure is the engine's.
bool PowerLoss::works(const std::function<void()>& body) {
  try {
    body();
    return true;
  } catch (const ApiError& error) {
    EXPECT_TRUE(vfs_.is_off()) << error.what();
    EXPECT_TRUE(error.status() == CAIRN_IO || error.status() == CAIRN_CANNOT_OPEN) << error.what();
    return false;
  }
}

void PowerLoss::grow_old() {
  open();
  for (int i = 0; i < kSteps / 4; i++) take_step(workload_.next());
  database_.reset();
  make_older(path_);
  vfs_.settle();
  promised_ = states_.size() - 1;
}

void PowerLoss::work() {
  int failing_step = static_cast<int>(random_() % kSteps);
  if (is_old_ && failing_step % 2 == 0) failing_step = 0;
  const auto arm = [&] { vfs_.fail_at(1 + static_cast<int>(random_() % 25)); };
  if (failing_step == 0) arm();
  if (!works([&] { open(); })) return;
  for (int i = 1; i < kSteps; i++) {
    if (i == failing_step) arm();
    const Step step = workload_.next();
    if (!works([&] { take_step(step); })) return;
  }
}

void PowerLoss::take_step(const Step& step) {
  if (step.kind == Step::Kind::kReopen) {
    database_.reset();
    return open();
  }
  if (step.changes()) {
    take(step, model_.get());
    states_.push_back(state_of(model_.get()));
  }
  take(step, database_.get());
  if (step.to_disk) promised_ = states_.size() - 1;
}

void PowerLoss::fail_again_while_opening() {
  vfs_.fail_at(1 + static_cast<int>(random_() % 12));
  if (works([&] { open(); })) works([&] { problems_of(database_.get()); });
  database_.reset();
  vfs_.cut();
  vfs_.restart();
}

void PowerLoss::look() {
  open();
  EXPECT_EQ(problems_of(database_.get()), "");
  EXPECT_TRUE(has_whole_format(path_));
  const std::string state = state_of(database_.get());
  size_t at = states_.size();
  while (at > promised_ && states_[at - 1] != state) --at;
  EXPECT_GT(at, promised_) << "of " << states_.size() << " states, " << promised_
                           << " promised, it holds none but\n"
                           << state;
  if (at == promised_) return;
  kept = static_cast<int>(at - 1 - promised_);
  lost = static_cast<int>(states_.size() - at);
  database_.reset();
}

class PowerTest : public ConcurrencyTest, public ::testing::WithParamInterface<int> {};

TEST_P(PowerTest, NothingPromisedIsLostAndNothingIsThereInPart) {
  const int one = number_from("CAIRN_SEED", -1);
  if (one >= 0 && one % kParts != GetParam()) GTEST_SKIP() << "CAIRN_SEED is another one";
  const int seeds = number_from("CAIRN_SEEDS", kSeeds);
  int kept = 0, lost = 0;
  for (int seed = one >= 0 ? one : GetParam(); seed < (one >= 0 ? one + 1 : seeds);
       seed += kParts) {
    SCOPED_TRACE("run it alone with CAIRN_SEED=" + std::to_string(seed));
    PowerLoss loss(static_cast<uint64_t>(seed), path("db" + std::to_string(seed)));
    loss.run();
    kept += loss.kept;
    lost += loss.lost;
    if (HasFailure()) return;
  }
  RecordProperty("kept", kept);
  RecordProperty("lost", lost);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PowerTest, ::testing::Range(0, kParts));

}  // namespace
}  // namespace cairn::testing
