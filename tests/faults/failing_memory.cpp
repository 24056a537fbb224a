#include "failing_memory.h"

#include <sqlite3.h>

#include <cstdlib>
#include <new>
#include <stdexcept>

extern "C" {
void* __real_malloc(size_t size);
void* __real_calloc(size_t count, size_t size);
void* __real_realloc(void* block, size_t size);
void __real_free(void* block);
}

namespace cairn::testing {
namespace {

int64_t live = 0;
int64_t left = 0;
bool armed = false;
bool lasts = false;
bool failed = false;
sqlite3_mem_methods sqlite_methods;

bool fails() {
  if (!armed) return false;
  if (left > 1) {
    --left;
    return false;
  }
  if (failed && !lasts) return false;
  failed = true;
  return true;
}

void* counted(void* block) {
  live += block != nullptr;
  return block;
}

void release(void* block) {
  live -= block != nullptr;
  __real_free(block);
}

void* or_throw(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  return counted(block);
}

void* sqlite_malloc(int size) { return fails() ? nullptr : counted(sqlite_methods.xMalloc(size)); }

void* sqlite_realloc(void* block, int size) {
  return fails() ? nullptr : sqlite_methods.xRealloc(block, size);
}

void sqlite_free(void* block) {
  live -= block != nullptr;
  sqlite_methods.xFree(block);
}

}  // namespace

void install_failing_memory() {
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_methods);
  sqlite3_mem_methods methods = sqlite_methods;
  methods.xMalloc = sqlite_malloc;
  methods.xRealloc = sqlite_realloc;
  methods.xFree = sqlite_free;
  // Without memory of a connection's own, in which small allocations cannot fail.
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK ||
      sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK)
    throw std::runtime_error("SQLite is in use already");
}

void fail_allocation(int64_t nth, bool lasting) {
  left = nth;
  lasts = lasting;
  failed = false;
  armed = true;
}

bool allow_allocations() {
  armed = false;
  return failed;
}

int64_t live_allocations() { return live; }

}  // namespace cairn::testing

using cairn::testing::counted;
using cairn::testing::fails;
using cairn::testing::or_throw;
using cairn::testing::release;

// The other forms of the two operators call these.
void* operator new(size_t size) {
  return or_throw(fails() ? nullptr : __real_malloc(size == 0 ? 1 : size));
}

// A sanitizer has this form of its own, whose blocks only its own operator delete takes.
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return fails() ? nullptr : counted(__real_malloc(size == 0 ? 1 : size));
}

void* operator new(size_t size, std::align_val_t alignment) {
  const auto step = static_cast<size_t>(alignment);
  return or_throw(fails() ? nullptr : std::aligned_alloc(step, (size + step - 1) / step * step));
}

void operator delete(void* block) noexcept { release(block); }
void operator delete(void* block, size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { release(block); }

extern "C" {
void* __wrap_malloc(size_t size);
void* __wrap_calloc(size_t count, size_t size);
void* __wrap_realloc(void* block, size_t size);
void __wrap_free(void* block);
}

void* __wrap_malloc(size_t size) { return fails() ? nullptr : counted(__real_malloc(size)); }

void* __wrap_calloc(size_t count, size_t size) {
  return fails() ? nullptr : counted(__real_calloc(count, size));
}

void* __wrap_realloc(void* block, size_t size) {
  if (fails()) return nullptr;
  void* grown = __real_realloc(block, size);
  return block == nullptr ? counted(grown) : grown;
}

void __wrap_free(void* block) { release(block); }
