// A disk that loses power: what is written after a file's last sync is kept apart, and when the
// power fails the disk has kept some of it, in any order and with writes torn at sectors. The files
// themselves hold everything that was written until restart() puts what the disk has in its place.
// A sync can fail as well, and then the system forgets what it was to write: the disk has some of
// it, the rest will never reach it, and the next sync succeeds.
// Names are not part of this: a file that was created or deleted is so at once. One thread at a
// time.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "vfs_layer.h"

namespace cairn::testing {

class PowerVfs : public VfsHooks {
 public:
  explicit PowerVfs(uint64_t seed) : random_(seed) { set_vfs_hooks(this); }
  ~PowerVfs() override { set_vfs_hooks(nullptr); }
  PowerVfs(const PowerVfs&) = delete;
  PowerVfs& operator=(const PowerVfs&) = delete;

  // The power fails at the Nth write, truncation or sync from here; 0: not at all.
  void fail_at(int nth) { left_ = nth; }
  bool is_off() const { return is_off_; }
  // The Nth sync from here fails, of whatever file. What the disk does not have of it is still read
  // afterwards, or it is not, according to the file system.
  void fail_sync_at(int nth, bool is_read) {
    syncs_left_ = nth;
    is_read_ = is_read;
  }
  bool has_failed_a_sync() const { return failed_a_sync_; }
  // Cuts the power here and now.
  void cut() { is_off_ = true; }
  // Lets the disk have everything; all files have to be closed.
  void settle() { files_.clear(); }
  // Puts what the disk has kept into the files, all of which have to be closed, and goes on.
  void restart();

  int before(const VfsCall& call) override;

 private:
  struct Change {
    bool truncates;
    size_t offset;  // or the new size
    std::string data;
  };
  struct File {
    std::string disk;
    std::vector<Change> unsynced;
  };

  bool happens(double probability) { return std::bernoulli_distribution(probability)(random_); }
  void open(const std::string& path);
  void note(const VfsCall& call);
  bool fails(const VfsCall& sync);
  void keep_some(File& file);
  void tear(std::string& disk, const Change& change);
  static void apply(std::string& disk, const Change& change);

  std::mt19937_64 random_;
  std::map<std::string, File> files_;
  int left_ = 0;
  int syncs_left_ = 0;
  bool is_read_ = true;
  bool failed_a_sync_ = false;
  bool is_off_ = false;
};

}  // namespace cairn::testing
