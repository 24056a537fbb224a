// The page of a subset: takes rows that match in any order, and gives those of the page in theirs.
// Keeps no more than the page needs, where the order can be told at once. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/query/evaluator.h"
#include "core/query/order_key.h"
#include "core/query/subset.h"

namespace cairn {

class Page {
 public:
  // Registers what the order needs with `fields`.
  Page(const Subset& subset, RowFields& fields, HostAnswers& host);

  // Takes the row at which the fields are; false where a host has to answer first.
  bool add(int64_t row, Bytes key);
  // Has the host asked about the boundary's texts; those of rows wait for an answer already.
  void ask();
  // All rows of the page in their order. After it the page is empty.
  std::vector<int64_t> finish();

  fb::Sorting sorting() const;
  // Whether rows that come in order need not be read on.
  bool is_full() const {
    return in_order_ && kept_.size() >= most_ && (!has_boundary_ || past_boundary_);
  }
  // The rows come in their order already, and no clause has a text that a host would rank.
  void expect_order();

 private:
  struct Row {
    std::string key;  // encoded order values, then the row's key
    int64_t number;
    bool operator<(const Row& other) const { return key < other.key; }
  };
  // A row whose order values have texts to be ranked: the values as they are.
  struct Waiting {
    std::string values;
    std::string key;
    int64_t number;
  };
  enum class Place : uint8_t { kBefore, kEqual, kAfter };

  bool evaluate();
  bool has_ranks(const std::vector<Operand>& values) const;
  void encode(Bytes key);
  void keep(int64_t number);
  void keep_waiting(int64_t row, Bytes key);
  void set_boundary();
  Place place_of(Bytes key) const;

  const Subset& subset_;
  std::vector<Evaluator> clauses_;
  std::vector<OrderOptions> options_;
  std::vector<Operand> values_;
  ByteBuffer key_;
  uint64_t most_;  // offset + limit
  bool ranked_;    // texts are ranked by the host
  bool in_order_ = false;
  std::string boundary_;
  bool has_boundary_ = false;
  bool boundary_waits_ = false;
  bool past_boundary_ = false;
  std::vector<Row> kept_;   // a heap, the last row on top, where there is a limit
  std::vector<Row> equal_;  // to the boundary: all of them
  std::vector<Waiting> waiting_;
};

}  // namespace cairn
