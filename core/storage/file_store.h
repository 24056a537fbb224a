// The store of a file: one connection that writes, a pool that reads, one that syncs and one that
// does upkeep. Any thread.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "core/platform/worker.h"
#include "core/storage/database_files.h"
#include "core/storage/gate.h"
#include "core/storage/native_connection.h"
#include "core/storage/store.h"
#include "core/storage/wal_sync.h"

namespace cairn {

class FileSnapshot;

class FileStore : public Store {
 public:
  explicit FileStore(const StoreOptions& options);
  ~FileStore() override;

  Lease reader() override;
  Lease writer() override;
  bool holds() const override { return true; }
  std::unique_ptr<Snapshot> snapshot() override;
  void begin(Connection& writer) override;
  void commit(Connection& writer) override;
  void rollback(Connection& writer) noexcept override;
  bool sync() override;
  bool maintain(uint32_t budget_ms) override;
  void interrupt_connections() override;
  StoreInfo info() override;
  bool check_pages(int limit, const std::function<void(const std::string&)>& found) override;
  void copy_to(const std::string& path) override;
  void compact() override;
  void suspend() override;
  bool read_only() const override { return options_.read_only; }
  bool is_new() const override { return is_new_; }
  void set_sound() override;
  std::string path() const override { return options_.path; }

 protected:
  void give_back(Connection& connection, bool writes) override;

 private:
  friend class FileSnapshot;

  void prepare_file();
  void open_writer();
  void reopen_writer();
  int mend_journal() noexcept;
  int move_journal(NativeConnection& connection, int mode);
  bool identify();
  void use_wal();
  NativeConnection* take_reader();
  void return_reader(NativeConnection* connection);
  std::unique_ptr<NativeConnection> connect();
  NativeConnection& upkeep_connection();
  bool close_readers();
  int close_writer();
  void checkpoint();
  bool shorten_journal();
  bool vacuum_step();
  void note_journal(int pages);
  int unmoved_pages() const;
  bool upkeep_step();
  bool expire_oldest();

  StoreOptions options_;
  std::unique_ptr<OpenFile> open_file_;  // for longer than any connection
  std::unique_ptr<NativeConnection> writer_;
  bool is_new_ = false;
  bool sound_ = false;
  bool journal_was_left_ = false;  // by whoever had the file before, or has it now
  Gate gate_;
  std::atomic<int> journal_pages_{0};
  std::atomic<int> moved_pages_{0};  // of those

  Mutex readers_mutex_;  // over the two lists, the vector, and which connection writes
  std::vector<std::unique_ptr<NativeConnection>> readers_;
  std::vector<NativeConnection*> idle_;
  std::list<FileSnapshot*> snapshots_;  // oldest first

  Mutex upkeep_mutex_;
  std::unique_ptr<NativeConnection> upkeep_;
  std::unique_ptr<WalSync> sync_;
  Worker worker_;
};

// A read transaction on a connection of the pool.
class FileSnapshot : public Snapshot {
 public:
  explicit FileSnapshot(FileStore& store);
  ~FileSnapshot() override;
  void use(const std::function<void(Connection&)>& read) override;

 private:
  friend class FileStore;

  FileStore& store_;
  Mutex mutex_;
  NativeConnection* connection_;  // null when it has ended
  std::list<FileSnapshot*>::iterator place_;
};

}  // namespace cairn
