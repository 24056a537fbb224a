#include "vfs_layer.h"

#include <cstring>

namespace cairn::testing {
namespace {

using Kind = VfsCall::Kind;

// Stands before the system's file in the memory that SQLite gives.
struct LayerFile {
  sqlite3_file base;
  const char* path;
};
constexpr int kFileSize = (static_cast<int>(sizeof(LayerFile)) + 15) / 16 * 16;

VfsHooks* hooks = nullptr;
sqlite3_vfs* system_vfs = nullptr;

sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kFileSize);
}

int ask(const VfsCall& call) { return hooks == nullptr ? SQLITE_OK : hooks->before(call); }

int ask(Kind kind, sqlite3_file* file) {
  return ask({kind, reinterpret_cast<LayerFile*>(file)->path});
}

template <auto kMethod, typename Result = int, typename... Arguments>
Result pass(sqlite3_file* file, Arguments... arguments) {
  return (real(file)->pMethods->*kMethod)(real(file), arguments...);
}

template <Kind kKind, auto kMethod, typename... Arguments>
int asked(sqlite3_file* file, Arguments... arguments) {
  const int code = ask(kKind, file);
  return code != SQLITE_OK ? code : pass<kMethod>(file, arguments...);
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  const char* path = reinterpret_cast<LayerFile*>(file)->path;
  const int code = ask({Kind::kWrite, path, data, size, offset});
  if (code == SQLITE_OK) return pass<&sqlite3_io_methods::xWrite>(file, data, size, offset);
  // A write that fails may have written something.
  if (size > 1) pass<&sqlite3_io_methods::xWrite>(file, data, size / 2, offset);
  return code;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  const char* path = reinterpret_cast<LayerFile*>(file)->path;
  const int code = ask({Kind::kTruncate, path, nullptr, size});
  return code != SQLITE_OK ? code : pass<&sqlite3_io_methods::xTruncate>(file, size);
}

int sync(sqlite3_file* file, int) { return ask(Kind::kSync, file); }

int shared_lock(sqlite3_file* file, int offset, int count, int flags) {
  const int code = (flags & SQLITE_SHM_LOCK) != 0 ? ask(Kind::kSharedLock, file) : SQLITE_OK;
  return code != SQLITE_OK ? code : pass<&sqlite3_io_methods::xShmLock>(file, offset, count, flags);
}

int close(sqlite3_file* file) { return pass<&sqlite3_io_methods::xClose>(file); }
void shared_barrier(sqlite3_file* file) { pass<&sqlite3_io_methods::xShmBarrier, void>(file); }

constexpr sqlite3_io_methods kMethods = {
    2,
    close,
    asked<Kind::kRead, &sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    write,
    truncate,
    sync,
    asked<Kind::kFileSize, &sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    asked<Kind::kLock, &sqlite3_io_methods::xLock, int>,
    pass<&sqlite3_io_methods::xUnlock, int, int>,
    asked<Kind::kLock, &sqlite3_io_methods::xCheckReservedLock, int*>,
    pass<&sqlite3_io_methods::xFileControl, int, int, void*>,
    pass<&sqlite3_io_methods::xSectorSize, int>,
    pass<&sqlite3_io_methods::xDeviceCharacteristics, int>,
    asked<Kind::kSharedMap, &sqlite3_io_methods::xShmMap, int, int, int, void volatile**>,
    shared_lock,
    shared_barrier,
    pass<&sqlite3_io_methods::xShmUnmap, int, int>,
    nullptr,
    nullptr,
};

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  std::memset(file, 0, sizeof(LayerFile));
  const int code = ask({Kind::kOpen, path});
  if (code != SQLITE_OK) return code;
  const int opened = system_vfs->xOpen(system_vfs, path, real(file), flags, out_flags);
  if (real(file)->pMethods == nullptr) return opened;
  file->pMethods = &kMethods;
  reinterpret_cast<LayerFile*>(file)->path = path;
  return opened;
}

int remove(sqlite3_vfs*, const char* path, int) {
  const int code = ask({Kind::kDelete, path});
  return code != SQLITE_OK ? code : system_vfs->xDelete(system_vfs, path, 0);
}

int access(sqlite3_vfs*, const char* path, int flags, int* result) {
  const int code = ask({Kind::kAccess, path});
  return code != SQLITE_OK ? code : system_vfs->xAccess(system_vfs, path, flags, result);
}

int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
  const int code = ask({Kind::kFullPath, path});
  return code != SQLITE_OK ? code : system_vfs->xFullPathname(system_vfs, path, size, out);
}

}  // namespace

void set_vfs_hooks(VfsHooks* wanted) {
  static sqlite3_vfs layer = [] {
    system_vfs = sqlite3_vfs_find(nullptr);
    sqlite3_vfs made = *system_vfs;
    made.iVersion = 2;
    made.szOsFile = kFileSize + system_vfs->szOsFile;
    made.zName = "faults";
    made.pNext = nullptr;
    made.xOpen = open;
    made.xDelete = remove;
    made.xAccess = access;
    made.xFullPathname = full_path;
    return made;
  }();
  static const int registered = sqlite3_vfs_register(&layer, 1);
  static_cast<void>(registered);
  hooks = wanted;
}

}  // namespace cairn::testing
