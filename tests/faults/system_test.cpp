// System calls that fail on the real file system, by strace and by the limit on a file's size,
// while a helper opens, applies and checkpoints. It has to say what is wrong, and the file then
// opens, is in order, and holds the state before or after.
#include <sys/wait.h>

#include <cstdio>
#include <fstream>

#include "import.h"
#include "state.h"

namespace cairn::testing {
namespace {

struct Finished {
  int exit_code;
  std::string output;
};

Finished run(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string output;
  char bytes[4096];
  while (const size_t size = fread(bytes, 1, sizeof bytes, pipe)) output.append(bytes, size);
  const int status = pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

std::string contents(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

class SystemTest : public ConcurrencyTest, public ::testing::WithParamInterface<const char*> {
 protected:
  SystemTest() {
    if (!opens_new()) {
      const DatabasePtr database = open_database(path("base"), R"({"background": false})");
      const CollectionPtr collection = open_collection(database.get(), "c");
      for (int i = 1; i < 8; i++) write_batch(collection.get(), import_batch(i));
    }
    restore();
    before_ = look();
    restore();
    EXPECT_EQ(run(helper()).output, "CAIRN_OK: \n");
    after_ = look();
  }

  std::string helper() const {
    return std::string(CAIRN_CONCURRENCY_HELPER) + " " + GetParam() + " " + path();
  }
  bool opens_new() const { return std::string(GetParam()) == "open"; }

  void restore() {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
      std::filesystem::remove(path() + suffix);
    if (!opens_new()) std::filesystem::copy_file(path("base"), path());
  }

  std::string look() {
    const DatabasePtr database = open_database(path(), R"({"background": false})");
    EXPECT_EQ(problems_of(database.get()), "");
    return state_of(database.get());
  }

  // Looks at what the helper said and left.
  void expect_sense(const Finished& helper) {
    SCOPED_TRACE(helper.output);
    EXPECT_EQ(helper.exit_code, 0);
    const std::string status = helper.output.substr(0, helper.output.find(':'));
    EXPECT_TRUE(status == "CAIRN_OK" || status == "CAIRN_IO" || status == "CAIRN_DISK_FULL" ||
                status == "CAIRN_CANNOT_OPEN");
    EXPECT_TRUE(status == "CAIRN_OK" || helper.output.find('(') != std::string::npos)
        << "it does not say what to do";
    const std::string state = look();
    EXPECT_TRUE(state == after_ || (status != "CAIRN_OK" && state == before_)) << state;
  }

  // Lets the Nth call fail, for N until none does.
  void inject(const std::string& fault, const std::string& from_then_on) {
    const std::string call = fault.substr(0, fault.find(':'));
    int nth = 1;
    for (bool failed = true; failed && !HasFailure(); nth++) {
      const std::string when = ":when=" + std::to_string(nth) + from_then_on;
      SCOPED_TRACE(fault + when);
      restore();
      expect_sense(run("strace -f -qq -o " + path("trace") + " -e trace=" + call +
                       " -e inject=" + fault + when + " " + helper()));
      failed = contents(path("trace")).find("INJECTED") != std::string::npos;
    }
    EXPECT_GT(nth, 2) << "nothing was made to fail";
    RecordProperty(fault.substr(0, fault.find(':')) + from_then_on, nth - 2);
  }

  void inject(const std::string& fault) {
    const Finished tried = run("strace -qq -o " + path("trace") + " true");
    if (tried.exit_code != 0) GTEST_SKIP() << "strace cannot trace here: " << tried.output;
    inject(fault, "");
    inject(fault, "+");
  }

 private:
  std::string before_, after_;
};

TEST_P(SystemTest, WritesGiveAnError) { inject("pwrite64:error=EIO"); }
TEST_P(SystemTest, TheDiskIsFull) { inject("pwrite64:error=ENOSPC"); }
TEST_P(SystemTest, NothingIsWritten) { inject("pwrite64:retval=0"); }
TEST_P(SystemTest, SyncsGiveAnError) { inject("fdatasync:error=EIO"); }

// The system writes what fits and says how much that was.
TEST_P(SystemTest, WritesAreShort) {
  int cut = 0;
  for (uint64_t bytes = 0; bytes < 200000 && !HasFailure(); bytes += 1 + bytes / 8) {
    SCOPED_TRACE("files end at " + std::to_string(bytes));
    restore();
    const Finished helper_ended = run(helper() + " " + std::to_string(bytes));
    cut += helper_ended.output != "CAIRN_OK: \n";
    expect_sense(helper_ended);
  }
  EXPECT_GT(cut, 10);
  RecordProperty("cut", cut);
}

INSTANTIATE_TEST_SUITE_P(Calls, SystemTest, ::testing::Values("open", "apply", "checkpoint"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace cairn::testing
