// Locks on bytes: exclusive between objects and processes, given back, and gone with a process.
#include "core/platform/range_lock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/peers.h"

namespace cairn::unit {
namespace {

class RangeLockTest : public PeersTest {
 protected:
  std::unique_ptr<RangeLock> open() {
    std::error_code code;
    auto lock = std::make_unique<RangeLock>(database(), code);
    EXPECT_FALSE(code) << code.message();
    return lock;
  }
};

TEST_F(RangeLockTest, OneObjectHasAByte) {
  auto one = open(), other = open();
  EXPECT_TRUE(one->try_lock(7));
  EXPECT_TRUE(one->try_lock(7)) << "it has it already";
  EXPECT_FALSE(other->try_lock(7));
  EXPECT_TRUE(other->try_lock(6));
  EXPECT_TRUE(other->try_lock(8));
  EXPECT_TRUE(other->try_lock(0));
  EXPECT_TRUE(other->try_lock(INT64_MAX));
  EXPECT_FALSE(other->try_lock(-1)) << "there is no such byte";
}

TEST_F(RangeLockTest, ALockIsGivenBack) {
  auto one = open(), other = open();
  EXPECT_TRUE(one->try_lock(7));
  EXPECT_TRUE(one->try_lock(8));
  other->unlock(7);
  EXPECT_FALSE(other->try_lock(7)) << "it was not the other's to give back";
  one->unlock(7);
  EXPECT_TRUE(other->try_lock(7));
  EXPECT_FALSE(other->try_lock(8));
  one.reset();
  EXPECT_TRUE(other->try_lock(8));
}

TEST_F(RangeLockTest, AMissingFolderIsAnError) {
  std::error_code code;
  RangeLock lock(database() + "/no/file", code);
  EXPECT_EQ(code, std::errc::no_such_file_or_directory);
  EXPECT_FALSE(lock.try_lock(1));
}

TEST_F(RangeLockTest, AForkedChildNeitherHasNorGivesBackALock) {
  auto lock = open();
  EXPECT_TRUE(lock->try_lock(7));
  pid_t child = fork();
  if (child == 0) {
    bool had = lock->try_lock(7);
    lock->unlock(7);
    lock.reset();
    _exit(had ? 1 : 0);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(open()->try_lock(7));
}

TEST_F(RangeLockTest, ALockEndsWithItsProcessThoughAChildOfItLives) {
  int ready[2], never[2];
  ASSERT_EQ(pipe(ready) | pipe(never), 0);
  pid_t child = fork();
  if (child == 0) {
    auto lock = open();
    bool has = lock->try_lock(7);
    close(never[1]);
    pid_t grandchild = fork();
    char byte = has ? 'y' : 'n';
    if (grandchild == 0) {
      (void)!write(ready[1], &byte, 1);
      (void)!read(never[0], &byte, 1);  // ends with the test
      _exit(0);
    }
    pause();
  }
  char byte = 0;
  EXPECT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  auto lock = open();
  EXPECT_FALSE(lock->try_lock(7));
  kill(child, SIGKILL);
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(lock->try_lock(7));
  for (int end : {ready[0], ready[1], never[0], never[1]}) close(end);
}

}  // namespace
}  // namespace cairn::unit
