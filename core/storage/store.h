// A store lends connections to one database: to readers, and to one writer at a time. Three kinds:
// a file, memory, and a host's SQL. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "core/storage/connection.h"
#include "core/storage/executor_connection.h"
#include "core/storage/shape_dictionary.h"

namespace cairn {

struct StoreOptions {
  std::string path;
  bool read_only = false;
  uint32_t busy_timeout_ms = 5000;
  bool background = true;
};

struct StoreInfo {
  uint64_t file_bytes = 0;
  uint64_t journal_bytes = 0;
  uint64_t free_bytes = 0;
};

class Store;

// A connection on loan; given back at the end of the scope.
class Lease {
 public:
  Lease(Store& store, Connection& connection, bool writes)
      : store_(&store), connection_(&connection), writes_(writes) {}
  Lease(Lease&& other) noexcept
      : store_(std::exchange(other.store_, nullptr)),
        connection_(other.connection_),
        writes_(other.writes_) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_; }

 private:
  Store* store_;
  Connection* connection_;
  bool writes_;
};

// A snapshot that is held between calls. It may end from outside, when the journal grows too long.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  // Runs `read` on the snapshot's connection; throws kSnapshotExpired when it has ended.
  virtual void use(const std::function<void(Connection&)>& read) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Lease reader() = 0;
  // Throws kBusy when the turn to write does not come in time, kReadOnly where nothing may be
  // written.
  virtual Lease writer() = 0;

  // Whether snapshots last and transactions may stay open between calls. Where not, batches wait
  // until the commit, and a write ends the cursors that are open.
  virtual bool holds() const = 0;
  virtual std::unique_ptr<Snapshot> snapshot() = 0;

  // An open write transaction on a writer's connection; only where holds().
  virtual void begin(Connection& writer) = 0;
  virtual void commit(Connection& writer) = 0;
  virtual void rollback(Connection& writer) noexcept = 0;

  // Syncs what was committed; false where that is the host's matter.
  virtual bool sync() = 0;
  // True when nothing is left to do.
  virtual bool maintain(uint32_t budget_ms) = 0;
  virtual void interrupt_connections() = 0;
  virtual StoreInfo info() = 0;
  // What SQLite finds wrong with its pages, line by line; false where it cannot be asked.
  virtual bool check_pages(int limit, const std::function<void(const std::string&)>& found) = 0;
  // Copies what is committed into a new file; throws kUnsupported where the file is the host's.
  virtual void copy_to(const std::string& path) = 0;
  // Writes the file anew without gaps; throws kUnsupported where there is no file of its own.
  virtual void compact() = 0;
  // Moves the journal into the file and lets go of all locks and handles; the next call takes them
  // again. Throws kBusy where a transaction or a call holds them.
  virtual void suspend() = 0;
  virtual bool read_only() const { return false; }
  // The database can be read. Until then closing it changes nothing, not even its journal.
  virtual void set_sound() {}
  // Whether this opening has created the database.
  virtual bool is_new() const { return false; }
  virtual std::string path() const { return {}; }

  ShapeDictionary& shapes() { return shapes_; }

  // Makes what runs now end with kCancelled.
  void interrupt() {
    interrupts_.fetch_add(1, std::memory_order_relaxed);
    interrupt_connections();
  }
  const std::atomic<uint64_t>& interrupts() const { return interrupts_; }

  static int64_t now_ms();
  // Differs between a process and its forked children.
  static uint64_t process();

  static std::shared_ptr<Store> open_file(const StoreOptions& options);
  static std::shared_ptr<Store> open_memory(const StoreOptions& options);
  static std::shared_ptr<Store> open_host(const SqlHost& host, const StoreOptions& options);

 protected:
  friend class Lease;
  virtual void give_back(Connection& connection, bool writes) = 0;

 private:
  ShapeDictionary shapes_;
  std::atomic<uint64_t> interrupts_{0};
};

inline Lease::~Lease() {
  if (store_ != nullptr) store_->give_back(*connection_, writes_);
}

// Lets a long piece of work end when it is interrupted: made at its start, asked now and then.
class Interruptible {
 public:
  explicit Interruptible(const Store& store)
      : interrupts_(store.interrupts()), start_(interrupts_.load(std::memory_order_relaxed)) {}
  // How often rows are worth a look: those of one batch, for example.
  static constexpr int64_t kRows = 256;

  void check() const {
    if (interrupts_.load(std::memory_order_relaxed) != start_)
      throw Error(Status::kCancelled, "interrupted");
  }

 private:
  const std::atomic<uint64_t>& interrupts_;
  uint64_t start_;
};

}  // namespace cairn
