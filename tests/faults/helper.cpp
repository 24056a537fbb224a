// The process that the tests kill, or run with system calls that fail. Usage:
//   helper import DATABASE DURABILITY FROM   writes transactions until it is killed, and says a
//   byte
//                                            for each that is committed
//   helper open|apply|checkpoint DATABASE [BYTES]   says the status and the message; no file can
//                                            become larger than BYTES
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <iostream>

#include "import.h"

namespace cairn::testing {
namespace {

using Arguments = std::vector<std::string>;

void say(char byte) {
  if (write(STDOUT_FILENO, &byte, 1) != 1) throw std::runtime_error("nobody reads");
}

void wait_for_go() {
  say('r');
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
}

// The first acknowledgement is that of the collection.
void import(const Arguments& arguments) {
  wait_for_go();
  const DatabasePtr database = open_database(arguments.at(1));
  const CollectionPtr collection =
      open_collection(database.get(), "c", R"({"durability": ")" + arguments.at(2) + R"("})");
  int number = std::stoi(arguments.at(3));
  if (number == 0) say('.');
  for (number = std::max(number, 1);; number++) {
    write_batch(collection.get(), import_batch(number));
    say('.');
  }
}

void limit_files(rlim_t bytes) {
  signal(SIGXFSZ, SIG_IGN);  // so that a write gives an error
  const rlimit limit = {bytes, bytes};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("no limit");
}

void work(const std::string& mode, const std::string& path) {
  const DatabasePtr database = open_database(path, R"({"background": false})");
  if (mode == "open") return;
  const CollectionPtr collection = open_collection(database.get(), "c");
  write_batch(collection.get(), import_batch(8), R"({"durability": "Disk"})");
  if (mode == "apply") return;
  cairn_error* error = nullptr;
  const cairn_status status = cairn_database_maintain(database.get(), 60000, &error);
  const ErrorPtr owner(error);
  if (status > CAIRN_DONE) throw ApiError(status, cairn_error_message(error));
}

int run(const Arguments& arguments) {
  if (arguments.at(0) == "import") {
    import(arguments);
    return 0;
  }
  if (arguments.size() > 2) limit_files(std::stoull(arguments.at(2)));
  try {
    work(arguments.at(0), arguments.at(1));
    std::cout << "CAIRN_OK: " << std::endl;
  } catch (const ApiError& error) {
    std::cout << error.what() << std::endl;
  }
  return cairn_live_objects() == 0 ? 0 : 3;
}

}  // namespace
}  // namespace cairn::testing

int main(int count, char** arguments) {
  try {
    return cairn::testing::run({arguments + 1, arguments + count});
  } catch (const std::exception& e) {
    std::cerr << "helper: " << e.what() << "\n";
    return 2;
  }
}
