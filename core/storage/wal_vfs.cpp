#include "core/storage/wal_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/platform/mutex.h"

namespace cairn {
namespace {

constexpr int kHeader = 24;  // of a frame
constexpr int kMostJoined = 8192;

// Stands before the real file in the memory that SQLite gives.
struct WalFile {
  sqlite3_file base;
  sqlite3_int64 end;  // where the last write ended
  int held;           // so many bytes wait there
  uint8_t bytes[kHeader + kMostJoined];
};

constexpr int kFileSize = (static_cast<int>(sizeof(WalFile)) + 15) / 16 * 16;

WalFile* held(sqlite3_file* file) { return reinterpret_cast<WalFile*>(file); }
sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kFileSize);
}

int write_real(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  held(file)->end = at + size;
  return real(file)->pMethods->xWrite(real(file), data, size, at);
}

int write_held(sqlite3_file* file) {
  WalFile* wal = held(file);
  if (wal->held == 0) return SQLITE_OK;
  // Where this fails SQLite gives up the transaction, and its next one writes the header anew.
  return write_real(file, wal->bytes, std::exchange(wal->held, 0), wal->end);
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  WalFile* wal = held(file);
  if (wal->held != 0 && at == wal->end + wal->held && size <= kMostJoined) {
    std::memcpy(wal->bytes + wal->held, data, static_cast<size_t>(size));
    return write_real(file, wal->bytes, std::exchange(wal->held, 0) + size, wal->end);
  }
  int code = write_held(file);
  if (code != SQLITE_OK) return code;
  // SQLite also writes headers again, alone, but never where its last write ended.
  if (size != kHeader || at != wal->end) return write_real(file, data, size, at);
  std::memcpy(wal->bytes, data, kHeader);
  wal->held = kHeader;
  return SQLITE_OK;
}

// Calls a method of the real file after what is held.
template <auto kMethod, typename... Arguments>
int after_held(sqlite3_file* file, Arguments... arguments) {
  int code = write_held(file);
  return code != SQLITE_OK ? code : (real(file)->pMethods->*kMethod)(real(file), arguments...);
}

template <auto kMethod, typename Result = int, typename... Arguments>
Result pass(sqlite3_file* file, Arguments... arguments) {
  return (real(file)->pMethods->*kMethod)(real(file), arguments...);
}

int close(sqlite3_file* file) {
  int code = write_held(file);
  int closed = real(file)->pMethods->xClose(real(file));
  return code != SQLITE_OK ? code : closed;
}

// The journal needs no shared memory and no mapping: those are the database file's.
constexpr sqlite3_io_methods kMethods = {
    1,
    close,
    after_held<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    write,
    after_held<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
    after_held<&sqlite3_io_methods::xSync, int>,
    after_held<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    pass<&sqlite3_io_methods::xLock, int, int>,
    pass<&sqlite3_io_methods::xUnlock, int, int>,
    pass<&sqlite3_io_methods::xCheckReservedLock, int, int*>,
    after_held<&sqlite3_io_methods::xFileControl, int, void*>,
    pass<&sqlite3_io_methods::xSectorSize, int>,
    pass<&sqlite3_io_methods::xDeviceCharacteristics, int>,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

// The real file system under another name, but for how it opens journals.
struct WalVfs {
  sqlite3_vfs vfs;  // first: SQLite's pointer to it is one to all of this
  std::atomic<sqlite3_vfs*> base;
  std::string name;
};

sqlite3_vfs* base_of(sqlite3_vfs* vfs) { return reinterpret_cast<WalVfs*>(vfs)->base; }

template <auto kMethod, typename... Arguments>
int forward(sqlite3_vfs* vfs, Arguments... arguments) {
  sqlite3_vfs* base = base_of(vfs);
  return (base->*kMethod)(base, arguments...);
}

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* base = base_of(vfs);
  if ((flags & SQLITE_OPEN_WAL) == 0) return base->xOpen(base, path, file, flags, out_flags);
  std::memset(file, 0, sizeof(WalFile));
  int code = base->xOpen(base, path, real(file), flags, out_flags);
  // SQLite closes a file only if it has methods, also after an error.
  if (real(file)->pMethods != nullptr) file->pMethods = &kMethods;
  return code;
}

}  // namespace

const char* wal_vfs() {
  static Mutex mutex;
  static std::vector<std::unique_ptr<WalVfs>> layers;
  MutexLock lock(mutex);
  sqlite3_vfs* base = sqlite3_vfs_find(nullptr);
  if (base == nullptr) return nullptr;
  for (const auto& layer : layers) {
    if (layer->name != std::string("cairn-") + base->zName) continue;
    layer->base = base;  // it may have been registered anew
    return layer->name.c_str();
  }
  auto layer = std::make_unique<WalVfs>();
  layer->vfs = *base;
  layer->base = base;
  layer->name = std::string("cairn-") + base->zName;
  layer->vfs.zName = layer->name.c_str();
  layer->vfs.szOsFile = kFileSize + base->szOsFile;
  layer->vfs.pNext = nullptr;
  layer->vfs.iVersion = 2;  // without the hooks on system calls
  layer->vfs.xOpen = open;
  layer->vfs.xDelete = forward<&sqlite3_vfs::xDelete, const char*, int>;
  layer->vfs.xAccess = forward<&sqlite3_vfs::xAccess, const char*, int, int*>;
  layer->vfs.xFullPathname = forward<&sqlite3_vfs::xFullPathname, const char*, int, char*>;
  if (sqlite3_vfs_register(&layer->vfs, 0) != SQLITE_OK) return nullptr;
  layers.push_back(std::move(layer));
  return layers.back()->name.c_str();
}

}  // namespace cairn
