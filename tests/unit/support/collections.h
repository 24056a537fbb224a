// Collections for tests over every kind of store: transactions and reads in a line, with plain
// values. One thread at a time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/collection/cursor.h"
#include "core/collection/transaction.h"
#include "support/batches.h"
#include "support/stores.h"

namespace cairn {

void PrintTo(Outcome outcome, std::ostream* out);

}  // namespace cairn

namespace cairn::unit {

// Mutations, written one after another into a row batch.
class Changes {
 public:
  Changes& insert(const Value& key, const Object& value) { return add(fb::Op::Insert, key, value); }
  Changes& update(const Value& key, const Object& value) { return add(fb::Op::Update, key, value); }
  Changes& remove(const Value& key) { return add(fb::Op::Delete, key, {}); }
  // Row metadata; null takes it away.
  Changes& touch(const Value& key, const Value& metadata);
  Changes& add(BatchRow row);
  bool empty() const { return rows_.empty(); }
  // The batch's bytes.
  std::string batch() const;

 private:
  Changes& add(fb::Op op, const Value& key, const Object& value);
  BatchRows rows_;
};

// What a cursor gave.
struct Loaded {
  CursorHead head;
  BatchRows rows;
  size_t batches = 0;
};

// Rows by key, in the order of keys.
using Rows = std::map<std::string, Value>;

class CollectionTest : public StoreTest {
 protected:
  CollectionTest();

  // Forgets the database and opens it anew, as another process would.
  void reopen();
  Store& store() { return database_->store(); }

  std::shared_ptr<Collection> open(const std::string& name = "c",
                                   const CollectionOptions& options = {});
  // Another handle to the same database, which memory cannot have.
  std::shared_ptr<Database> open_database();

  static CommitResult apply(std::shared_ptr<Collection> collection, const Changes& changes,
                            const TransactionOptions& options = {});
  // Rows "k0", "k1", ... with the field "n".
  static Changes numbered(int from, int to);

  static Loaded load(std::shared_ptr<Collection> collection, LoadRequest request = {});
  static Loaded delta(std::shared_ptr<Collection> collection, uint64_t since, uint64_t epoch = 0);
  static Rows rows(std::shared_ptr<Collection> collection);
  static Value row(std::shared_ptr<Collection> collection, const Value& key);
  std::string digest() { return database_->digest().digest; }

  // Fails the test where check finds anything.
  void expect_in_order();

  std::shared_ptr<Database> database_;
};

// The keys of rows, for comparison with what a test expects.
std::vector<Value> keys_of(const BatchRows& rows, fb::Op op);

}  // namespace cairn::unit
