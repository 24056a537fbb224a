// Interruption: what runs ends with kCancelled, what comes afterwards is not touched by it.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "core/storage/native_connection.h"
#include "support/stores.h"

namespace cairn::unit {
namespace {

class Interrupt : public StoreTest {
 protected:
  Interrupt() : store_(open_store()) {
    Lease lease = store_->writer();
    lease->transaction([&] {
      for (int i = 0; i < 2000; ++i)
        Query(lease->statement(Sql::kMetadataWrite))
            .with(1, std::to_string(i), std::string("v"))
            .run();
    });
  }

  // Interrupts the store from within SQLite, a few steps into its next statements.
  void interrupt_soon(Connection& connection) {
    sqlite3* database = dynamic_cast<NativeConnection&>(connection).handle();
    sqlite3_progress_handler(
        database, 100,
        [](void* store) {
          static_cast<Store*>(store)->interrupt();
          return 0;
        },
        store_.get());
  }
  static void leave_alone(Connection& connection) {
    sqlite3* database = dynamic_cast<NativeConnection&>(connection).handle();
    sqlite3_progress_handler(database, 0, nullptr, nullptr);
  }

  static int count(Connection& connection) {
    int rows = 0;
    Query query(connection.statement(Sql::kMetadataAll));
    query.with(1);
    while (query.step()) ++rows;
    return rows;
  }

  std::shared_ptr<Store> store_;
};
CAIRN_OVER_ALL_STORES(Interrupt);

TEST_P(Interrupt, AStatementThatRunsIsCancelled) {
  if (GetParam() == Kind::kHost) GTEST_SKIP() << "a host's statements are its own";
  Lease lease = store_->reader();
  interrupt_soon(*lease);
  EXPECT_EQ(status_of([&] { count(*lease); }), Status::kCancelled);
  leave_alone(*lease);
  EXPECT_EQ(count(*lease), 2000);
}

TEST_P(Interrupt, ATransactionThatIsCancelledIsRolledBack) {
  if (GetParam() == Kind::kHost) GTEST_SKIP() << "a host's statements are its own";
  Lease lease = store_->writer();
  EXPECT_EQ(status_of([&] {
              lease->transaction([&] {
                Query(lease->statement(Sql::kMetadataDelete)).with(1, std::string("7")).run();
                interrupt_soon(*lease);
                Query(lease->statement(Sql::kMetadataClear)).with(1).run();
              });
            }),
            Status::kCancelled);
  leave_alone(*lease);
  EXPECT_EQ(count(*lease), 2000);
}

TEST_P(Interrupt, LongWorkNoticesIt) {
  Interruptible before(*store_);
  before.check();
  store_->interrupt();
  EXPECT_EQ(status_of([&] { before.check(); }), Status::kCancelled);
  Interruptible after(*store_);
  after.check();
}

TEST_P(Interrupt, WithNothingRunningDoesNothing) {
  store_->interrupt();
  Lease lease = store_->reader();
  EXPECT_EQ(count(*lease), 2000);
}

}  // namespace
}  // namespace cairn::unit
