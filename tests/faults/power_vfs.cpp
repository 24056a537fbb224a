#include "power_vfs.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace cairn::testing {
namespace {

constexpr size_t kSector = 512;

}  // namespace

int PowerVfs::before(const VfsCall& call) {
  using Kind = VfsCall::Kind;
  if (is_off_) return SQLITE_IOERR;
  if (call.path == nullptr) return SQLITE_OK;
  const bool changes =
      call.kind == Kind::kWrite || call.kind == Kind::kTruncate || call.kind == Kind::kSync;
  if (changes && left_ > 0 && --left_ == 0) {
    is_off_ = true;
    if (call.kind != Kind::kSync) note(call);  // it may have reached the disk all the same
    return SQLITE_IOERR;
  }
  if (call.kind == Kind::kSync && fails(call)) return SQLITE_IOERR_FSYNC;
  if (call.kind == Kind::kOpen) open(call.path);
  if (call.kind == Kind::kDelete) files_.erase(call.path);
  if (changes) note(call);
  return SQLITE_OK;
}

bool PowerVfs::fails(const VfsCall& sync) {
  if (syncs_left_ == 0 || --syncs_left_ > 0) return false;
  File& file = files_[sync.path];
  keep_some(file);
  failed_a_sync_ = true;
  if (is_read_) return true;
  // The file keeps its size, and is the same one for whoever has it open.
  std::string bytes = file.disk;
  bytes.resize(std::filesystem::file_size(sync.path));
  std::fstream(sync.path, std::ios::binary | std::ios::in | std::ios::out) << bytes;
  return true;
}

void PowerVfs::open(const std::string& path) {
  if (files_.count(path) != 0) return;
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  files_[path].disk = bytes.str();
}

void PowerVfs::note(const VfsCall& call) {
  File& file = files_[call.path];
  if (call.kind == VfsCall::Kind::kSync) {
    for (const Change& change : file.unsynced) apply(file.disk, change);
    file.unsynced.clear();
  } else if (call.kind == VfsCall::Kind::kTruncate) {
    file.unsynced.push_back({true, static_cast<size_t>(call.size), {}});
  } else {
    file.unsynced.push_back(
        {false,
         static_cast<size_t>(call.offset),
         {static_cast<const char*>(call.data), static_cast<size_t>(call.size)}});
  }
}

void PowerVfs::apply(std::string& disk, const Change& change) {
  if (change.truncates) {
    if (disk.size() > change.offset) disk.resize(change.offset);
    return;
  }
  if (disk.size() < change.offset + change.data.size())
    disk.resize(change.offset + change.data.size());
  disk.replace(change.offset, change.data.size(), change.data);
}

void PowerVfs::tear(std::string& disk, const Change& change) {
  const size_t end = change.offset + change.data.size();
  for (size_t at = change.offset; at < end;) {
    const size_t next = std::min(end, (at / kSector + 1) * kSector);
    if (happens(0.5)) apply(disk, {false, at, change.data.substr(at - change.offset, next - at)});
    at = next;
  }
}

void PowerVfs::keep_some(File& file) {
  const double share = std::array{0.0, 0.3, 0.7, 0.95, 1.0}[random_() % 5];
  const double torn = std::array{0.0, 0.1, 0.5}[random_() % 3];
  if (happens(0.5)) std::shuffle(file.unsynced.begin(), file.unsynced.end(), random_);
  for (const Change& change : file.unsynced) {
    if (!happens(share)) continue;
    if (!change.truncates && happens(torn)) {
      tear(file.disk, change);
    } else {
      apply(file.disk, change);
    }
  }
  file.unsynced.clear();
}

void PowerVfs::restart() {
  for (auto& [path, file] : files_) {
    keep_some(file);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << file.disk;
    std::filesystem::remove(path + "-shm");
  }
  files_.clear();
  is_off_ = false;
  left_ = 0;
}

}  // namespace cairn::testing
