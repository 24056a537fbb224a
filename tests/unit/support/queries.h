// Queries for tests over every kind of store: two collections that take the same changes, of which
// one has indexes. What a query gives over the one it has to give over the other. One thread at a
// time.
#pragma once

#include <string>
#include <vector>

#include "support/collections.h"

namespace cairn {

void PrintTo(const QueryReport& report, std::ostream* out);

}  // namespace cairn

namespace cairn::unit {

// Reads "and(eq(g, 3), gt(n, 450))": names with arguments are calls, others are references (with
// dots where they go deeper), and the rest is JSON.
ExpressionPtr expression(const std::string& text);

// Clauses of an order: "n", "-n" where it descends, and "!" before them where null goes to the
// other end than an index has it.
OrderClause clause(std::string text);

LoadRequest query(const std::string& where, const std::vector<std::string>& order = {},
                  uint64_t limit = UINT64_MAX);

// The page behind a row: the value of the only clause, and the key.
PageBoundary boundary(const Value& value, const Value& key);

IndexDefinition definition(const std::vector<std::string>& expressions,
                           const std::string& where = "");

struct Answered {
  BatchRows rows;
  QueryReport report;
  std::vector<Value> keys() const;
};

class QueryTest : public CollectionTest {
 protected:
  QueryTest();

  // Opens both collections again.
  void reopen_both();
  // Over both collections.
  void apply_to_both(const Changes& changes, const TransactionOptions& options = {});

  IndexInfo ensure(const std::string& signature, const std::vector<std::string>& expressions,
                   const std::string& where = "", uint64_t max_rows = 0);

  // What a collection gives. Where the request says that there is a host: texts are ranked from
  // their end, and each free-form date is its length in milliseconds.
  static Answered answer(const std::shared_ptr<Collection>& collection, const LoadRequest& request);
  // What the collection with indexes gives; expects the same rows from the other one.
  Answered same(const LoadRequest& request);

  std::shared_ptr<Collection> indexed_;
  std::shared_ptr<Collection> plain_;
};

}  // namespace cairn::unit
