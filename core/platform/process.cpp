#include "core/platform/process.h"

#if !defined(_WIN32)
#include <pthread.h>
#endif

#include <atomic>

namespace cairn {
namespace {

std::atomic<uint64_t> generation{1};

#if !defined(_WIN32)
// Asking for the process id would cost a system call in every function of the C API.
const int registered =
    pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });
#endif

}  // namespace

uint64_t process_generation() { return generation.load(std::memory_order_relaxed); }

}  // namespace cairn
