// Runs an operation again and again, with the Nth call or allocation failing, for N until nothing
// fails, and looks each time at what is left behind. One thread at a time.
#pragma once

#include "operations.h"

namespace cairn::testing {

// Under a sanitizer everything is slow, and fewer of the many are tried: they are for the build
// without one.
#if defined(CAIRN_ADDRESS_SANITIZER)
inline constexpr bool kIsSlow = true;
#else
inline constexpr bool kIsSlow = false;
#endif

// What can be made to fail.
class Faults {
 public:
  virtual ~Faults() = default;
  virtual void arm(int nth, bool lasting) = 0;
  // Gives whether anything has failed.
  virtual bool disarm() = 0;
  // Whether an operation may end so, and without a message.
  virtual bool may_give(cairn_status status) const = 0;
  virtual bool may_lack_message() const { return false; }
  // Allocations that are in use.
  virtual int64_t live() const { return 0; }
};

class Trial {
 public:
  // In a folder of the test's own.
  Trial(const Operation& operation, Faults& faults, const std::string& folder);

  // A lasting fault lasts until all is closed.
  void run(bool lasting);

 private:
  bool fails_at(int nth, bool lasting);
  void look_before_closing(Session& session, cairn_status status);
  void expect_state(const std::string& state, cairn_status status);
  std::string state_of_file();

  const Operation& operation_;
  Faults& faults_;
  std::string base_, path_;
  std::string before_, after_;
};

}  // namespace cairn::testing
