#include "fault_vfs.h"

namespace cairn::testing {
namespace {

int error_of(VfsCall::Kind kind) {
  switch (kind) {
    case VfsCall::Kind::kOpen:
      return SQLITE_CANTOPEN;
    case VfsCall::Kind::kRead:
      return SQLITE_IOERR_READ;
    case VfsCall::Kind::kWrite:
      return SQLITE_IOERR_WRITE;
    case VfsCall::Kind::kTruncate:
      return SQLITE_IOERR_TRUNCATE;
    case VfsCall::Kind::kSync:
      return SQLITE_IOERR_FSYNC;
    case VfsCall::Kind::kFileSize:
      return SQLITE_IOERR_FSTAT;
    case VfsCall::Kind::kLock:
      return SQLITE_IOERR_LOCK;
    case VfsCall::Kind::kDelete:
      return SQLITE_IOERR_DELETE;
    case VfsCall::Kind::kAccess:
      return SQLITE_IOERR_ACCESS;
    case VfsCall::Kind::kFullPath:
      return SQLITE_CANTOPEN_FULLPATH;
    case VfsCall::Kind::kSharedMap:
      return SQLITE_IOERR_SHMMAP;
    case VfsCall::Kind::kSharedLock:
      return SQLITE_IOERR_SHMLOCK;
  }
  return SQLITE_IOERR;
}

}  // namespace

void FaultVfs::arm(Cause cause, int nth, bool lasting) {
  cause_ = cause;
  left_ = nth;
  lasting_ = lasting;
  armed_ = true;
  failed_ = false;
}

int FaultVfs::before(const VfsCall& call) {
  if (!armed_) return SQLITE_OK;
  const bool fills = call.kind == VfsCall::Kind::kWrite || call.kind == VfsCall::Kind::kSync ||
                     call.kind == VfsCall::Kind::kSharedMap;
  if (cause_ == Cause::kFull && !fills) return SQLITE_OK;
  if (left_ > 1) {
    --left_;
    return SQLITE_OK;
  }
  if (failed_ && !lasting_) return SQLITE_OK;
  failed_ = true;
  return cause_ == Cause::kFull ? SQLITE_FULL : error_of(call.kind);
}

}  // namespace cairn::testing
