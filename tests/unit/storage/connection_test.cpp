// Connections: statements that are kept, parameters and columns, transactions and what errors leave
// behind. Over native SQLite and a host's SQL alike.
#include "core/storage/connection.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <new>
#include <optional>

#include "core/storage/native_connection.h"
#include "support/stores.h"

namespace cairn::unit {
namespace {

using namespace std::literals;

class ConnectionTest : public StoreTest {
 protected:
  ConnectionTest() : store_(open_store()) {}

  void put(Connection& connection, std::string_view key, std::string_view value) {
    Query(connection.statement(Sql::kMetadataWrite)).with(1, key, value).run();
  }
  std::optional<std::string> get(Connection& connection, std::string_view key) {
    Query query(connection.statement(Sql::kMetadataRead));
    if (!query.with(1, key).step()) return std::nullopt;
    return std::string(as_text(query.bytes(0)));
  }
  std::optional<std::string> get(std::string_view key) {
    Lease lease = store_->reader();
    return get(*lease, key);
  }

  std::shared_ptr<Store> store_;
};
CAIRN_OVER_ALL_STORES(ConnectionTest);

TEST_P(ConnectionTest, StatementsAreKept) {
  Lease lease = store_->writer();
  Statement& first = lease->statement(Sql::kFormatRead);
  EXPECT_EQ(&lease->statement(Sql::kFormatRead), &first);
  EXPECT_NE(&lease->statement(Sql::kShapesSince), &first);
  for (size_t i = 0; kCreateCollection[i] != nullptr; ++i)
    for (int64_t id : {1, 2}) lease->execute(with_collection(kCreateCollection[i], id));
  Statement& rows = lease->statement(Sql::kRowByKey, 1);
  EXPECT_EQ(&lease->statement(Sql::kRowByKey, 1), &rows);
  EXPECT_NE(&lease->statement(Sql::kRowByKey, 2), &rows);
  lease->forget(1);
  EXPECT_EQ(&lease->statement(Sql::kFormatRead), &first);
}

TEST_P(ConnectionTest, AStatementRunsAgainWithOtherParameters) {
  Lease lease = store_->writer();
  lease->transaction([&] {
    for (int i = 0; i < 100; ++i)
      put(*lease, std::to_string(i), std::string(static_cast<size_t>(i), 'x'));
  });
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(get(*lease, std::to_string(i))->size(), static_cast<size_t>(i));
}

TEST_P(ConnectionTest, BytesSurviveAsTheyAre) {
  Lease lease = store_->writer();
  Random random(211);
  for (size_t size : {0u, 1u, 2u, 95u, 96u, 300u, 70000u, 1000000u}) {
    std::string value(size, '\0');
    for (char& byte : value) byte = static_cast<char>(random.next());
    std::string key = "nul \0 and \xff"s + std::to_string(size);
    lease->transaction([&] { put(*lease, key, value); });
    EXPECT_TRUE(get(*lease, key) == value) << size;
  }
}

TEST_P(ConnectionTest, IntegersOf53BitsSurvive) {
  Lease lease = store_->writer();
  for (int64_t value :
       {int64_t{0}, int64_t{-1}, int64_t{127}, int64_t{-129}, int64_t{1} << 31, int64_t{1} << 47,
        (int64_t{1} << 53) - 1, int64_t{1} << 53, -(int64_t{1} << 53)}) {
    lease->transaction([&] { Query(lease->statement(Sql::kFormatWrite)).with(99, value).run(); });
    Query query(lease->statement(Sql::kFormatRead));
    ASSERT_TRUE(query.with(99).step());
    EXPECT_EQ(query.integer(0), value);
    EXPECT_FALSE(query.step());
  }
}

TEST_P(ConnectionTest, NullsAreNoBytes) {
  Lease lease = store_->writer();
  for (size_t i = 0; kCreateCollection[i] != nullptr; ++i)
    lease->execute(with_collection(kCreateCollection[i], 1));
  lease->transaction([&] {
    Query(lease->statement(Sql::kRowInsert, 1)).with(1, "k"sv, 1, "v"sv, Nullable{}).run();
    Query(lease->statement(Sql::kRowInsert, 1))
        .with(2, "l"sv, 1, "v"sv, Nullable{as_bytes("m")})
        .run();
  });
  Query query(lease->statement(Sql::kRowsFrom, 1));
  query.with(0, 10, 0);
  ASSERT_TRUE(query.step());
  EXPECT_TRUE(query.bytes(4).empty());
  ASSERT_TRUE(query.step());
  EXPECT_EQ(as_text(query.bytes(4)), "m");
  EXPECT_FALSE(query.step());
}

TEST_P(ConnectionTest, ManyRowsComeInTheirOrder) {
  Lease lease = store_->writer();
  lease->transaction([&] {
    for (int i = 0; i < 1000; ++i) put(*lease, std::to_string(10000 + i), std::to_string(i));
  });
  Query query(lease->statement(Sql::kMetadataAll));
  query.with(1);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(query.step());
    ASSERT_EQ(as_text(query.bytes(1)), std::to_string(i));
  }
  EXPECT_FALSE(query.step());
}

TEST_P(ConnectionTest, ATransactionIsWholeOrNothing) {
  {
    Lease lease = store_->writer();
    lease->transaction([&] { put(*lease, "a", "1"); });
    auto failing = [&] {
      lease->transaction([&] {
        put(*lease, "a", "2");
        put(*lease, "b", "2");
        throw Error(Status::kCancelled, "enough");
      });
    };
    EXPECT_EQ(message_of(failing), "enough");
  }
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get("b"), std::nullopt);
  {
    Lease lease = store_->writer();
    lease->transaction([&] { put(*lease, "b", "3"); });
  }
  EXPECT_EQ(get("b"), "3");
}

TEST_P(ConnectionTest, WhatABodyThrowsComesThroughAsItIs) {
  struct Unusual {};
  Lease lease = store_->writer();
  EXPECT_THROW(lease->transaction([] { throw Unusual(); }), Unusual);
  EXPECT_THROW(lease->transaction([] { throw std::bad_alloc(); }), std::bad_alloc);
  lease->transaction([&] { put(*lease, "k", "v"); });
  EXPECT_EQ(get(*lease, "k"), "v");
}

TEST_P(ConnectionTest, AnErrorOfAStatementLeavesItUsable) {
  Lease lease = store_->writer();
  auto insert = [&](int64_t id, std::string_view name) {
    lease->transaction(
        [&] { Query(lease->statement(Sql::kCollectionInsert)).with(id, name).run(); });
  };
  insert(1, "a");
  EXPECT_NE(status_of([&] { insert(2, "a"); }), Status::kOk);  // the name is taken
  EXPECT_NE(status_of([&] { insert(1, "b"); }), Status::kOk);  // the number is taken
  insert(2, "b");
  Query query(lease->statement(Sql::kCollectionFind));
  ASSERT_TRUE(query.with("b"sv).step());
  EXPECT_EQ(query.integer(0), 2);
}

TEST_P(ConnectionTest, AnErrorInATransactionRollsBackWhatCameBefore) {
  Lease lease = store_->writer();
  lease->transaction([&] { Query(lease->statement(Sql::kCollectionInsert)).with(1, "a"sv).run(); });
  EXPECT_NE(status_of([&] {
              lease->transaction([&] {
                put(*lease, "k", "v");
                Query(lease->statement(Sql::kCollectionInsert)).with(1, "b"sv).run();
              });
            }),
            Status::kOk);
  EXPECT_EQ(get(*lease, "k"), std::nullopt);
}

TEST_P(ConnectionTest, ATableThatIsNotThereIsAnError) {
  Lease lease = store_->writer();
  EXPECT_NE(status_of([&] { Query(lease->statement(Sql::kRowByKey, 77)).with("k"sv).step(); }),
            Status::kOk);
  EXPECT_NE(status_of([&] { lease->execute("DROP TABLE cairn_rows_77"); }), Status::kOk);
}

TEST_P(ConnectionTest, WhatIsSeenBehindItIsThere) {
  Lease lease = store_->writer();
  lease->transaction([&] { put(*lease, "k", "v"); });
  if (in_memory()) return;
  RawDatabase raw(path());
  EXPECT_EQ(raw.blob("SELECT value FROM cairn_metadata"), "v");
}

TEST(NativeConnectionTest, ALimitThatIsBoundAgainPreparesNothingAgain) {
  NativeConnection connection("", NativeConnection::Mode::kMemory, 0);
  connection.execute(
      "CREATE TABLE cairn_rows_1(id INTEGER PRIMARY KEY, key, version, value, metadata)");
  for (int limit = 1; limit < 4; ++limit)
    Query(connection.statement(Sql::kRowsFrom, 1)).with(0, limit, 0).step();
  sqlite3_stmt* statement = sqlite3_next_stmt(connection.handle(), nullptr);
  EXPECT_EQ(sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_REPREPARE, 0), 0);
  // The SQLite that this runs with may be one that would not.
  int stable = 0;
  sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_ENABLE_QPSG, -1, &stable);
  EXPECT_EQ(stable, 1);
}

TEST(Sql, EveryTextIsForItsName) {
  // The table of texts and the enumeration are two lists; some pairs show that they go together.
  EXPECT_EQ(sql_text(Sql::kFormatRead, 5).find("SELECT value FROM cairn_format"), 0u);
  EXPECT_EQ(sql_text(Sql::kRowDelete, 5), "DELETE FROM cairn_rows_5 WHERE id = ?1");
  EXPECT_EQ(sql_text(Sql::kRowsClear, 12), "DELETE FROM cairn_rows_12");
  std::string joined = sql_text(Sql::kIndexedRowsFrom, 5, 12);
  EXPECT_NE(joined.find("cairn_index_5 "), std::string::npos);
  EXPECT_NE(joined.find("cairn_rows_12 "), std::string::npos);
  for (int i = 0; i < static_cast<int>(Sql::kCount); ++i)
    EXPECT_EQ(sql_text(static_cast<Sql>(i), 3, 4).find_first_of("#@"), std::string::npos) << i;
}

}  // namespace
}  // namespace cairn::unit
