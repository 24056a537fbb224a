// Stores with one connection: in memory, or over a host's SQL. Every use waits for its turn.

#include <algorithm>

#include "core/platform/clock.h"
#include "core/platform/process.h"
#include "core/storage/format.h"
#include "core/storage/gate.h"
#include "core/storage/native_connection.h"
#include "core/storage/page_copy.h"
#include "core/storage/store.h"

namespace cairn {
namespace {

class SingleStore : public Store {
 public:
  SingleStore(std::unique_ptr<Connection> connection, NativeConnection* native, uint32_t timeout_ms)
      : connection_(std::move(connection)), native_(native), timeout_ms_(timeout_ms) {
    ensure_format(*connection_);
  }

  Lease reader() override {
    gate_.enter(timeout_ms_, interrupts());
    return Lease(*this, *connection_, false);
  }
  Lease writer() override { return reader(); }

  bool holds() const override { return false; }
  std::unique_ptr<Snapshot> snapshot() override { return nullptr; }
  void begin(Connection&) override {}
  void commit(Connection&) override {}
  void rollback(Connection&) noexcept override {}

  bool sync() override { return false; }
  bool maintain(uint32_t) override { return true; }
  void interrupt_connections() override {
    if (native_ != nullptr) native_->interrupt();
  }
  StoreInfo info() override {
    if (native_ == nullptr) return {};
    Lease lease = reader();
    auto page = static_cast<uint64_t>(native_->integer("PRAGMA page_size"));
    return {page * static_cast<uint64_t>(native_->integer("PRAGMA page_count")), 0,
            page * static_cast<uint64_t>(native_->integer("PRAGMA freelist_count"))};
  }
  void copy_to(const std::string& path) override {
    if (native_ == nullptr) throw Error(Status::kUnsupported, "a host copies its own database");
    Lease lease = reader();
    copy_pages(*native_, path, Interruptible(*this));
  }
  void compact() override {
    if (native_ == nullptr) throw Error(Status::kUnsupported, "a host compacts its own database");
    Lease lease = reader();
    native_->execute("VACUUM");
  }
  void suspend() override {}  // it holds nothing of the system
  bool check_pages(int, const std::function<void(const std::string&)>&) override { return false; }

 protected:
  void give_back(Connection&, bool) override { gate_.leave(); }

 private:
  std::unique_ptr<Connection> connection_;
  NativeConnection* native_;  // the connection, where it is SQLite's own
  uint32_t timeout_ms_;
  Gate gate_;
};

}  // namespace

std::shared_ptr<Store> Store::open_memory(const StoreOptions& options) {
  auto connection = std::make_unique<NativeConnection>("", NativeConnection::Mode::kMemory, 0);
  NativeConnection* native = connection.get();
  return std::make_shared<SingleStore>(std::move(connection), native, options.busy_timeout_ms);
}

std::shared_ptr<Store> Store::open_host(const SqlHost& host, const StoreOptions& options) {
  return std::make_shared<SingleStore>(std::make_unique<ExecutorConnection>(host), nullptr,
                                       options.busy_timeout_ms);
}

int64_t Store::now_ms() { return cairn::now_ms(); }
uint64_t Store::process() { return process_generation(); }

}  // namespace cairn
