#include "trial.h"

#include <cstdlib>

#include "formats.h"

namespace cairn::testing {
namespace {

// Later calls and allocations are mostly those of one more row or page: from kEach on N rises by a
// part.
constexpr int kEach = kIsSlow ? 100 : 300;
constexpr int kPart = kIsSlow ? 30 : 100;

int next_fault(int nth) {
  static const bool every = std::getenv("CAIRN_EVERY_FAULT") != nullptr;
  return every || nth < kEach ? nth + 1 : nth + nth / kPart;
}

bool is_success(cairn_status status) { return status == CAIRN_OK || status == CAIRN_DONE; }

}  // namespace

Trial::Trial(const Operation& operation, Faults& faults, const std::string& folder)
    : operation_(operation), faults_(faults), base_(folder + "/base"), path_(folder + "/db") {
  std::filesystem::create_directories(folder);
  if (!std::filesystem::exists(base_)) make_base(base_);
  // Without faults, twice: what the library makes once in its life is there afterwards.
  for (const bool runs : {false, true}) {
    Session session(base_, path_);
    operation_.prepare(session);
    const cairn_status status = runs ? operation_.run(session) : CAIRN_OK;
    EXPECT_TRUE(is_success(status)) << cairn_status_name(status);
    session.close();
    (runs ? after_ : before_) = state_of_file();
  }
}

void Trial::run(bool lasting) {
  int nth = 1;
  while (fails_at(nth, lasting) && !::testing::Test::HasFailure()) nth = next_fault(nth);
  EXPECT_GT(nth, 1) << "nothing was made to fail";
  ::testing::Test::RecordProperty(lasting ? "lasting" : "once", nth - 1);
}

bool Trial::fails_at(int nth, bool lasting) {
  SCOPED_TRACE((lasting ? "from call " : "call ") + std::to_string(nth));
  const int64_t live = faults_.live();
  cairn_status status = CAIRN_OK;
  bool failed = false;
  {
    Session session(base_, path_);
    operation_.prepare(session);
    faults_.arm(nth, lasting);
    status = operation_.run(session);
    const ErrorPtr error = std::move(session.error);
    if (lasting) session.close();
    failed = faults_.disarm();
    EXPECT_TRUE(is_success(status) || (failed && faults_.may_give(status)))
        << cairn_status_name(status) << ": " << cairn_error_message(error.get());
    EXPECT_TRUE(is_success(status) || error != nullptr || faults_.may_lack_message());
    EXPECT_EQ(cairn_error_status(error.get()), error != nullptr ? status : CAIRN_OK);
    const bool gave = is_success(status) && !lasting;
    EXPECT_TRUE(!gave || operation_.is_right == nullptr || operation_.is_right(session));
    if (!lasting) look_before_closing(session, status);
    session.close();
  }
  EXPECT_EQ(cairn_live_objects(), 0);
  EXPECT_EQ(faults_.live(), live) << "allocations are left";
  expect_state(state_of_file(), status);
  return failed;
}

// The handles have to be of use after a failure, and to tell what the file will tell.
void Trial::look_before_closing(Session& session, cairn_status status) {
  session.buffer.reset();
  session.cursor.reset();
  session.transaction.reset();
  if (session.other == nullptr) return;
  expect_state(state_of(session.database.get()), status);
  EXPECT_EQ(session.probe(), CAIRN_OK) << cairn_error_message(session.error.get());
}

void Trial::expect_state(const std::string& state, cairn_status status) {
  if (state == after_) return;
  EXPECT_FALSE(is_success(status)) << "an operation is lost that succeeded";
  EXPECT_EQ(state, before_);
}

std::string Trial::state_of_file() {
  const DatabasePtr database = open_database(path_, R"({"background": false})");
  EXPECT_EQ(problems_of(database.get()), "");
  EXPECT_TRUE(has_whole_format(path_));
  return state_of(database.get());
}

}  // namespace cairn::testing
